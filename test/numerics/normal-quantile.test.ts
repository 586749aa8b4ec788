import { test } from 'tap';
import { normalQuantile, roughNormalQuantile } from '../../src/numerics/normal-quantile.ts';
import { near } from '../support/properties.ts';

/** To as many digits as a double has: of a table, and of the same algorithm in Python's `statistics` for the tails. */
const QUANTILES = [
  [0.5, 0],
  [0.6, 0.2533471031357998],
  [0.8, 0.8416212335729144],
  [0.9, 1.2815515655446008],
  [0.95, 1.6448536269514715],
  [0.975, 1.9599639845400536],
  [0.99, 2.3263478740408408],
  [0.9999, 3.7190164854557084],
  [0.99999999, 5.612001243305506],
] as const;

test('normalQuantile has the values of the table, and the same with the other sign below one half', async (t) => {
  for (const [p, z] of QUANTILES) {
    t.doesNotThrow(() => near(normalQuantile(p), z, 1e-14, 1e-16, `z(${p})`), `${p}`);
    t.doesNotThrow(() => near(normalQuantile(1 - p), -z, 1e-9, 1e-16, `z(${1 - p})`), `1 - ${p}`);
  }
});

test('the rough one is within 4.5e-4 of the table on both sides', async (t) => {
  for (const [p, z] of QUANTILES) {
    t.ok(Math.abs(roughNormalQuantile(1 - p) - z) < 4.5e-4, `${p}`);
    t.ok(Math.abs(roughNormalQuantile(p) + z) < 4.5e-4, `1 - ${p}`);
  }
});

test('normalQuantile undoes the integral of the normal density, also where one formula hands over to the next', async (t) => {
  for (const [from, to] of [
    [0.55, 0.9],
    [0.924, 0.926],
    [0.95, 0.9999],
    [1 - 2e-11, 1 - 1e-11],
  ]) {
    const [a, b] = [normalQuantile(from), normalQuantile(to)];
    t.doesNotThrow(() => near(densityBetween(a, b), to - from, 1e-6, 0, 'integral'), `${from} to ${to}`);
  }
});

/** Simpson's rule. */
function densityBetween(a: number, b: number): number {
  const steps = 2_000;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const z = a + ((b - a) * i) / steps;
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-(z * z) / 2);
  }
  return (sum * (b - a)) / (3 * steps * Math.sqrt(2 * Math.PI));
}
