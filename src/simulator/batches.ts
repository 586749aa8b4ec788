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
 * Nonoverlapping batch means (Law, Simulation Modeling and Analysis, §9.5.3): the first eighth is left out, the rest in 14 batches of
 * equal length.
 *
 * @param isStationary false: nothing is left out, and there are no intervals
 */
export function groupingOf(fineBatches: number, isStationary: boolean): Grouping {
  if (!isStationary) return { counted: { from: 0, to: fineBatches }, groups: [] };
  const warmUp = Math.ceil(fineBatches * WARM_UP_SHARE);
  const perGroup = Math.floor((fineBatches - warmUp) / INTERVAL_BATCHES);
  if (perGroup === 0) return { counted: { from: warmUp, to: fineBatches }, groups: [] };
  const from = fineBatches - perGroup * INTERVAL_BATCHES;
  const groups = Array.from({ length: INTERVAL_BATCHES }, (_, i) => ({
    from: from + i * perGroup,
    to: from + (i + 1) * perGroup,
  }));
  return { counted: { from, to: fineBatches }, groups };
}

/** Half the width of the 95 % confidence interval of what the batches show one value each of; NaN: not known. */
export function halfWidthOf(values: readonly number[]): number {
  const n = values.length;
  if (n < 2) return Number.NaN;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return studentQuantile(0.975, n - 1) * Math.sqrt(squares / (n - 1) / n);
}
