import { test } from 'tap';
import { optimize } from '../../src/optimizer/optimize.ts';
import type { Solver } from '../../src/solvers/solver.ts';
import greedy from '../../src/solvers/strategies/greedy.ts';
import milp from '../../src/solvers/strategies/milp.ts';
import { fleetOf, SMALL } from './examples.ts';
import { fixedRate } from './fixed-rate.ts';

await milp.load();

/** Three replicas each, and five cards. */
const servers = [
  { name: 'high', serviceClass: 'first' },
  { name: 'low', serviceClass: 'second' },
  { name: 'kept', serviceClass: 'second', load: null, current: [{ variant: 'small', replicas: 1 }] },
];
const fleet = fleetOf({ profiles: [SMALL], capacity: { S: 6 }, servers });

const planBy = (strategy: Solver) =>
  optimize(fleet, { strategy, options: {} }, { strategy: fixedRate, options: {} }, () => 0);

test('a plan says of each priority how much is served, and how much could be', async (t) => {
  const { solver } = planBy(milp);
  t.equal(solver.termination, 'optimal');
  const [first, second] = solver.service;
  t.same(first, { priority: 1, servers: 1, served: 1, bound: 1 });
  t.same([second.priority, second.servers], [2, 2]);
  t.equal(second.bound, second.served);
});

test('of what is served in part a heuristic knows no bound', async (t) => {
  const { service } = planBy(greedy).solver;
  t.same(
    service.map(({ bound }) => bound),
    [1, null],
  );
});
