import { test } from 'tap';
import { factorize, inverseOf, solveFactorized } from '../../src/numerics/cholesky.ts';
import { diagonalOf, distance, positiveDefinite, rowsOf, times, transposed } from '../support/matrices.ts';
import { forEach } from '../support/properties.ts';
import { seeded } from '../support/random.ts';

const random = seeded(1);
const cases = Array.from({ length: 200 }, (_, i) => positiveDefinite(random, 1 + (i % 6)));
const flat = (rows: readonly (readonly number[])[]) => Float64Array.from(rows.flat());

test('the factor times its transpose is the matrix', async (t) => {
  forEach(t, 'L·Lᵀ = A', cases, (rows) => {
    const n = rows.length;
    const a = flat(rows);
    if (!factorize(a, n)) return false;
    const factor = rowsOf(a, n).map((row, i) => row.map((value, j) => (j <= i ? value : 0)));
    return distance(times(factor, transposed(factor)), rows) < 1e-12 * Math.max(...rows.flat());
  });
});

test('what solves the factors solves the matrix', async (t) => {
  forEach(t, 'A·x = b', cases, (rows) => {
    const n = rows.length;
    const a = flat(rows);
    factorize(a, n);
    const x = Array.from({ length: n }, () => random.normal());
    const b = Float64Array.from(times(rows, transposed([x])).flat());
    solveFactorized(a, n, b);
    return distance([[...b]], [x]) < 1e-9;
  });
});

test('the inverse times the matrix is one, and the matrix is left as it was', async (t) => {
  forEach(t, 'A⁻¹·A = 1', cases, (rows) => {
    const n = rows.length;
    const a = flat(rows);
    const inverse = rowsOf(inverseOf(a, n)!, n);
    const isLeft = a.every((value, i) => value === rows.flat()[i]);
    return isLeft && distance(times(inverse, rows), diagonalOf(new Array(n).fill(1))) < 1e-9;
  });
});

test('units of very different size do no harm', async (t) => {
  const scales = [1e-6, 1, 1e5];
  const apart = Array.from({ length: 50 }, () => positiveDefinite(random, 3, scales));
  forEach(t, 'A⁻¹·A = 1, in its units', apart, (rows) => {
    const product = times(rowsOf(inverseOf(flat(rows), 3)!, 3), rows);
    const scaled = product.map((row, i) => row.map((value, j) => (value * scales[i]) / scales[j]));
    return distance(scaled, diagonalOf([1, 1, 1])) < 1e-9;
  });
});

test('a matrix that is not positive definite, or not finite, has no factor and no inverse', async (t) => {
  for (const rows of [
    [[0]],
    [[-1]],
    [
      [1, 2],
      [2, 1],
    ],
    [
      [1, 1],
      [1, 1],
    ],
    [
      [Number.POSITIVE_INFINITY, 0],
      [0, 1],
    ],
    [
      [1, Number.NaN],
      [Number.NaN, 1],
    ],
    [
      [1, Number.POSITIVE_INFINITY],
      [Number.POSITIVE_INFINITY, 1],
    ],
    [
      [1, 0],
      [0, Number.NaN],
    ],
  ]) {
    t.notOk(factorize(flat(rows), rows.length), JSON.stringify(rows));
    t.equal(inverseOf(flat(rows), rows.length), null);
  }
});
