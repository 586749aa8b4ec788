import { test } from 'tap';
import { isMix, mixOf } from '../../src/solvers/mix.ts';
import { isWhole, totalValue } from '../../src/solvers/service.ts';
import glpk from '../../src/solvers/strategies/glpk.ts';
import greedy from '../../src/solvers/strategies/greedy.ts';
import milp from '../../src/solvers/strategies/milp.ts';
import mixed from '../../src/solvers/strategies/mixed.ts';
import { forAll } from '../support/properties.ts';
import { bruteForce, compare, worthOf } from './mixing-oracle.ts';
import { mixingProblems } from './mixing-problems.ts';
import { fits, givenBy } from './problems.ts';

/** Proven, not only nearly so. */
const EXACTLY = { gapFraction: 0 };

await mixed.load();
await milp.load();
await glpk.load();

for (const { solver, options, runs } of [
  { solver: mixed, options: { gapFraction: 0 }, runs: 400 },
  { solver: glpk, options: { mixed: true }, runs: 150 },
]) {
  test(`${solver.name} with several variants for a server is as good as trying everything`, async (t) => {
    t.setTimeout(240_000);
    forAll(
      t,
      'random problems of up to 2 servers',
      mixingProblems(2),
      (problem) => {
        const { assignments, termination } = solver.solve(problem, options);
        const [worth, best] = [worthOf(problem, assignments), bruteForce(problem)];
        return termination === 'optimal' && fits(problem, assignments) && compare(worth, best) === 0;
      },
      runs,
    );
  });
}

test('unless told otherwise it stops within a ten-thousandth of its bound', async (t) => {
  t.setTimeout(120_000);
  forAll(
    t,
    'random problems',
    mixingProblems(5),
    (problem) => {
      const { assignments, termination, bound } = mixed.solve(problem, {});
      const value = totalValue(problem, assignments);
      return (
        termination === 'optimal' &&
        bound !== null &&
        bound <= value &&
        value - bound <= 1e-4 * Math.max(Math.abs(value), Math.abs(bound)) + 1e-6
      );
    },
    100,
  );
});

test('mixed is never worse than one variant each, whatever the time', async (t) => {
  t.setTimeout(120_000);
  forAll(
    t,
    'random problems',
    mixingProblems(8),
    (problem) => {
      const worth = worthOf(problem, mixed.solve(problem, { timeLimitSec: 0.001 }).assignments);
      const whole = worthOf(problem, mixed.solve(problem, EXACTLY).assignments);
      return (
        compare(worth, worthOf(problem, greedy.solve(problem, {}).assignments)) >= 0 &&
        compare(whole, worthOf(problem, milp.solve(problem, {}).assignments)) >= 0
      );
    },
    60,
  );
});

test('a plan in full has a bound whatever the time, and the best plan is not below it', async (t) => {
  t.setTimeout(120_000);
  let late = 0;
  forAll(
    t,
    'random problems of up to 2 servers',
    mixingProblems(2),
    (problem) => {
      // No engine has so little time: the bound is what is known without one.
      const { assignments, bound, termination } = mixed.solve(problem, { timeLimitSec: 1e-6 });
      if (!isWhole(problem, assignments)) return true;
      if (termination === 'time-limit') late++;
      const best = bruteForce(problem);
      return (
        bound !== null && bound <= -best[best.length - 1] + 1e-6 && bound <= totalValue(problem, assignments)
      );
    },
    400,
  );
  t.ok(late > 30, `${late} out of time`);
});

test('two variants share what one would serve for more', async (t) => {
  const part = (
    variant: string,
    limit: number,
    load: number,
    valuePerReplica: number,
    candidate: number,
  ) => ({
    variant,
    uses: [{ limit, perReplica: 1 }],
    loads: [load],
    requiredReplicas: Math.ceil(load),
    valuePerReplica,
    valueOfKeeping: 0,
    candidate,
  });
  const parts = [part('large', 0, 2.2, 10, 0), part('small', 1, 9.9, 3, 1)];
  const candidates = parts.map(({ variant, uses, requiredReplicas, valuePerReplica }) => ({
    variant,
    uses,
    replicas: requiredReplicas,
    requiredReplicas,
    valuePerReplica,
    value: requiredReplicas * valuePerReplica,
  }));
  const mixing = {
    sizes: [1],
    servableShare: 1,
    parts,
    minReplicas: 1,
    maxReplicas: 100,
    spareReplicas: 0,
  };
  const problem = {
    servers: [{ name: 'a', priority: 1, candidates, valueOfNothing: 0, mixing }],
    limits: [10, 10],
  };
  // 2 large carry 0.909 of it, 1 small 0.101: 23 instead of 30.
  const solution = mixed.solve(problem, EXACTLY);
  t.same(givenBy(problem, solution), { a: 'large x 2 + small x 1' });
  t.equal(solution.bound, 23);
  const [given] = solution.assignments;
  t.ok(given && isMix(given) && given.servedFraction === 1);
  const shares = given && isMix(given) ? given.parts.map((one) => one.shares[0]) : [];
  t.ok(Math.abs(shares[0] - 2 / 2.2 / (2 / 2.2 + 1 / 9.9)) < 1e-12, 'in proportion to what each can carry');
});

test('of a server served in part no replica is left idle that could serve more', async (t) => {
  const part = {
    variant: 'only',
    uses: [],
    loads: [2, 4],
    requiredReplicas: 6,
    valuePerReplica: 1,
    valueOfKeeping: 0,
    candidate: 0,
  };
  const mixing = {
    sizes: [0.5, 0.5],
    servableShare: 1,
    parts: [part],
    minReplicas: 1,
    maxReplicas: 6,
    spareReplicas: 0,
  };
  // Three replicas: two for all of the first size, one for a quarter of the second. An engine is right to about a millionth.
  const decided = [{ part: 0, replicas: 3, shares: [1 - 4e-7, 0.25 - 1e-6] }];
  const mix = mixOf(mixing, decided, false);
  const [first, second] = isMix(mix) ? mix.parts[0].shares : [];
  t.ok(Math.abs(first - 1) < 1e-12 && Math.abs(second - 0.25) < 1e-12);
  t.ok(isMix(mix) && Math.abs(mix.servedFraction - 0.625) < 1e-12);
});
