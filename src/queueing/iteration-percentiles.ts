import { Mixture, type ShiftedGamma } from '../numerics/mixture.ts';

/** At most: gaps below a full batch and at it, without prefills and with some. */
const mixture = new Mixture(4);

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
  mixture.clear();
  addGaps(below);
  addGaps(full);
  return mixture.quantile(p);
}

function addGaps({ share, idle, stepsMs, deviationMs, busy }: Gaps): void {
  // A step that hardly varies still needs some width, for the quantile to be continuous.
  mixture.addNormal(share * idle, stepsMs, Math.max(deviationMs, 1e-3 * stepsMs));
  mixture.addGamma(share * (1 - idle), busy);
}

/**
 * The time to first token that a share `p` of requests does not exceed.
 *
 * @param waits share of those that wait for a place
 */
export function ttftQuantile(p: number, waits: number, quick: ShiftedGamma, slow: ShiftedGamma): number {
  mixture.clear();
  mixture.addGamma(1 - waits, quick);
  mixture.addGamma(waits, slow);
  return mixture.quantile(p);
}
