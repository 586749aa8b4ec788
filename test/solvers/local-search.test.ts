import { test } from 'tap';
import { improved } from '../../src/solvers/local-search.ts';
import { isWithinLimits, servedOf, totalValue } from '../../src/solvers/service.ts';
import type { Problem } from '../../src/solvers/solver.ts';
import greedy from '../../src/solvers/strategies/greedy.ts';
import { forAll } from '../support/properties.ts';
import { mixingProblems } from './mixing-problems.ts';
import { asks, type Given, givenBy, problemOf, problemsOf } from './problems.ts';

/** Above 0: a serves more, the highest priority first, or as much for less. */
function compare(problem: Problem, a: readonly Given[], b: readonly Given[]): number {
  for (const priority of [1, 2, 3]) {
    const difference = servedOf(problem, a, priority) - servedOf(problem, b, priority);
    if (Math.abs(difference) > 1e-8) return difference;
  }
  const difference = totalValue(problem, b) - totalValue(problem, a);
  return Math.abs(difference) > 1e-8 ? difference : 0;
}

test('what is found is within the limits, never worse, and cannot be bettered by another search', async (t) => {
  let better = 0;
  forAll(
    t,
    'random problems',
    problemsOf(8),
    (problem) => {
      const before = greedy.solve(problem, {}).assignments;
      const after = improved(problem, before, 5);
      const gain = compare(problem, after, before);
      if (gain > 0) better++;
      const again = improved(problem, after, 5);
      return isWithinLimits(problem, after) && gain >= 0 && compare(problem, again, after) === 0;
    },
    300,
  );
  t.ok(better > 20, `${better} of 300 became better`);
});

test('servers that could be served by several variants are searched alike', async (t) => {
  forAll(
    t,
    'random problems',
    mixingProblems(5),
    (problem) => {
      const before = greedy.solve(problem, {}).assignments;
      const after = improved(problem, before, 5);
      return isWithinLimits(problem, after) && compare(problem, after, before) >= 0;
    },
    100,
  );
});

test('two servers exchange what each needs more', async (t) => {
  // Each alone has what it likes best; b can only be served where a is, and a elsewhere as well.
  const problem = problemOf(
    { X: 4, Y: 4 },
    asks('a', 1, { replicas: 4, value: 40 }, { replicas: 4, value: 44, cardType: 'Y' }),
    asks('b', 1, { replicas: 4, value: 40 }),
  );
  const before = [{ candidate: 0, replicas: 4 }, null];
  t.same(givenBy(problem, { assignments: improved(problem, before, 1) }), { a: 'a-1 x 4', b: 'b-0 x 4' });
});

test('a lower priority never gains by what a higher one loses', async (t) => {
  const problem = problemOf(
    { X: 4 },
    asks('high', 1, { replicas: 4, value: 40 }),
    asks('low', 2, { replicas: 1, value: 1 }),
  );
  const before = [{ candidate: 0, replicas: 4 }, null];
  t.same(givenBy(problem, { assignments: improved(problem, before, 1) }), { high: 'high-0 x 4' });
  const wrong = [
    { candidate: 0, replicas: 3 },
    { candidate: 0, replicas: 1 },
  ];
  t.same(
    givenBy(problem, { assignments: improved(problem, wrong, 1) }),
    { high: 'high-0 x 4' },
    'and gets it back',
  );
});
