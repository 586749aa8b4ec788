import { normalTail } from './normal-tail.ts';

/** A gamma distribution moved up by `least`, by its first two moments. */
export interface ShiftedGamma {
  least: number;
  mean: number;
  variance: number;
}

/** Less spread than this (relative, squared) is none. */
const LEAST_SPREAD = 1e-12;

/**
 * P(X > x), by the cube root of a gamma variable, which is all but normal: within 0.01 of the probability for shapes from 1 on.
 * E. B. Wilson and M. M. Hilferty, The distribution of chi-square, Proceedings of the National Academy of Sciences 17 (1931), 684–688.
 */
export function shiftedGammaTail({ least, mean, variance }: ShiftedGamma, x: number): number {
  const above = mean - least;
  if (x <= least) return 1;
  if (!(above > 0 && variance > LEAST_SPREAD * above * above)) return x < mean ? 1 : 0;
  const ninth = variance / (9 * above * above);
  return normalTail((Math.cbrt((x - least) / above) - 1 + ninth) / Math.sqrt(ninth));
}

/** The x that X does not exceed with the probability that a standard normal variable does not exceed `z`; of the same approximation. */
export function shiftedGammaQuantile({ least, mean, variance }: ShiftedGamma, z: number): number {
  const above = mean - least;
  if (!(above > 0 && variance > LEAST_SPREAD * above * above)) return mean;
  const ninth = variance / (9 * above * above);
  return least + above * Math.max(0, 1 - ninth + z * Math.sqrt(ninth)) ** 3;
}
