import type { LatencyPercentiles, Point } from '../schemas/metrics.ts';
import type { AnalyzeRequest } from '../schemas/station.ts';
import { newMetrics, type Queue, type QueueMetrics } from './queue-model.ts';

/** The percentiles that an answer shows. */
const TOLD = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 };

/** Metrics of one replica at one rate > 0, as an answer shows them: unbounded values are null. */
export function analyze(queue: Queue, requestsPerSec: number, scratch: QueueMetrics = newMetrics()): Point {
  queue.evaluate(requestsPerSec, scratch);
  return {
    requestsPerSec,
    status: requestsPerSec > queue.maxRequestsPerSec ? 'overloaded' : 'stable',
    throughputPerSec: scratch.throughputPerSec,
    lossFraction: scratch.lossFraction,
    waitMs: finite(scratch.waitMs),
    prefillMs: finite(scratch.prefillMs),
    ttftMs: finite(scratch.ttftMs),
    itlMs: finite(scratch.itlMs),
    responseMs: finite(scratch.responseMs),
    inService: scratch.inService,
    utilizationFraction: scratch.inService / queue.maxBatchSize,
  };
}

/** The same points with the percentiles that the model tells; null: grows without bound, or in an answer of means alone. */
export function withPercentiles(queue: Queue, points: readonly Point[], scratch: QueueMetrics): Point[] {
  const views = Object.entries(TOLD).map(
    ([name, p]) => [name, queue.atPercentiles?.({ ttft: p, itl: p })] as const,
  );
  return points.map((point) => {
    const at = views.map(([name, view]) => {
      view?.evaluate(point.requestsPerSec, scratch);
      return {
        name,
        ttftMs: view ? finite(scratch.ttftMs) : null,
        itlMs: view ? finite(scratch.itlMs) : null,
      };
    });
    const told = (latency: 'ttftMs' | 'itlMs') =>
      at.some((one) => one[latency] === null)
        ? null
        : (Object.fromEntries(at.map((one) => [one.name, one[latency]])) as LatencyPercentiles);
    return { ...point, ttftPercentilesMs: told('ttftMs'), itlPercentilesMs: told('itlMs') };
  });
}

/** The rates that a request for a curve names. */
export function ratesOf(requested: AnalyzeRequest['requestsPerSec']): readonly number[] {
  if (typeof requested === 'number') return [requested];
  if (Array.isArray(requested)) return requested;
  const { from, to, points = 50 } = requested;
  if (points === 1) return [from];
  return Array.from({ length: points }, (_, i) => from + ((to - from) * i) / (points - 1));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
