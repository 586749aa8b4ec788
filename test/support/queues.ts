import { newMetrics, type Queue, type QueueMetrics } from '../../src/queueing/queue-model.ts';

export function metricsAt(queue: Queue, requestsPerSec: number): QueueMetrics {
  const metrics = newMetrics();
  queue.evaluate(requestsPerSec, metrics);
  return metrics;
}

export interface Watched {
  readonly queue: Queue;
  /** Evaluations so far, those under other batch limits included. */
  readonly evaluations: () => number;
  /** Batch limits asked for. */
  readonly batchLimits: ReadonlySet<number>;
}

/** The same queue through its contract alone; without its estimates where they are to be withheld. */
export function watched(original: Queue, withEstimates = true): Watched {
  let evaluations = 0;
  const batchLimits = new Set<number>();
  const wrap = (queue: Queue): Queue => ({
    maxBatchSize: queue.maxBatchSize,
    minRequestsPerSec: queue.minRequestsPerSec,
    maxRequestsPerSec: queue.maxRequestsPerSec,
    ...(queue.rises !== undefined && { rises: queue.rises }),
    ...(withEstimates && queue.estimates && { estimates: queue.estimates }),
    evaluate(requestsPerSec, metrics) {
      evaluations++;
      queue.evaluate(requestsPerSec, metrics);
    },
    withMaxBatchSize(maxBatchSize) {
      batchLimits.add(maxBatchSize);
      return wrap(queue.withMaxBatchSize(maxBatchSize));
    },
  });
  return { queue: wrap(original), evaluations: () => evaluations, batchLimits };
}

export interface Latencies {
  readonly ttftMs?: number;
  readonly itlMs?: number;
}

/** Whether targets hold, but for rounding: a latency that never changes may differ from itself by that. */
export function meets(metrics: QueueMetrics, { ttftMs = Infinity, itlMs = Infinity }: Latencies): boolean {
  return metrics.ttftMs <= ttftMs * (1 + 1e-9) && metrics.itlMs <= itlMs * (1 + 1e-9);
}

/** Targets between what a station reaches when it is all but empty and when it is full. */
export function targetsBetween(queue: Queue, ttftShare: number, itlShare: number): Required<Latencies> {
  const low = metricsAt(queue, queue.minRequestsPerSec);
  const high = metricsAt(queue, queue.maxRequestsPerSec);
  return {
    // Waits grow by orders of magnitude.
    ttftMs: low.ttftMs * (high.ttftMs / low.ttftMs) ** ttftShare,
    itlMs: low.itlMs + (high.itlMs - low.itlMs) * itlShare,
  };
}
