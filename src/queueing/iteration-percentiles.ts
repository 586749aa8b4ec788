import { bracketingRoot } from '../numerics/bracketing-root.ts';
import { normalQuantile } from '../numerics/normal-quantile.ts';
import { normalTail } from '../numerics/normal-tail.ts';
import { type ShiftedGamma, shiftedGammaQuantile, shiftedGammaTail } from '../numerics/shifted-gamma.ts';

/** A quantile is found within so much of its size. */
const TOLERANCE = 1e-10;

/** Gaps between tokens at one level of the batch: iterations without and with prefills of others. */
export interface Gaps {
  /** Share of all gaps. */
  share: number;
  /** Share of these iterations that bring in no prefill … */
  idle: number;
  /** … and how long such a one takes: mean and standard deviation. */
  stepsMs: number;
  deviationMs: number;
  /** The others. */
  readonly busy: ShiftedGamma;
}

export function newGaps(): Gaps {
  const nan = Number.NaN;
  return {
    share: nan,
    idle: nan,
    stepsMs: nan,
    deviationMs: nan,
    busy: { least: nan, mean: nan, variance: nan },
  };
}

/**
 * Describes gaps by what an iteration takes on average and without prefills.
 *
 * @param share of all gaps
 * @param stepsMs of an iteration without prefills, with its variance over the states
 * @param meanMs of all iterations, with the variance that prefills make
 * @param joining prefills per iteration
 * @param leastPrefillMs what any prefill takes at least
 */
export function describeGaps(
  gaps: Gaps,
  share: number,
  stepsMs: number,
  stepsVariance: number,
  meanMs: number,
  prefillVariance: number,
  joining: number,
  leastPrefillMs: number,
): void {
  const { busy } = gaps;
  const more = meanMs - stepsMs;
  gaps.share = share;
  gaps.idle = Math.exp(-joining);
  gaps.stepsMs = stepsMs;
  gaps.deviationMs = Math.sqrt(stepsVariance);
  // Moments of what prefills add, given that there are some.
  const some = -Math.expm1(-joining);
  const mean = some > 0 ? more / some : 0;
  const square = some > 0 ? (prefillVariance + more * more) / some : 0;
  busy.least = stepsMs + Math.min(leastPrefillMs, 0.98 * mean);
  busy.mean = stepsMs + mean;
  busy.variance = Math.max(0, square - mean * mean) + stepsVariance;
}

/** The gap that a share `p` of all does not exceed. */
export function gapQuantile(p: number, below: Gaps, full: Gaps): number {
  const z = normalQuantile(p);
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const gaps of [below, full]) {
    if (gaps.share === 0) continue;
    const quiet = gaps.stepsMs + z * widthOf(gaps);
    const busy = shiftedGammaQuantile(gaps.busy, z);
    low = Math.min(low, quiet, busy);
    high = Math.max(high, quiet, busy);
  }
  return quantileWithin(p, low, high, (x) => below.share * gapTail(below, x) + full.share * gapTail(full, x));
}

function gapTail(gaps: Gaps, x: number): number {
  const { share, idle, stepsMs, busy } = gaps;
  if (share === 0) return 0;
  return idle * normalTail((x - stepsMs) / widthOf(gaps)) + (1 - idle) * shiftedGammaTail(busy, x);
}

/** A step that hardly varies still needs some width, for the quantile to be continuous. */
function widthOf({ stepsMs, deviationMs }: Gaps): number {
  return Math.max(deviationMs, 1e-3 * stepsMs);
}

/**
 * The time to first token that a share `p` of requests does not exceed.
 *
 * @param waits share of those that wait for a place
 */
export function ttftQuantile(p: number, waits: number, quick: ShiftedGamma, slow: ShiftedGamma): number {
  const z = normalQuantile(p);
  const ofQuick = shiftedGammaQuantile(quick, z);
  if (waits === 0) return ofQuick;
  const ofSlow = shiftedGammaQuantile(slow, z);
  return quantileWithin(
    p,
    Math.min(ofQuick, ofSlow),
    Math.max(ofQuick, ofSlow),
    (x) => (1 - waits) * shiftedGammaTail(quick, x) + waits * shiftedGammaTail(slow, x),
  );
}

/** Where the falling tail of a mixture comes to 1 - p: between the quantiles of its parts, by its logarithm, which is all but linear. */
function quantileWithin(p: number, low: number, high: number, tail: (x: number) => number): number {
  const wanted = Math.log1p(-p);
  const excess = (x: number) => wanted - Math.log(Math.max(tail(x), Number.MIN_VALUE));
  const atHigh = excess(high);
  // All parts are there, up to the approximation of the normal tail.
  if (atHigh <= 0) return high;
  return bracketingRoot(excess, low, excess(low), high, atHigh, TOLERANCE, Number.NaN);
}
