import { normalQuantile } from './normal-quantile.ts';

/**
 * Quantile of Student's t distribution for 0 < p < 1, within 0.1 % of its size from 5 degrees of freedom on where p is in 0.005 … 0.995.
 * G. W. Hill, Algorithm 396: Student's t-quantiles, Communications of the ACM 13 (1970), in the form of its expansion in 1/degrees
 * (Abramowitz and Stegun 26.7.5).
 */
export function studentQuantile(p: number, degrees: number): number {
  const z = normalQuantile(p);
  const s = z * z;
  const g1 = (s + 1) / 4;
  const g2 = ((5 * s + 16) * s + 3) / 96;
  const g3 = (((3 * s + 19) * s + 17) * s - 15) / 384;
  const g4 = ((((79 * s + 776) * s + 1482) * s - 1920) * s - 945) / 92160;
  return z * (1 + (g1 + (g2 + (g3 + g4 / degrees) / degrees) / degrees) / degrees);
}
