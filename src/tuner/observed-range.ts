import type { ObservedRange } from '../schemas/observed-range.ts';

/** A load that one replica was observed under, with its latencies (ms). */
interface Observed {
  readonly requestsPerSec: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly maxBatchSize: number;
  readonly ttftMs: number;
  readonly itlMs: number;
  /** Requests in flight, where that was measured. */
  readonly concurrency?: number | null;
}

/** What observations span; null: there are none. */
export function observedRangeOf(points: readonly Observed[]): ObservedRange | null {
  if (points.length === 0) return null;
  const requestsPerSec = emptyRange();
  const inputTokens = emptyRange();
  const outputTokens = emptyRange();
  const inService = emptyRange();
  for (const point of points) {
    widen(requestsPerSec, point.requestsPerSec);
    widen(inputTokens, point.inputTokens);
    widen(outputTokens, point.outputTokens);
    widen(inService, inServiceOf(point));
  }
  return { requestsPerSec, inputTokens, outputTokens, inService };
}

const emptyRange = () => ({ from: Number.POSITIVE_INFINITY, to: 0 });

function widen(range: { from: number; to: number }, value: number): void {
  range.from = Math.min(range.from, value);
  range.to = Math.max(range.to, value);
}

/** As measured, so that it holds whatever law is found. L = λ·W, with those that wait: few, as overload is left out. */
function inServiceOf(point: Observed): number {
  const { requestsPerSec, outputTokens, ttftMs, itlMs, maxBatchSize } = point;
  const responseMs = ttftMs + (outputTokens - 1) * itlMs;
  return Math.min(maxBatchSize, point.concurrency ?? (requestsPerSec * responseMs) / 1000);
}
