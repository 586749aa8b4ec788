import { test } from 'tap';
import { leastSquares, type ResidualModel } from '../../src/numerics/least-squares.ts';
import { distance, dot, inverted, rowsOf, times, transposed } from '../support/matrices.ts';
import { seeded } from '../support/random.ts';

const near = (x: ArrayLike<number>, expected: readonly number[]) => distance([Array.from(x)], [expected]);

function modelOf(parameters: number, residuals: number, at: (x: Float64Array, i: number) => number) {
  return {
    parameters,
    residuals,
    evaluate: (x, out) => {
      for (let i = 0; i < residuals; i++) out[i] = at(x, i);
    },
  } satisfies ResidualModel;
}

/** a + b·i against measured figures. */
const line = (y: readonly number[]) => modelOf(2, y.length, (x, i) => x[0] + x[1] * i - y[i]);

test('a linear problem ends where its normal equations do', async (t) => {
  const random = seeded(4);
  const rows = Array.from({ length: 12 }, () => [random.normal(), random.normal(), random.normal()]);
  const y = rows.map(() => random.normal());
  const fit = leastSquares(
    modelOf(3, 12, (x, i) => dot(rows[i], [...x]) - y[i]),
    [0, 0, 0],
  );
  const information = times(transposed(rows), rows);
  const expected = times(inverted(information), times(transposed(rows), transposed([y]))).flat();
  t.ok(fit.converged);
  t.ok(near(fit.x, expected) < 1e-6);
  t.ok(distance(rowsOf(fit.information, 3), information) < 1e-6, 'the information is JᵀJ');
  t.ok(distance(rowsOf(fit.jacobian, 3), rows) < 1e-6);
  const residuals = rows.map((row, i) => dot(row, expected) - y[i]);
  t.ok(near(fit.residuals, residuals) < 1e-6);
  t.ok(Math.abs(fit.cost - dot(residuals, residuals)) < 1e-9);
});

test('the bent valley of Rosenbrock is followed to its end', async (t) => {
  const fit = leastSquares(
    modelOf(2, 2, (x, i) => (i === 0 ? 10 * (x[1] - x[0] ** 2) : 1 - x[0])),
    [-1.2, 1],
    { maxIterations: 200 },
  );
  t.ok(near(fit.x, [1, 1]) < 1e-4, `${fit.x}`);
});

test('a decay is recovered from its values', async (t) => {
  const fit = leastSquares(
    modelOf(2, 10, (x, i) => Math.exp(x[0] - Math.exp(x[1]) * i) - 3 * Math.exp(-0.4 * i)),
    [0, 0],
  );
  t.ok(fit.converged);
  t.ok(near(fit.x, [Math.log(3), Math.log(0.4)]) < 1e-6, `${fit.x}`);
});

test('no prior, no bound and no loss changes what fits exactly', async (t) => {
  const exact = line([1, 3, 5, 7]);
  const prior = { mean: [1, 2], information: [1, 0, 0, 1] };
  for (const options of [{}, { linearFrom: 0.1 }, { prior }, { lower: [0, 0], upper: [9, 9] }]) {
    const fit = leastSquares(exact, [0, 0], options);
    t.ok(near(fit.x, [1, 2]) < 1e-4, JSON.stringify(options));
  }
});

test('a loss that grows linearly gives the estimate of Huber, which an outlier hardly moves', async (t) => {
  const y = [1.1, 0.9, 1.3, 0.8, 1, 50];
  const linearFrom = 0.5;
  const fit = leastSquares(
    modelOf(1, y.length, (x, i) => x[0] - y[i]),
    [0],
    { linearFrom },
  );
  // The zero of Σ max(-k, min(k, x - y)).
  let [low, high] = [-10, 100];
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    const slope = y.reduce((sum, value) => sum + Math.max(-0.5, Math.min(0.5, middle - value)), 0);
    if (slope > 0) high = middle;
    else low = middle;
  }
  t.ok(Math.abs(fit.x[0] - low) < 1e-4, `${fit.x[0]} is about ${low}`);
  t.ok(fit.x[0] < 1.2, 'the mean would be 9.2');
  const loss = y.reduce((sum, value) => {
    const size = Math.abs(fit.x[0] - value);
    return sum + (size <= 0.5 ? size ** 2 : 0.5 * (2 * size - 0.5));
  }, 0);
  t.ok(Math.abs(fit.cost - loss) < 1e-9);
});

test('a prior is weighed against the residuals by its information', async (t) => {
  const y = [2, 4];
  const fit = leastSquares(
    modelOf(1, 2, (x, i) => x[0] - y[i]),
    [0],
    { prior: { mean: [0], information: [4] } },
  );
  t.ok(Math.abs(fit.x[0] - 1) < 1e-6, '(2 + 4 + 4·0)/(1 + 1 + 4)');
  t.ok(Math.abs(fit.cost - (1 + 9 + 4)) < 1e-6);
  t.ok(Math.abs(fit.information[0] - 2) < 1e-6, 'without the prior');
});

test('what no residual depends on stays where the prior has it', async (t) => {
  const fit = leastSquares(
    modelOf(2, 1, (x) => x[0] - 3),
    [0, 0],
    { prior: { mean: [0, -7], information: [1e-9, 0, 0, 1] } },
  );
  t.ok(near(fit.x, [3, -7]) < 1e-6, `${fit.x}`);
});

test('parameters stay within their bounds, and the others make the best of it', async (t) => {
  const visited: number[] = [];
  const model = modelOf(2, 2, (x, i) => {
    visited.push(x[0]);
    return i === 0 ? x[0] - 3 : x[0] - x[1];
  });
  const fit = leastSquares(model, [-9, 0], { lower: [-1, -10], upper: [1, 10] });
  t.ok(near(fit.x, [1, 1]) < 1e-4, `${fit.x}`);
  // The step of the differences reaches over.
  t.ok(visited.every((x) => x >= -1.001 && x <= 1.001));
});

test('where the model does not tell anything the answer says so and the start stays', async (t) => {
  const fit = leastSquares(
    modelOf(2, 3, () => Number.NaN),
    [1, 2],
  );
  t.ok(Number.isNaN(fit.cost));
  t.same([...fit.x], [1, 2]);
});

test('it leaves a start where the model does not tell all, and never moves to such a point', async (t) => {
  // The second residual is told left of 1 alone.
  const model = modelOf(1, 2, (x, i) => (i === 0 ? x[0] : Math.sqrt(1 - x[0])));
  const fit = leastSquares(model, [1.5], {});
  t.ok(Number.isFinite(fit.cost) && fit.x[0] <= 1, `${fit.x[0]}`);
  const edge = leastSquares(
    modelOf(1, 1, (x) => Math.log(1 - x[0]) - Math.log(0.1)),
    [-1],
  );
  t.ok(Math.abs(edge.x[0] - 0.9) < 1e-6, `${edge.x[0]}: the first step would reach 1`);
});
