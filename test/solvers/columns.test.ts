import { test } from 'tap';
import { planByColumns, planWholeByColumns } from '../../src/solvers/column-stages.ts';
import { cheapestColumn } from '../../src/solvers/columns.ts';
import { highsEngine } from '../../src/solvers/highs-engine.ts';
import type { Engine } from '../../src/solvers/integer-program.ts';
import { RoomLeft } from '../../src/solvers/room-left.ts';
import { isWhole } from '../../src/solvers/service.ts';
import type { Problem, Solution } from '../../src/solvers/solver.ts';
import greedy from '../../src/solvers/strategies/greedy.ts';
import milp from '../../src/solvers/strategies/milp.ts';
import mixed from '../../src/solvers/strategies/mixed.ts';
import { forAll } from '../support/properties.ts';
import { bruteForce, compare, type Worth, worthOf } from './mixing-oracle.ts';
import { simpleMixingProblems } from './mixing-problems.ts';
import { fits } from './problems.ts';

await mixed.load();
await milp.load();

/** Proven, not only nearly so. */
const EXACTLY = { timeLimitSec: 5, gapFraction: 0 };

test('with mixes that are generated it is as good as well, and their bound is below every plan', async (t) => {
  t.setTimeout(240_000);
  let generated = 0;
  forAll(
    t,
    'random problems of up to 3 servers',
    simpleMixingProblems(3),
    (problem) => {
      const { assignments, termination } = mixed.solve(problem, { gapFraction: 0 });
      const [worth, best] = [worthOf(problem, assignments), bruteForce(problem)];
      const start = milp.solve(problem, {}).assignments;
      const columns = isWhole(problem, start)
        ? planWholeByColumns(problem, highsEngine, EXACTLY, start)
        : null;
      if (columns) {
        generated++;
        const value = -best[best.length - 1];
        const reached = -worthOf(problem, columns.assignments)[best.length - 1];
        if (columns.bound > value + 1e-6 || reached < value - 1e-6) return false;
      }
      return termination === 'optimal' && fits(problem, assignments) && compare(worth, best) === 0;
    },
    300,
  );
  t.ok(generated > 100, `${generated} with generated mixes`);
});

test('plans in part by mixes that are generated are as good as any, proven', async (t) => {
  t.setTimeout(240_000);
  let inPart = 0;
  forAll(
    t,
    'random problems of up to 3 servers',
    simpleMixingProblems(3),
    (problem) => {
      const plan = planByColumns(problem, highsEngine, EXACTLY, greedy.solve(problem, {}).assignments);
      if (!plan) return false;
      if (!isWhole(problem, plan.assignments)) inPart++;
      const best = bruteForce(problem);
      return (
        plan.termination === 'optimal' &&
        fits(problem, plan.assignments) &&
        compare(worthOf(problem, plan.assignments), best) === 0 &&
        isBounded(problem, plan, best)
      );
    },
    500,
  );
  t.ok(inPart > 100, `${inPart} in part`);
});

test('the column that serves a server most costs what that is worth', async (t) => {
  let partly = 0;
  forAll(
    t,
    'random servers',
    simpleMixingProblems(1).map(({ servers }) => ({ servers, limits: [1_000, 1_000, 1_000] })),
    (problem) => {
      const [demand] = problem.servers;
      const aim = { priority: demand.priority, held: new Map() };
      const prices = { limits: problem.limits.map(() => 0), held: new Map() };
      const found = cheapestColumn(demand, 0, { aim, prices }, false, new RoomLeft(problem));
      const [served] = bruteForce(problem);
      if (served > 0 && served < 1) partly++;
      return found !== null && Math.abs(found.cost + served) < 1e-9;
    },
    300,
  );
  t.ok(partly > 50, `${partly} in part`);
});

test('whenever its engine gives up, its bounds are not below what the best plan serves nor above what it costs', async (t) => {
  t.setTimeout(240_000);
  let late = 0;
  forAll(
    t,
    'random problems of up to 3 servers',
    simpleMixingProblems(3),
    (problem) => {
      const best = bruteForce(problem);
      const start = greedy.solve(problem, {}).assignments;
      return [1, 2, 3, 4, 6, 8].every((solves) => {
        const plan = planByColumns(problem, tiring(solves), EXACTLY, start);
        if (!plan) return true;
        const worth = worthOf(problem, plan.assignments);
        if (plan.termination !== 'optimal') late++;
        else if (compare(worth, best) !== 0) return false;
        return (
          fits(problem, plan.assignments) &&
          compare(worth, worthOf(problem, start)) >= 0 &&
          isBounded(problem, plan, best)
        );
      });
    },
    300,
  );
  t.ok(late > 100, `${late} gave up`);
});

/** HiGHS that solves only so often. */
function tiring(solves: number): Engine {
  let left = solves;
  return {
    ...highsEngine,
    solve: (program, limits) =>
      left-- > 0
        ? highsEngine.solve(program, limits)
        : { status: 'time-limit', values: null, bound: null, seconds: 0 },
  };
}

/** Whether no bound is on the wrong side of the best plan; each holds for plans that serve the higher priorities as much. */
function isBounded(problem: Problem, { assignments, service = [], bound }: Solution, best: Worth): boolean {
  const worth = worthOf(problem, assignments);
  const priorities = [...new Set(problem.servers.map(({ priority }) => priority))].sort((a, b) => a - b);
  for (const [i, priority] of priorities.entries()) {
    const told = service.find((one) => one.priority === priority)?.bound ?? null;
    if (told !== null && told < best[i] - 1e-6) return false;
    if (Math.abs(worth[i] - best[i]) > 2e-5) return true;
  }
  return bound === null || bound <= -best[priorities.length] + 1e-6;
}
