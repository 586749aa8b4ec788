import type { Point } from '../schemas/metrics.ts';
import type { AnalyzeRequest } from '../schemas/station.ts';
import { newMetrics, type Queue, type QueueMetrics } from './queue-model.ts';

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
