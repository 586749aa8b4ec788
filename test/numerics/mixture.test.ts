import fc from 'fast-check';
import { test } from 'tap';
import { Mixture, type ShiftedGamma } from '../../src/numerics/mixture.ts';
import { forAll } from '../support/properties.ts';
import { logUniform, uniform } from '../support/stations.ts';

function only(gamma: ShiftedGamma): Mixture {
  const mixture = new Mixture(1);
  mixture.addGamma(1, gamma);
  return mixture;
}

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
      const tail = only({ least, mean, variance: shape * scale * scale }).tail(x);
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
    const found = only({ least: 10, mean: 15, variance: 25 }).quantile(p);
    t.ok(Math.abs(found / exact - 1) < 0.02, `p = ${p}: ${found} for ${exact}`);
  }
  t.end();
});

test('what does not vary is its mean', (t) => {
  const constant = only({ least: 3, mean: 4, variance: 0 });
  t.equal(constant.quantile(0.9), 4);
  t.equal(constant.tail(3.9), 1);
  t.equal(constant.tail(4.1), 0);
  t.end();
});

test('a quantile may be below zero, or at it', (t) => {
  const mixture = new Mixture(2);
  for (const [mean, median] of [
    [-5, -5],
    [5, 0],
  ]) {
    mixture.clear();
    mixture.addNormal(0.5, -5, 1);
    mixture.addNormal(0.5, mean, 1);
    const found = mixture.quantile(0.5);
    t.ok(Math.abs(found - median) < 1e-6, `${found} for ${median}`);
  }
  t.end();
});

/** P(Z > z), by Simpson's rule for the density. */
function normalAbove(z: number): number {
  const n = 2_000;
  const h = (12 - z) / n;
  let sum = 0;
  for (let i = 0; i <= n; i++) {
    const x = z + i * h;
    sum += (i === 0 || i === n ? 1 : i % 2 === 1 ? 4 : 2) * Math.exp((-x * x) / 2);
  }
  return (sum * h) / 3 / Math.sqrt(2 * Math.PI);
}

test('all parts together leave what the quantile is to leave', async (t) => {
  const shares = fc.array(logUniform(1e-3, 1), { minLength: 4, maxLength: 4 });
  const normal = fc.record({ mean: uniform(10, 20), deviation: logUniform(1e-2, 3) });
  const gamma = fc.record({ least: uniform(10, 15), above: logUniform(0.5, 30), shape: logUniform(1, 50) });
  const values = fc.record({
    shares,
    normals: fc.tuple(normal, normal),
    gammas: fc.tuple(gamma, gamma),
    movedBy: uniform(-30, 0),
    p: fc.oneof(uniform(0.5, 0.999), fc.constantFrom(0.5, 0.9, 0.99)),
  });
  const mixture = new Mixture(4);
  forAll(
    t,
    'the tail at the quantile',
    values,
    ({ shares, movedBy, p, ...values }) => {
      const normals = values.normals.map((normal) => ({ ...normal, mean: normal.mean + movedBy }));
      const gammas = values.gammas.map((gamma) => ({ ...gamma, least: gamma.least + movedBy }));
      const all = shares.reduce((a, b) => a + b);
      mixture.clear();
      for (const [i, { mean, deviation }] of normals.entries())
        mixture.addNormal(shares[i] / all, mean, deviation);
      for (const [i, { least, above, shape }] of gammas.entries())
        mixture.addGamma(shares[2 + i] / all, {
          least,
          mean: least + above,
          variance: (above * above) / shape,
        });
      const x = mixture.quantile(p);
      let tail = 0;
      for (const [i, { mean, deviation }] of normals.entries())
        tail += (shares[i] / all) * normalAbove((x - mean) / deviation);
      for (const [i, { least, above, shape }] of gammas.entries()) {
        const root = Math.cbrt(Math.max(0, x - least) / above);
        const z = (root - 1 + 1 / (9 * shape)) * 3 * Math.sqrt(shape);
        tail += (shares[2 + i] / all) * (x <= least ? 1 : normalAbove(z));
      }
      return Math.abs(tail - (1 - p)) < 1e-6;
    },
    500,
  );
});
