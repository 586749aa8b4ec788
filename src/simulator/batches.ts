import { studentQuantile } from '../numerics/student-quantile.ts';

/** Between so many and twice as many fine batches are kept: they are joined in pairs when there are too many. */
export const FINE_BATCHES = 32;

/** Batches that the intervals are computed from: few long ones are nearly independent of one another. */
const INTERVAL_BATCHES = 14;

/** Share of the run that is left out, as long as it is under the influence of the empty start. */
const WARM_UP_SHARE = 1 / 8;

/** A stretch of fine batches, `to` exclusive. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Which of the fine batches count, and how they are grouped for intervals; no groups: too few for any. */
export interface Grouping {
  readonly counted: Stretch;
  readonly groups: readonly Stretch[];
}

/**
 * Nonoverlapping batch means (Law, Simulation Modeling and Analysis, §9.5.3): the first eighth is left out, the rest in 14 batches, as
 * equal as fine batches can be shared out.
 *
 * @param isStationary false: nothing is left out, and there are no intervals
 */
export function groupingOf(fineBatches: number, isStationary: boolean): Grouping {
  if (!isStationary) return { counted: { from: 0, to: fineBatches }, groups: [] };
  const from = Math.ceil(fineBatches * WARM_UP_SHARE);
  const counted = { from, to: fineBatches };
  const count = fineBatches - from;
  if (count < INTERVAL_BATCHES) return { counted, groups: [] };
  const cut = (i: number) => from + Math.round((i * count) / INTERVAL_BATCHES);
  const groups = Array.from({ length: INTERVAL_BATCHES }, (_, i) => ({ from: cut(i), to: cut(i + 1) }));
  return { counted, groups };
}

/** A mean with half the width of its 95 % confidence interval; NaN: not known. */
export interface Estimate {
  readonly mean: number;
  readonly halfWidth: number;
}

/** What one batch shows, and how much of the run it is, relative to the others. */
export interface BatchFigure {
  readonly weight: number;
  readonly value: number;
}

/** An estimate from so few batches may find any autocorrelation: beyond this one it says only that the run is too short. */
const MOST_AUTOCORRELATION = 0.8;

/**
 * Half the width of the 95 % confidence interval of a figure, from what it was in each batch; NaN: not known.
 *
 * Two things make the plain interval of batch means too narrow where a run is short for how slowly its queue forgets, and both are made
 * up for. Batches resemble their neighbours: the variance is multiplied by (1 + φ)/(1 - φ), φ being their lag-1 autocorrelation, as of an
 * autoregressive process (Steiger et al., ASAP3, ACM TOMACS 15 (2005); Tafazzoli et al., Skart, INFORMS J. Comput. 23 (2011)), less its
 * bias -(1 + 3φ)/k (Kendall, Biometrika 41 (1954)). And latencies are skewed, so that a run with a mean that is too low sees too little
 * variance as well: the half width is the upper one of the interval of the logarithm, to second order.
 *
 * @param whole the figure of all batches together
 */
export function halfWidthOf(batches: readonly BatchFigure[], whole: number): number {
  const k = batches.length;
  if (k < 4) return Number.NaN;
  let weights = 0;
  let squares = 0;
  let products = 0;
  let before = 0;
  for (const { weight, value } of batches) {
    // Of uneven batches the deviation is the larger, the shorter the batch.
    const deviation = Math.sqrt(weight) * (value - whole);
    weights += weight;
    squares += deviation * deviation;
    products += deviation * before;
    before = deviation;
  }
  if (squares === 0) return 0;
  const unbiased = (k * (products / squares) + 1) / (k - 3);
  const phi = Math.min(MOST_AUTOCORRELATION, Math.max(0, unbiased));
  const variance = (squares / ((k - 1) * weights)) * ((1 + phi) / (1 - phi));
  const half = studentQuantile(0.975, k - 1) * Math.sqrt(variance);
  return whole > 0 ? half * (1 + half / (2 * whole)) : half;
}
