import { test } from 'tap';
import { loadFor, optimizeRequest } from '../../src/operations/optimize-request.ts';
import { chosen, loadRegistry } from '../../src/registry.ts';
import { fleetOf } from './examples.ts';

const registry = await loadRegistry();
await registry.solvers.get('auto')!.load!();

test('a choice is a name, or a name with options, or the default', async (t) => {
  const of = (choice: Parameters<typeof chosen>[1]) => {
    const { strategy, options } = chosen(registry.solvers, choice, 'greedy');
    return [strategy.name, options];
  };
  const defaults = { saturationPolicy: 'PriorityExhaustive', delayedBestEffort: false };
  t.same(of(undefined), ['greedy', defaults]);
  t.same(of('unlimited'), ['unlimited', {}]);
  t.same(of({ name: 'unlimited' }), ['unlimited', {}]);
  t.same(of({ name: 'greedy', options: { delayedBestEffort: true } }), [
    'greedy',
    { ...defaults, delayedBestEffort: true },
  ]);
});

test('without a choice a fleet with a capacity or quotas is solved by auto, one without by unlimited', async (t) => {
  const solverOf = (fleet: ReturnType<typeof fleetOf>) => optimizeRequest(fleet, registry).solver.name;
  t.equal(solverOf(fleetOf({ capacity: { S: 1 } })), 'auto');
  t.equal(solverOf(fleetOf({ capacity: {} })), 'auto');
  t.equal(solverOf({ ...fleetOf({}), quotas: [{ servers: ['server'], type: 'S', cards: 1 }] }), 'auto');
  t.equal(solverOf(fleetOf({})), 'unlimited');
});

test('without a choice targets that are means are expected by the chain, targets at a percentile by the model that sees tails', async (t) => {
  const modelOf = (targets: object, queueModel?: string) => {
    const { serviceClasses, ...fleet } = fleetOf({ capacity: {} });
    const classes = serviceClasses.map((one) => ({
      ...one,
      targets: one.targets.map(({ model }) => ({ model, ...targets })),
    }));
    const request = { ...fleet, serviceClasses: classes, ...(queueModel && { queueModel }) };
    return optimizeRequest(request, registry).queueModel.name;
  };
  t.equal(modelOf({ ttftMs: 1000 }), 'state-dependent');
  t.equal(modelOf({ ttftMs: 1000, e2eMs: 90_000 }), 'state-dependent');
  t.equal(modelOf({ ttftMs: 1000, ttftPercentile: 0.95 }), 'iteration');
  t.equal(modelOf({ itlMs: 100, itlPercentile: 0.5 }), 'iteration');
  t.equal(modelOf({ ttftMs: 1000, ttftPercentile: 0.95 }, 'state-dependent'), 'state-dependent');
});

test('a solver that cannot be loaded says so', async (t) => {
  const load = async () => {
    throw new Error("Cannot find package 'glpk.js'");
  };
  const solvers = new Map([['glpk', { ...registry.solvers.get('glpk')!, load }]]);
  await t.rejects(loadFor({ solver: 'glpk' }, { ...registry, solvers }), {
    code: 'unavailable',
    message: "The solver glpk cannot be loaded: Cannot find package 'glpk.js'",
  });
});

test('a request that names its solver, options and queue model is answered by them', async (t) => {
  const solver = { name: 'greedy', options: { saturationPolicy: 'None' } };
  const fleet = fleetOf({ capacity: { S: 1, L: 0 } });
  const plan = optimizeRequest({ ...fleet, solver, queueModel: 'state-dependent' }, registry);
  t.same([plan.solver.name, plan.queueModel.name], ['greedy', 'state-dependent']);
  t.same(plan.servers[0].allocations, []);
  const byDefault = optimizeRequest({ ...fleet, solver: 'greedy' }, registry).servers[0];
  t.equal(byDefault.allocations[0].replicas, 1, 'in part by default');
  const taken = optimizeRequest({ ...fleet, solver: 'unlimited' }, registry).servers[0];
  t.equal(taken.servedFraction, 1);
});
