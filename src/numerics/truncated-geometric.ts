// Sums over a decaying geometric sequence 1, e^-d, e^-2d … e^-Kd (decay d >= 0), stable for every d, d = 0 included.
// K may be Infinity when d > 0.

/** A scratch object that its owner reuses. */
export interface GeometricTail {
  /** Sum of e^(-d·i), i = 0 … K. */
  sum: number;
  /** Mean of i weighted by e^(-d·i). */
  mean: number;
  /** e^(-d·K) */
  last: number;
}

/**
 * @param ratio e^-d
 * @param missing 1 - e^-d, which the caller may know more exactly than the ratio tells
 * @param tail is overwritten
 */
export function sumGeometric(
  decay: number,
  ratio: number,
  missing: number,
  last: number,
  tail: GeometricTail,
): void {
  if (last === 0 || decay === 0) {
    tail.sum = last + 1;
    tail.mean = last / 2;
    tail.last = 1;
    return;
  }
  const spread = (last + 1) * decay;
  const beyond = Math.exp(-spread);
  // 1 - e^(-(K+1)·d)
  const within = spread < 0.5 ? -Math.expm1(-spread) : 1 - beyond;
  tail.sum = within / missing;
  tail.last = beyond === 0 ? 0 : beyond / ratio;
  // The mean is 1/(e^d - 1) - (K+1)/(e^((K+1)·d) - 1). Both terms grow like 1/d and cancel as d → 0, so their common pole is
  // taken out of each.
  if (spread < 0.5) tail.mean = boseLessPole(decay) - (last + 1) * boseLessPole(spread);
  else tail.mean = ratio / missing - (beyond === 0 ? 0 : ((last + 1) * beyond) / within);
}

/** 1/(e^z - 1) - 1/z by its Bernoulli series; |z| < 0.5 gives full double precision. */
function boseLessPole(z: number): number {
  const s = z * z;
  return -0.5 + (z / 12) * (1 - (s / 60) * (1 - (s / 42) * (1 - (s / 40) * (1 - s / 39.6))));
}
