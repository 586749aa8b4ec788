/**
 * Root of a continuous function inside a bracket with f(low) <= 0 < f(high), by Chandrupatla's method
 * (inverse quadratic interpolation where it is safe, else bisection; Advances in Engineering Software 28, 1997).
 *
 * @param tolerance ends the search at a point with |f| within it, or at a bracket that is narrower (relative to its low end)
 * @param first an estimate to try first; used where it lies inside the bracket (NaN: none)
 * @returns that point, or the low end of that bracket
 */
export function bracketingRoot(
  f: (x: number) => number,
  low: number,
  fLow: number,
  high: number,
  fHigh: number,
  tolerance: number,
  first: number,
): number {
  if (fLow >= -tolerance) return low;
  // a: newest point, b: the other end of the bracket, c: the point before.
  let a = high;
  let b = low;
  let c = high;
  let fa = fHigh;
  let fb = fLow;
  let fc = fHigh;
  let t = first > low && first < high ? (first - a) / (b - a) : fa / (fa - fb);
  for (let i = 0; i < 100; i++) {
    const x = a + t * (b - a);
    const fx = f(x);
    if (fx <= 0 === fa <= 0) {
      c = a;
      fc = fa;
    } else {
      c = b;
      fc = fb;
      b = a;
      fb = fa;
    }
    a = x;
    fa = fx;
    if (Math.abs(fa) <= tolerance) return a;
    const width = Math.abs(b - a);
    const smallest = 0.5 * tolerance * Math.min(a, b);
    if (width <= 2 * smallest) break;
    // Interpolate where the three points are monotone enough for it (Chandrupatla's criterion).
    const xi = (a - b) / (c - b);
    const phi = (fa - fb) / (fc - fb);
    if (phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi) {
      t = (fa / (fb - fa)) * (fc / (fb - fc)) + (((c - a) / (b - a)) * fa * fb) / ((fc - fa) * (fc - fb));
    } else {
      t = 0.5;
    }
    const least = smallest / width;
    t = t < least ? least : t > 1 - least ? 1 - least : t;
  }
  return fa <= 0 ? a : b;
}
