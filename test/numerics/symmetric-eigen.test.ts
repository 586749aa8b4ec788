import { test } from 'tap';
import { largestEigenvalue, symmetricEigen } from '../../src/numerics/symmetric-eigen.ts';
import { diagonalOf, distance, dot, positiveDefinite, times, transposed } from '../support/matrices.ts';
import { forEach } from '../support/properties.ts';
import { seeded } from '../support/random.ts';

const random = seeded(2);
/** Symmetric matrices with eigenvalues of either sign, the empty one among them. */
const cases = Array.from({ length: 200 }, (_, i) => {
  const n = 1 + (i % 6);
  const square = Array.from({ length: n }, () => Array.from({ length: n }, random.normal));
  return square.map((row, j) => row.map((value, k) => value + square[k][j]));
});

test('vectors are kept but for the factor that is their value', async (t) => {
  forEach(t, 'A·v = λ·v', cases, (rows) =>
    symmetricEigen(rows.flat(), rows.length).every(({ value, vector }) => {
      const image = times(rows, transposed([vector])).flat();
      return distance([image], [vector.map((v) => value * v)]) < 1e-12;
    }),
  );
});

test('vectors are of length 1 and at right angles', async (t) => {
  forEach(t, 'V·Vᵀ = 1', cases, (rows) => {
    const vectors = symmetricEigen(rows.flat(), rows.length).map(({ vector }) => vector);
    return distance(times(vectors, transposed(vectors)), diagonalOf(rows.map(() => 1))) < 1e-12;
  });
});

test('values come in order, the largest first, and add up to the trace', async (t) => {
  forEach(t, 'order and trace', cases, (rows) => {
    const values = symmetricEigen(rows.flat(), rows.length).map(({ value }) => value);
    const trace = rows.reduce((sum, row, i) => sum + row[i], 0);
    const sum = values.reduce((a, b) => a + b, 0);
    return (
      Math.abs(sum - trace) < 1e-12 * rows.length * Math.max(1, ...values.map(Math.abs)) &&
      values.every((value, i) => i === 0 || value <= values[i - 1])
    );
  });
});

test('the largest component of a vector is positive', async (t) => {
  forEach(t, 'sign', cases, (rows) =>
    symmetricEigen(rows.flat(), rows.length).every(({ vector }) => {
      const largest = Math.max(...vector.map(Math.abs));
      return vector.some((component) => component === largest);
    }),
  );
});

test('values of very different size are all found: none of a positive matrix is lost to rounding', async (t) => {
  const apart = Array.from({ length: 50 }, () => positiveDefinite(random, 3, [1e-5, 1, 1e3]));
  forEach(t, 'product and sign', apart, (rows) => {
    const values = symmetricEigen(rows.flat(), 3).map(({ value }) => value);
    const [[a, b, c], [, d, e], [, , f]] = rows;
    const determinant = a * (d * f - e * e) - b * (b * f - e * c) + c * (b * e - d * c);
    const product = values.reduce((x, y) => x * y, 1);
    return values.every((value) => value > 0) && Math.abs(product / determinant - 1) < 1e-3;
  });
});

test('what is diagonal, or has equal values, is told as it is', async (t) => {
  t.same(symmetricEigen([2, 0, 0, 5], 2), [
    { value: 5, vector: [0, 1] },
    { value: 2, vector: [1, 0] },
  ]);
  t.same(
    symmetricEigen([0, 0, 0, 0], 2).map(({ value }) => value),
    [0, 0],
  );
  const [first, second] = symmetricEigen([0, 1, 1, 0], 2);
  t.ok(Math.abs(first.value - 1) < 1e-15 && Math.abs(second.value + 1) < 1e-15);
  t.ok(Math.abs(dot(first.vector, second.vector)) < 1e-15);
});

test('what is not finite ends all the same', async (t) => {
  const values = symmetricEigen([1, Number.NaN, Number.NaN, 1], 2).map(({ value }) => value);
  t.notOk(values.every(Number.isFinite), 'and is told');
});

test('the largest value alone is known by hand', async (t) => {
  t.ok(Math.abs(largestEigenvalue([2, 1, 1, 2], 2) - 3) < 1e-15);
  // 2 - √2, 2 and 2 + √2: a chain of three.
  t.ok(Math.abs(largestEigenvalue([2, -1, 0, -1, 2, -1, 0, -1, 2], 3) - (2 + Math.SQRT2)) < 1e-14);
  t.equal(largestEigenvalue([-3, 0, 0, -5], 2), -3);
});
