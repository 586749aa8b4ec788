import { test } from 'tap';
import { normalQuantile } from '../../src/numerics/normal-quantile.ts';
import { shiftedGammaQuantile, shiftedGammaTail } from '../../src/numerics/shifted-gamma.ts';

/** P(X > x) for a whole shape: a Poisson sum, exact. */
function erlangTail(shape: number, scale: number, x: number): number {
  let term = Math.exp(-x / scale);
  let sum = 0;
  for (let k = 0; k < shape; k++) {
    sum += term;
    term *= x / scale / (k + 1);
  }
  return sum;
}

test('the tail of a gamma variable is within 0.01 of the exact one', (t) => {
  for (const shape of [1, 2, 5, 40]) {
    for (const share of [0.1, 0.5, 1, 1.5, 2, 3, 5]) {
      const [least, scale] = [7, 3];
      const mean = least + shape * scale;
      const x = least + share * shape * scale;
      const tail = shiftedGammaTail({ least, mean, variance: shape * scale * scale }, x);
      t.ok(
        Math.abs(tail - erlangTail(shape, scale, x - least)) < 0.01,
        `shape ${shape}, ${share} of the mean`,
      );
    }
  }
  t.end();
});

test('high quantiles of an exponential variable are right within 2 %', (t) => {
  for (const p of [0.9, 0.95, 0.99, 0.999]) {
    const exact = 10 - 5 * Math.log1p(-p);
    const found = shiftedGammaQuantile({ least: 10, mean: 15, variance: 25 }, normalQuantile(p));
    t.ok(Math.abs(found / exact - 1) < 0.02, `p = ${p}: ${found} for ${exact}`);
  }
  t.end();
});

test('the quantile is where the tail has what is left', (t) => {
  const gamma = { least: 2, mean: 9, variance: 30 };
  for (const p of [0.5, 0.9, 0.99]) {
    const x = shiftedGammaQuantile(gamma, normalQuantile(p));
    t.ok(Math.abs(shiftedGammaTail(gamma, x) - (1 - p)) < 1e-6, `p = ${p}`);
  }
  t.end();
});

test('what does not vary is its mean', (t) => {
  const constant = { least: 3, mean: 4, variance: 0 };
  t.equal(shiftedGammaQuantile(constant, 2), 4);
  t.equal(shiftedGammaTail(constant, 3.9), 1);
  t.equal(shiftedGammaTail(constant, 4.1), 0);
  t.end();
});
