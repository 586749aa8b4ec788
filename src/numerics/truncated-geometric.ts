// Sums over a decaying geometric sequence 1, e^-d, e^-2d … e^-Kd (decay d >= 0), stable for every d, d = 0 included.
// K may be Infinity when d > 0.

/** Sum of e^(-d·i), i = 0 … last. */
export function geometricSum(decay: number, last: number): number {
  if (last < 0) return 0;
  if (decay === 0) return last + 1;
  return Math.expm1(-(last + 1) * decay) / Math.expm1(-decay);
}

/** Mean of i weighted by e^(-d·i), i = 0 … last. */
export function geometricMean(decay: number, last: number): number {
  if (last === 0) return 0;
  if (last === Number.POSITIVE_INFINITY) return 1 / Math.expm1(decay);
  const spread = (last + 1) * decay;
  // Both terms grow like 1/d and cancel as d → 0, so their common pole is taken out of each.
  if (spread < 0.5) return boseLessPole(decay) - (last + 1) * boseLessPole(spread);
  return 1 / Math.expm1(decay) - (last + 1) / Math.expm1(spread);
}

/** 1/(e^z - 1) - 1/z by its Bernoulli series; |z| < 0.5 gives full double precision. */
function boseLessPole(z: number): number {
  const s = z * z;
  return -0.5 + (z / 12) * (1 - (s / 60) * (1 - (s / 42) * (1 - (s / 40) * (1 - s / 39.6))));
}
