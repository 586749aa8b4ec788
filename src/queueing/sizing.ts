import { bracketingRoot } from '../numerics/bracketing-root.ts';
import type { Targets } from '../schemas/fleet.ts';
import type { TargetName } from '../schemas/station.ts';
import type { Queue, QueueMetrics } from './queue-model.ts';

/** A replica that owes a token rate is sized at this share of its highest stable rate. */
const TOKEN_RATE_SHARE = 0.9;

/** How far below its target a binding latency may end, and how narrow the bracket gets (relative). */
const TOLERANCE = 1e-7;

export type SizedRate =
  | { readonly feasible: true; readonly requestsPerSec: number; readonly binding: TargetName | 'stability' }
  | { readonly feasible: false; readonly binding: 'ttftMs' | 'itlMs' };

/**
 * Highest rate of one replica at which every target given holds on the mean (0 or absent: not considered).
 * Where the chunk count of the mean batch changes, TTFT and ITL jump, and a target can be crossed more than once: the
 * answer is the least of the crossings that bisection of the whole range finds for each target.
 *
 * @param scratch holds the metrics at the answer's rate afterwards; at the lowest rate when there is no answer
 */
export function sizeRate(queue: Queue, targets: Targets, scratch: QueueMetrics): SizedRate {
  const ttft = targets.ttftMs || Number.POSITIVE_INFINITY;
  const itl = targets.itlMs || Number.POSITIVE_INFINITY;
  const owesTokens = (targets.minTokensPerSec ?? 0) > 0;
  const high = queue.maxRequestsPerSec * (owesTokens ? TOKEN_RATE_SHARE : 1);
  const low = Math.min(queue.minRequestsPerSec, high);

  queue.evaluate(high, scratch);
  // Only a target that fails at the high end is crossed on the way there.
  const ttftLeft = scratch.ttftMs <= ttft ? Number.POSITIVE_INFINITY : ttft;
  const itlLeft = scratch.itlMs <= itl ? Number.POSITIVE_INFINITY : itl;
  if (ttftLeft === itlLeft && ttftLeft === Number.POSITIVE_INFINITY) {
    return { feasible: true, requestsPerSec: high, binding: owesTokens ? 'minTokensPerSec' : 'stability' };
  }
  const highEnd: End = { rate: high, ttftMs: scratch.ttftMs, itlMs: scratch.itlMs, segment: scratch.segment };
  queue.evaluate(low, scratch);
  if (scratch.ttftMs > ttftLeft || scratch.itlMs > itlLeft) {
    return { feasible: false, binding: nearer(scratch, ttftLeft, itlLeft) };
  }
  const lowEnd: End = { rate: low, ttftMs: scratch.ttftMs, itlMs: scratch.itlMs, segment: scratch.segment };

  const rate =
    lowEnd.segment === highEnd.segment
      ? crossing(queue, lowEnd, highEnd, ttftLeft, itlLeft, scratch)
      : Math.min(
          ttftLeft < Number.POSITIVE_INFINITY
            ? crossing(queue, lowEnd, highEnd, ttftLeft, Number.POSITIVE_INFINITY, scratch)
            : high,
          itlLeft < Number.POSITIVE_INFINITY
            ? crossing(queue, lowEnd, highEnd, Number.POSITIVE_INFINITY, itlLeft, scratch)
            : high,
        );
  queue.evaluate(rate, scratch);
  const binding = nearer(scratch, ttftLeft, itlLeft);
  // Below a batch limit of 4 ITL falls with the rate: it may hold at the high end only, where TTFT does not.
  if (itlLeft === Number.POSITIVE_INFINITY && scratch.itlMs > itl)
    return { feasible: false, binding: 'itlMs' };
  return { feasible: true, requestsPerSec: rate, binding };
}

/** An end of the bracket, with what was seen there. */
interface End {
  readonly rate: number;
  readonly ttftMs: number;
  readonly itlMs: number;
  readonly segment: number;
}

/** The rate between a low end that meets both targets and a high end that does not, at which they just hold. */
function crossing(
  queue: Queue,
  lowEnd: End,
  highEnd: End,
  ttft: number,
  itl: number,
  scratch: QueueMetrics,
): number {
  // 1 - target/metric is all but linear in the rate: the latencies grow like 1/(1 - utilization).
  // Half the tolerance is added so that a root found within it lies on the side where the targets hold.
  const excessOf = (metrics: { ttftMs: number; itlMs: number }) =>
    1 - Math.min(ttft / metrics.ttftMs, itl / metrics.itlMs) + TOLERANCE / 2;
  const excess = (rate: number) => {
    queue.evaluate(rate, scratch);
    return excessOf(scratch);
  };

  let low = lowEnd.rate;
  let high = highEnd.rate;
  let lowExcess = excessOf(lowEnd);
  let highExcess = excessOf(highEnd);
  let lowSegment = lowEnd.segment;
  let highSegment = highEnd.segment;
  while (lowSegment !== highSegment && high - low > TOLERANCE * low) {
    const middle = (low + high) / 2;
    const middleExcess = excess(middle);
    if (middleExcess <= 0) {
      low = middle;
      lowExcess = middleExcess;
      lowSegment = scratch.segment;
    } else {
      high = middle;
      highExcess = middleExcess;
      highSegment = scratch.segment;
    }
  }
  return bracketingRoot(
    excess,
    low,
    lowExcess,
    high,
    highExcess,
    TOLERANCE / 2,
    estimatedRate(queue, ttft, itl),
  );
}

/** The latency that is nearest to its target, or furthest beyond it. */
function nearer(metrics: QueueMetrics, ttft: number, itl: number): 'ttftMs' | 'itlMs' {
  return metrics.ttftMs / ttft > metrics.itlMs / itl ? 'ttftMs' : 'itlMs';
}

/** Where closed forms expect the crossing; NaN where they do not say. */
function estimatedRate(queue: Queue, ttft: number, itl: number): number {
  const { estimates } = queue;
  if (!estimates) return Number.NaN;
  const ceiling = queue.maxBatchSize;
  const batch = Math.min(estimates.batchSizeForItl(itl, ceiling), estimates.batchSizeForTtft(ttft, ceiling));
  return batch < ceiling ? estimates.serviceRatePerSec(batch) : Number.NaN;
}
