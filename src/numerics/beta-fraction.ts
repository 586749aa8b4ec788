/** The fraction has converged when a step changes it by less than this. */
const PRECISION = 1e-15;

/**
 * The continued fraction of the incomplete beta function, by Lentz's method:
 * I_x(a, b) = x^a·(1-x)^b / (a·B(a, b)) · betaFraction(a, b, x).
 * Converges in about √max(a, b) steps for x < (a + 1)/(a + b + 2). (Abramowitz and Stegun 26.5.8)
 */
export function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a - 1 + 2 * m) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 1 + 2 * m));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    const step = d * c;
    fraction *= step;
    if (Math.abs(step - 1) < PRECISION) break;
  }
  return fraction;
}
