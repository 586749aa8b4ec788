import { test } from 'tap';
import { normalQuantile } from '../../src/numerics/normal-quantile.ts';
import { normalTail } from '../../src/numerics/normal-tail.ts';

test('the tail of a normal variable is that of the tables', (t) => {
  // NIST Engineering Statistics Handbook, §1.3.6.7.1.
  for (const [z, below] of [
    [0, 0.5],
    [0.5, 0.69146],
    [1, 0.84134],
    [1.96, 0.975],
    [2.33, 0.9901],
    [3, 0.99865],
  ]) {
    t.ok(Math.abs(1 - normalTail(z) - below) < 5e-6, `z = ${z}`);
    t.ok(Math.abs(normalTail(-z) - below) < 5e-6, `z = -${z}`);
  }
  t.end();
});

test('the tail undoes the quantile', (t) => {
  for (const p of [1e-6, 0.001, 0.1, 0.3, 0.5, 0.9, 0.99, 0.9999]) {
    t.ok(Math.abs(1 - normalTail(normalQuantile(p)) - p) < 1e-7, `p = ${p}`);
  }
  t.end();
});
