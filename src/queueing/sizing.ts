import { bracketingRoot } from '../numerics/bracketing-root.ts';
import { risingRoot } from '../numerics/rising-root.ts';
import type { Targets } from '../schemas/fleet.ts';
import type { LatencyTarget, TargetName } from '../schemas/station.ts';
import {
  atLeastOneBound,
  type Bounds,
  boundsOf,
  meets,
  missedAt,
  nearer,
  onlyBound,
  shareOfBounds,
} from './latency-bounds.ts';
import type { Queue, QueueEstimates, QueueMetrics } from './queue-model.ts';

/** A replica that owes a token rate is sized at this share of its highest stable rate. */
const TOKEN_RATE_SHARE = 0.9;

/** How far below its target a binding latency may end, and how narrow the bracket gets (relative). */
const TOLERANCE = 1e-7;

export type SizedRate =
  | { readonly feasible: true; readonly requestsPerSec: number; readonly binding: TargetName | 'stability' }
  | { readonly feasible: false; readonly binding: LatencyTarget };

/**
 * Highest rate of one replica at which every target given holds (0 or absent: not considered).
 * Where the chunk count of the mean batch changes, latencies jump, and a target can be crossed more than once: the
 * answer is the least of the crossings that bisection of the whole range finds for each target.
 *
 * @param scratch holds the metrics at the answer's rate afterwards; at the lowest rate when there is no answer
 */
export function sizeRate(queue: Queue, targets: Targets, scratch: QueueMetrics): SizedRate {
  const bounds = boundsOf(targets);
  const owesTokens = (targets.minTokensPerSec ?? 0) > 0;
  const high = queue.maxRequestsPerSec * (owesTokens ? TOKEN_RATE_SHARE : 1);
  const low = Math.min(queue.minRequestsPerSec, high);
  if (queue.tellsLatencies === false) {
    queue.evaluate(high, scratch);
    return atHighEnd(high, owesTokens);
  }
  const searched = queue.against?.(bounds) ?? queue;
  if (searched !== queue && queue.estimates && estimatedRate(queue.estimates, bounds) >= high) {
    // Where the highest rate is expected to do it is told what it is like at once, without a search before.
    queue.evaluate(high, scratch);
    if (meets(scratch, bounds)) return atHighEnd(high, owesTokens);
  }
  const sized = sizeWithin(searched, bounds, low, high, owesTokens, scratch);
  if (searched !== queue) queue.evaluate(sized.feasible ? sized.requestsPerSec : low, scratch);
  return sized;
}

function sizeWithin(
  queue: Queue,
  bounds: Bounds,
  low: number,
  high: number,
  owesTokens: boolean,
  scratch: QueueMetrics,
): SizedRate {
  const estimates = queue.rises ? queue.estimates : undefined;
  if (estimates) return sizeRising(queue, estimates, bounds, low, high, owesTokens, scratch);

  const highEnd = endAt(queue, high, scratch);
  if (meets(highEnd, bounds)) {
    return atHighEnd(high, owesTokens);
  }
  // Only a target that fails at the high end is crossed on the way there.
  const left = missedAt(highEnd, bounds);
  const lowEnd = endAt(queue, low, scratch);
  if (!meets(lowEnd, left)) return { feasible: false, binding: nearer(lowEnd, left) };

  const found = leastCrossing(queue, lowEnd, highEnd, left, scratch);
  if (meets(found, bounds))
    return { feasible: true, requestsPerSec: found.rate, binding: nearer(found, left) };

  // Where a latency falls with the rate, a target that holds further up may fail here: search below for both.
  const binding = nearer(found, bounds);
  const reachable = meets(lowEnd, bounds);
  const { rate } = reachable ? crossing(queue, lowEnd, found, bounds, scratch) : endAt(queue, low, scratch);
  return reachable ? { feasible: true, requestsPerSec: rate, binding } : { feasible: false, binding };
}

function atHighEnd(high: number, owesTokens: boolean): SizedRate {
  return { feasible: true, requestsPerSec: high, binding: owesTokens ? 'minTokensPerSec' : 'stability' };
}

/** The same where the latencies rise with the rate, from the estimates: the ends are looked at only if these lead there. */
function sizeRising(
  queue: Queue,
  estimates: QueueEstimates,
  bounds: Bounds,
  low: number,
  high: number,
  owesTokens: boolean,
  scratch: QueueMetrics,
): SizedRate {
  const excess = (rate: number) => {
    queue.evaluate(rate, scratch);
    return excessOf(scratch, bounds);
  };
  const first = atLeastOneBound(bounds) ? estimatedRate(estimates, bounds) : high;
  const corrected = (_: number, rate: number) => correctedRate(estimates, bounds, scratch, rate);
  const rate = risingRoot(excess, low, high, TOLERANCE / 2, first, corrected);
  const binding = nearer(scratch, bounds);
  if (!meets(scratch, bounds)) return { feasible: false, binding };
  return rate === high ? atHighEnd(high, owesTokens) : { feasible: true, requestsPerSec: rate, binding };
}

