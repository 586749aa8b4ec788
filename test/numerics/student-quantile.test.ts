import { test } from 'tap';
import { normalQuantile } from '../../src/numerics/normal-quantile.ts';
import { studentQuantile } from '../../src/numerics/student-quantile.ts';
import { near } from '../support/properties.ts';

/** Two-sided 90 %, 95 % and 99 % points of the usual table, by degrees of freedom. */
const TABLE = [
  [5, 2.015, 2.571, 4.032],
  [6, 1.943, 2.447, 3.707],
  [8, 1.86, 2.306, 3.355],
  [10, 1.812, 2.228, 3.169],
  [13, 1.771, 2.16, 3.012],
  [20, 1.725, 2.086, 2.845],
  [30, 1.697, 2.042, 2.75],
  [120, 1.658, 1.98, 2.617],
] as const;

test('studentQuantile has the values of the table, within 0.1 % and the digits of the table', async (t) => {
  for (const [degrees, ...quantiles] of TABLE) {
    for (const [i, p] of [0.95, 0.975, 0.995].entries()) {
      const value = studentQuantile(p, degrees);
      const within = 0.001 * quantiles[i] + 0.0005;
      t.doesNotThrow(() => near(value, quantiles[i], 0, within, `t(${p}, ${degrees})`), `${p}, ${degrees}`);
      t.doesNotThrow(() => near(studentQuantile(1 - p, degrees), -value, 1e-12, 0, 'below one half'));
    }
  }
});

test('studentQuantile undoes the integral of the density within its 0.1 %', async (t) => {
  for (const degrees of [5, 7, 13, 40]) {
    for (const p of [0.6, 0.9, 0.975, 0.995]) {
      const value = studentQuantile(p, degrees);
      const [below, above] = [0.999, 1.001].map((factor) => 0.5 + densityUpTo(factor * value, degrees));
      t.ok(below < p && p < above, `${p}, ${degrees}: ${below} < ${p} < ${above}`);
    }
  }
});

test('with many degrees of freedom it is the normal quantile', async (t) => {
  t.doesNotThrow(() => near(studentQuantile(0.975, 1e9), normalQuantile(0.975), 1e-8, 0, 't'));
  t.equal(studentQuantile(0.5, 7), 0);
});

/** From 0, by Simpson's rule; the constant is that which makes the whole density, taken far out, add up to one half. */
function densityUpTo(x: number, degrees: number): number {
  const simpson = (to: number, steps: number, f: (at: number) => number) => {
    let sum = 0;
    for (let i = 0; i <= steps; i++)
      sum += (i === 0 || i === steps ? 1 : i % 2 ? 4 : 2) * f((to * i) / steps);
    return (sum * to) / (3 * steps);
  };
  const density = (at: number) => (1 + (at * at) / degrees) ** (-(degrees + 1) / 2);
  // ∫ over 0 … ∞ with at = √degrees · tan u: √degrees · cos u to the power of degrees − 1, over 0 … π/2.
  const half = Math.sqrt(degrees) * simpson(Math.PI / 2, 2000, (u) => Math.cos(u) ** (degrees - 1));
  return simpson(x, 2000, density) / (2 * half);
}
