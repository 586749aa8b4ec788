import { test } from 'tap';
import { highsEngine } from '../../src/solvers/highs-engine.ts';
import { IntegerProgram } from '../../src/solvers/integer-program.ts';

const NO_BOUND = Number.POSITIVE_INFINITY;
/** Lower and upper bound, columns, coefficients. */
const ROWS: readonly (readonly [number, number, readonly number[], readonly number[]])[] = [
  [-NO_BOUND, 1, [0, 5, 10], [1, 1, 1]],
  [0, NO_BOUND, [0, 5, 10, 15], [1, 1, 1, -1]],
  [0, 0, [6, 15], [1, -1]],
  [-NO_BOUND, 1, [8, 15], [1, 1]],
  [0, 0, [1, 7, 11, 15], [1, 1, 1, -1]],
  [-NO_BOUND, 1, [3, 9, 13, 15], [1, 1, 1, 1]],
  [0, 0, [2, 12, 15], [1, 1, -1]],
  [-NO_BOUND, 1, [4, 14, 15], [1, 1, 1]],
  [-NO_BOUND, 0, [0, 1, 3, 2, 4], [-1, 0.13333333333333333, 0.5, 0.13333333333333333, 0.5]],
  [-NO_BOUND, 0, [5, 6, 8, 7, 9], [-1, 0.3, 0.75, 0.1, 0.25]],
  [-NO_BOUND, 0, [10, 11, 13, 12, 14], [-1, 0.2, 0.6, 0.13333333333333333, 0.3999999999999999]],
  [-NO_BOUND, 0, [16, 15, 8, 3, 9, 13, 4, 14], [1, -1, -0.6, -0.2, -0.2, -0.2, -0.2, -0.2]],
  [-NO_BOUND, 0.9999, [16, 15], [1, -0.00009999999999998899]],
  [-NO_BOUND, 3, [0, 5], [1, 2]],
  [-NO_BOUND, 4, [10], [1]],
  [0.799999, NO_BOUND, [16], [1]],
];

test('what HiGHS refuses with its presolve is solved without', async (t) => {
  // One server of three sizes on three variants, of which at least 0.8 is held: replicas are columns 0, 5 and 10.
  const program = new IntegerProgram();
  const costs = new Map([
    [0, 4.4],
    [5, 16.5],
    [10, 11],
  ]);
  for (let column = 0; column < 17; column++) {
    program.addColumn(1, costs.get(column) ?? 0, [0, 5, 10, 15].includes(column));
  }
  for (const row of ROWS) program.addRow(...row);
  await highsEngine.load();
  const { status, values, bound } = highsEngine.solve(program, { timeLimitSec: 10, gapFraction: 0 });
  t.equal(status, 'optimal');
  // Only the one of column 5 serves the first size, which is 0.6 of all: without it at most 0.4 is served.
  t.same(
    [0, 5, 10].map((column) => values?.[column]),
    [0, 1, 0],
  );
  t.equal(bound?.toFixed(6), (16.5).toFixed(6));
});
