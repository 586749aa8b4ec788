import { bracketingRoot } from './bracketing-root.ts';

/** Steps before halving takes over from interpolation. */
const INTERPOLATIONS = 8;

/**
 * Root of a rising function within low … high, without looking at the ends before a step leads there: by the secant, then by
 * inverse quadratic interpolation of the last three points (Brent 1973, §4.3), kept between the nearest points on both sides.
 *
 * @param tolerance ends the search at a point with |f| within it
 * @param first where to start
 * @param second where to go from there, given f(first) and where that was
 * @returns that point; `high` where f(high) <= 0; `low` where f(low) >= 0. It is the last point at which f was evaluated
 */
export function risingRoot(
  f: (x: number) => number,
  low: number,
  high: number,
  tolerance: number,
  first: number,
  second: (fx: number, x: number) => number,
): number {
  // The nearest points known on both sides; NaN: an end that is not evaluated yet.
  let below = low;
  let fBelow = Number.NaN;
  let above = high;
  let fAbove = Number.NaN;
  // The last three points, newest first.
  let b = Number.NaN;
  let fb = Number.NaN;
  let c = Number.NaN;
  let fc = Number.NaN;
  let x = first;
  for (let i = 0; i < INTERPOLATIONS; i++) {
    x = x >= above ? inside(above, below, fAbove) : x > below ? x : inside(below, above, fBelow);
    const fx = f(x);
    if (Math.abs(fx) <= tolerance || (x === high && fx <= 0) || (x === low && fx >= 0)) return x;
    if (fx < 0) {
      below = x;
      fBelow = fx;
    } else {
      above = x;
      fAbove = fx;
    }
    const previous = b;
    const fPrevious = fb;
    if (i === 0) {
      b = x;
      fb = fx;
      x = second(fx, x);
    } else {
      const secant = x - (fx * (x - previous)) / (fx - fPrevious);
      const quadratic = i === 1 ? secant : throughThree(x, fx, previous, fPrevious, c, fc);
      c = previous;
      fc = fPrevious;
      b = x;
      fb = fx;
      x = quadratic > below && quadratic < above ? quadratic : secant;
    }
    if (Number.isNaN(x)) x = (below + above) / 2;
  }
  if (Number.isNaN(fBelow)) fBelow = f(below);
  if (fBelow >= -tolerance) return below;
  if (Number.isNaN(fAbove)) fAbove = f(above);
  if (fAbove <= 0) return above;
  const root = bracketingRoot(f, below, fBelow, above, fAbove, tolerance, x);
  f(root);
  return root;
}

/** An end of the range that is not evaluated yet; else a point a tenth of the way from it to the other. */
function inside(end: number, other: number, fEnd: number): number {
  return Number.isNaN(fEnd) ? end : end + 0.1 * (other - end);
}

/** The inverse function's parabola through three points, at 0. */
function throughThree(x: number, fx: number, y: number, fy: number, z: number, fz: number): number {
  return (
    (x * fy * fz) / ((fx - fy) * (fx - fz)) +
    (y * fx * fz) / ((fy - fx) * (fy - fz)) +
    (z * fx * fy) / ((fz - fx) * (fz - fy))
  );
}
