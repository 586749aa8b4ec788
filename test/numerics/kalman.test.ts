import { test } from 'tap';
import { type Density, innovationOf, type Measurement } from '../../src/numerics/kalman.ts';
import { symmetricEigen } from '../../src/numerics/symmetric-eigen.ts';
import {
  diagonalOf,
  distance,
  dot,
  inverted,
  plus,
  positiveDefinite,
  type Rows,
  times,
  transposed,
} from '../support/matrices.ts';
import { forEach } from '../support/properties.ts';
import { type Random, seeded } from '../support/random.ts';

/** What is known once a measurement is taken. */
function updateDensity(
  prior: Density,
  measured: readonly number[],
  noise: readonly number[],
  measure: (state: readonly number[]) => Measurement,
): Density | null {
  return innovationOf(prior, measured, noise, measure)?.update() ?? null;
}

const linear = (jacobian: Rows) => (state: readonly number[]) => ({
  expected: jacobian.map((row) => dot(row, state)),
  jacobian: jacobian.map((row) => [...row]),
});

const vector = ({ normal }: Random, n: number) => Array.from({ length: n }, normal);

function linearCase(random: Random, i: number) {
  const n = 1 + (i % 4);
  const m = 1 + (i % 2);
  return {
    prior: { mean: vector(random, n), covariance: positiveDefinite(random, n) } satisfies Density,
    jacobian: Array.from({ length: m }, () => vector(random, n)),
    measured: vector(random, m),
    noise: Array.from({ length: m }, () => 0.01 + random.uniform()),
  };
}

const random = seeded(3);
const cases = Array.from({ length: 100 }, (_, i) => linearCase(random, i));

test('one measurement of one figure is weighed by its variance', async (t) => {
  const prior = { mean: [0], covariance: [[3]] };
  t.same(updateDensity(prior, [2], [1], linear([[1]])), { mean: [1.5], covariance: [[0.75]] });
  const { deviation, covariance, nis } = innovationOf(prior, [2], [1], linear([[1]]))!;
  t.same({ deviation, covariance, nis }, { deviation: [2], covariance: [[4]], nis: 1 });
});

test('where what is measured is linear, precisions add up and the mean is their weighted mean', async (t) => {
  forEach(t, 'P⁻¹ + HᵀR⁻¹H', cases, ({ prior, jacobian, measured, noise }) => {
    const weights = times(transposed(jacobian), diagonalOf(noise.map((variance) => 1 / variance)));
    const before = inverted(prior.covariance);
    const covariance = inverted(plus(before, times(weights, jacobian)));
    const evidence = plus(
      times(before, transposed([prior.mean])),
      times(
        weights,
        measured.map((z) => [z]),
      ),
    );
    const mean = times(covariance, evidence).flat();
    const updated = updateDensity(prior, measured, noise, linear(jacobian))!;
    return distance(updated.covariance, covariance) < 1e-9 && distance([[...updated.mean]], [mean]) < 1e-9;
  });
});

test('an innovation is the deviation with its covariance, and its square in units of that', async (t) => {
  forEach(t, 'HPHᵀ + R', cases, ({ prior, jacobian, measured, noise }) => {
    const innovation = innovationOf(prior, measured, noise, linear(jacobian))!;
    const deviation = measured.map((z, i) => z - dot(jacobian[i], prior.mean));
    const covariance = plus(
      times(times(jacobian, prior.covariance), transposed(jacobian)),
      diagonalOf(noise),
    );
    const nis = dot(deviation, times(inverted(covariance), transposed([deviation])).flat());
    return (
      distance([[...innovation.deviation]], [deviation]) < 1e-12 &&
      distance(innovation.covariance, covariance) < 1e-12 &&
      Math.abs(innovation.nis - nis) < 1e-9 * Math.max(1, nis)
    );
  });
});

test('the covariance stays symmetric and positive over thousands of updates, however sure they are', async (t) => {
  let density: Density = { mean: [0, 0, 0], covariance: diagonalOf([1, 1e4, 1e-4]) };
  let least = Number.POSITIVE_INFINITY;
  let isSymmetric = true;
  for (let i = 0; i < 3_000; i++) {
    const rows = [vector(random, 3), vector(random, 3)];
    const noise = [10 ** (-12 * random.uniform()), 10 ** (-12 * random.uniform())];
    density = updateDensity(density, vector(random, 2), noise, linear(rows))!;
    const { covariance } = density;
    isSymmetric &&= covariance.every((row, j) => row.every((value, k) => value === covariance[k][j]));
    least = Math.min(least, symmetricEigen(covariance.flat(), 3)[2].value);
    // What changes is not known any longer.
    if (i % 3 === 0) density = { ...density, covariance: plus(covariance, diagonalOf([1e-3, 1e-3, 1e-3])) };
  }
  t.ok(isSymmetric, 'symmetric');
  t.ok(least > 0, `the least eigenvalue is ${least}`);
});

test('what is not linear is iterated to the likeliest state', async (t) => {
  // x from exp(x), so far away that one linear step overshoots.
  const measure = ([x]: readonly number[]) => ({ expected: [Math.exp(x)], jacobian: [[Math.exp(x)]] });
  const [mean, variance, noise] = [0, 1, 0.01];
  for (const measured of [0.2, 1.5, 4, 12]) {
    const slope = (x: number) => ((Math.exp(x) - measured) * Math.exp(x)) / noise + (x - mean) / variance;
    let [low, high] = [-5, 5];
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (slope(middle) > 0) high = middle;
      else low = middle;
    }
    const updated = updateDensity({ mean: [mean], covariance: [[variance]] }, [measured], [noise], measure)!;
    t.ok(Math.abs(updated.mean[0] - low) < 0.02, `${measured}: ${updated.mean[0]} is about ${low}`);
  }
});

test('what is not finite teaches nothing', async (t) => {
  const prior: Density = { mean: [0, 0], covariance: diagonalOf([1, 1]) };
  const H = [[1, 0]];
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    t.equal(innovationOf(prior, [bad], [1], linear(H)), null, `measured ${bad}`);
    t.equal(updateDensity(prior, [bad], [1], linear(H)), null, `measured ${bad}`);
    const expecting = () => ({ expected: [bad], jacobian: [[1, 0]] });
    t.equal(innovationOf(prior, [1], [1], expecting), null, `expected ${bad}`);
    t.equal(updateDensity(prior, [1], [1], expecting), null, `expected ${bad}`);
    const steep = () => ({ expected: [1], jacobian: [[bad, 0]] });
    t.equal(innovationOf(prior, [1], [1], steep), null, `a slope of ${bad}`);
    t.equal(updateDensity(prior, [1], [1], steep), null, `a slope of ${bad}`);
  }
});

test('a covariance without an inverse teaches nothing either', async (t) => {
  const prior: Density = { mean: [0, 0], covariance: diagonalOf([1, 0]) };
  t.equal(updateDensity(prior, [1], [1], linear([[1, 0]])), null);
  t.equal(innovationOf(prior, [1], [0], linear([[0, 1]])), null);
});
