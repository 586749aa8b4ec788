import { test } from 'tap';
import type { Problem } from '../../src/solvers/solver.ts';
import { stayingPlan } from '../../src/solvers/staying-plan.ts';
import { forAll } from '../support/properties.ts';
import { asks, fits, givenBy, problemOf, problemsOf } from './problems.ts';

/** The same problem, of which each server runs the candidate of this index, if it has one. */
const running = ({ servers, limits }: Problem, at: (server: number) => number): Problem => ({
  servers: servers.map((demand, server) => ({
    ...demand,
    candidates: demand.candidates.map((one, i) => ({ ...one, runs: i === at(server) })),
  })),
  limits,
});

const problem = problemOf(
  { X: 4, Y: 6 },
  asks('a', 2, { replicas: 3, value: 3 }, { replicas: 3, value: 9, cardType: 'Y' }),
  asks('b', 1, { replicas: 4, value: 4 }, { replicas: 4, value: 9, cardType: 'Y' }),
);

test('who runs something keeps its variant, with as many replicas as are needed now', async (t) => {
  const plan = stayingPlan(running(problem, (server) => (server === 0 ? 1 : 0)))!;
  t.same(givenBy(problem, { assignments: plan }), { a: 'a-1 x 3', b: 'b-0 x 4' });
});

test('where not all can stay, the higher priority does, and the other gets what is left', async (t) => {
  const plan = stayingPlan(running(problem, () => 0))!;
  t.same(givenBy(problem, { assignments: plan }), { a: 'a-1 x 3', b: 'b-0 x 4' });
});

test('where nothing runs there is none', async (t) => {
  t.equal(stayingPlan(problem), null);
});

test('no limit is exceeded, whatever runs', async (t) => {
  const staysWithin = (any: Problem) => {
    const plan = stayingPlan(running(any, (server) => server % 3));
    return plan === null || fits(any, plan);
  };
  forAll(t, 'random problems', problemsOf(10), staysWithin, 300);
});