/** An end of the bracket, with what was seen there. */
interface End extends Bounds {
  readonly rate: number;
  readonly segment: number;
}

function endAt(queue: Queue, rate: number, scratch: QueueMetrics): End {
  queue.evaluate(rate, scratch);
  return seenAt(rate, scratch);
}

function seenAt(rate: number, { ttftMs, itlMs, responseMs, segment }: QueueMetrics): End {
  return { rate, ttftMs, itlMs, responseMs, segment };
}

/** One search for all bounds where the latencies are continuous; where they jump, one for each as it would be alone. */
function leastCrossing(queue: Queue, low: End, high: End, bounds: Bounds, scratch: QueueMetrics): End {
  if (low.segment === high.segment) return crossing(queue, low, high, bounds, scratch);
  const alone = (target: LatencyTarget) => {
    const only = onlyBound(bounds, target);
    return meets(high, only) ? high.rate : crossing(queue, low, high, only, scratch).rate;
  };
  return endAt(queue, Math.min(alone('ttftMs'), alone('itlMs'), alone('e2eMs')), scratch);
}

/** Where the bounds just hold between a low end that meets them and a high end that does not; `scratch` shows it. */
function crossing(queue: Queue, lowEnd: End, highEnd: End, bounds: Bounds, scratch: QueueMetrics): End {
  const excess = (rate: number) => {
    queue.evaluate(rate, scratch);
    return excessOf(scratch, bounds);
  };

  let low = lowEnd;
  let high = highEnd;
  while (low.segment !== high.segment && high.rate - low.rate > TOLERANCE * low.rate) {
    const middle = endAt(queue, (low.rate + high.rate) / 2, scratch);
    if (excessOf(middle, bounds) <= 0) low = middle;
    else high = middle;
  }
  const { estimates } = queue;
  const first = estimates ? estimatedRate(estimates, bounds) : Number.NaN;
  if (estimates && first > low.rate && first < high.rate) {
    const corrected = (_: number, rate: number) => correctedRate(estimates, bounds, scratch, rate);
    return seenAt(risingRoot(excess, low.rate, high.rate, TOLERANCE / 2, first, corrected), scratch);
  }
  const [fLow, fHigh] = [excessOf(low, bounds), excessOf(high, bounds)];
  const root = bracketingRoot(excess, low.rate, fLow, high.rate, fHigh, TOLERANCE / 2, first);
  return endAt(queue, root, scratch);
}

/**
 * 1 - bound/latency is all but linear in the rate: the latencies grow like 1/(1 - utilization).
 * Half the tolerance is added so that a root found within it lies on the side where the bounds hold.
 */
function excessOf(seen: Bounds, bounds: Bounds): number {
  return 1 - shareOfBounds(seen, bounds) + TOLERANCE / 2;
}

/** Where closed forms expect each bound to be reached (requests/s): as last asked. */
const expected = { ttft: Number.NaN, itl: Number.NaN, response: Number.NaN };

/** Where closed forms expect the crossing; NaN where they do not say. */
function estimatedRate(estimates: QueueEstimates, { ttftMs, itlMs, responseMs }: Bounds): number {
  const none = Number.POSITIVE_INFINITY;
  expected.itl = itlMs === none ? none : estimates.rateForItlPerSec(itlMs);
  expected.ttft = ttftMs === none ? none : estimates.rateForTtftPerSec(ttftMs);
  expected.response =
    responseMs === none ? none : (estimates.rateForResponsePerSec?.(responseMs) ?? Number.NaN);
  return Math.min(expected.itl, expected.ttft, expected.response);
}

/**
 * Where to go from the rate that the estimates led to: what those for a bound were wrong by there they are taken to be wrong by again.
 * One that is expected further up, and is not the nearest, was not put to the test.
 */
function correctedRate(estimates: QueueEstimates, bounds: Bounds, seen: Bounds, rate: number): number {
  const binding = nearer(seen, bounds);
  const overshot = (latency: keyof Bounds) => (bounds[latency] * bounds[latency]) / seen[latency];
  const { itl, ttft, response } = expected;
  return Math.min(
    itl > rate && binding !== 'itlMs' ? itl : estimates.rateForItlPerSec(overshot('itlMs')),
    ttft > rate && binding !== 'ttftMs' ? ttft : estimates.rateForTtftPerSec(overshot('ttftMs')),
    response > rate && binding !== 'e2eMs'
      ? response
      : (estimates.rateForResponsePerSec?.(overshot('responseMs')) ?? Number.NaN),
  );
}
