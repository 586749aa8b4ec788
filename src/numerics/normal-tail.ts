/** The standard normal density. */
export function normalDensity(z: number): number {
  return 0.3989422804014327 * Math.exp(-0.5 * z * z);
}

/** P(Z > z) of a standard normal Z, within 7.5e-8. Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17. */
export function normalTail(z: number): number {
  return normalTailFrom(z, normalDensity(z));
}

/** The same where the density at z is known. */
export function normalTailFrom(z: number, density: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = density * polynomial;
  return z >= 0 ? tail : 1 - tail;
}
