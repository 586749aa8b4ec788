/** The fraction has converged when a step changes it by less than this. */
const PRECISION = 1e-15;

/** Numerators and denominators beyond this are scaled down, below its inverse up. */
const LARGE = 1e100;

/**
 * The continued fraction of the incomplete beta function:
 * I_x(a, b) = x^a·(1-x)^b / (a·B(a, b)) · betaFraction(a, b, x).
 * Converges in about √max(a, b) steps for x < (a + 1)/(a + b + 2). (Abramowitz and Stegun 26.5.8)
 * Its convergents p/q are followed, whose steps, unlike those of Lentz's method, do not wait for a division.
 */
export function betaFraction(a: number, b: number, x: number): number {
  let pBefore = 0;
  let qBefore = 1;
  let p = 1;
  let q = 1;
  let fraction = 1;
  // The coefficients of step m: -(a+m)·(a+b+m)·x/((a+2m)·(a+2m+1)), then m·(b-m)·x/((a+2m-1)·(a+2m)).
  for (let m = 0; m < 10_000; m++) {
    const c = a + 2 * m;
    const odd = (-(a + m) * (a + b + m) * x) / (c * (c + 1));
    const pOdd = p + pBefore * odd;
    const qOdd = q + qBefore * odd;
    const even = ((m + 1) * (b - m - 1) * x) / ((c + 1) * (c + 2));
    pBefore = pOdd;
    qBefore = qOdd;
    p = pOdd + p * even;
    q = qOdd + q * even;
    const next = p / q;
    if (Math.abs(next - fraction) <= PRECISION * next) return next;
    fraction = next;
    if (q > LARGE || p > LARGE) {
      p /= LARGE;
      q /= LARGE;
      pBefore /= LARGE;
      qBefore /= LARGE;
    } else if (q < 1 / LARGE && p < 1 / LARGE) {
      p *= LARGE;
      q *= LARGE;
      pBefore *= LARGE;
      qBefore *= LARGE;
    }
  }
  return fraction;
}
