import { test } from 'tap';
import type { Plan } from '../../src/schemas/plan.ts';
import type { QueueModelList, StrategyList } from '../../src/schemas/strategy.ts';
import { answerChecks, edited, example, post, service } from '../support/service.ts';

const fleet = example('/optimize', 'two classes');
const scarce = example('/optimize', 'scarce cards');

/** A plan without the only field that differs from run to run. */
const timeless = (text: string) => text.replace(/"solveMs":[^,}]+/, '');

test('Without a capacity the default is the solver unlimited, with one auto', async (t) => {
  const app = await service(t);
  const solverOf = async (body: unknown) => (await post<Plan>(app, '/optimize', body)).body.solver;
  t.match(await solverOf(edited(fleet, { '/capacity': undefined })), {
    name: 'unlimited',
    termination: 'optimal',
  });
  t.match(await solverOf(fleet), {
    name: 'auto',
    termination: 'optimal',
    gapFraction: 0,
  });
  t.match(await solverOf(edited(fleet, { '/capacity': {} })), { name: 'auto' });
});

test('The solver unlimited ignores the cards and proves its plan', async (t) => {
  const app = await service(t);
  const { body } = await post<Plan>(app, '/optimize', edited(scarce, { '/solver': 'unlimited' }));
  t.equal(body.status, 'complete');
  t.equal(body.solver.bound, body.solver.objective);
  t.equal(body.solver.gapFraction, 0);
  t.match(body.cards[1], { type: 'G2', capacity: 3, used: 8, left: -5 });
});

test('A solver named as text, as an object and with its default options answers the same', async (t) => {
  const app = await service(t);
  const answers = [];
  for (const solver of [
    'greedy',
    { name: 'greedy' },
    { name: 'greedy', options: {} },
    { name: 'greedy', options: { saturationPolicy: 'PriorityExhaustive', delayedBestEffort: false } },
  ])
    answers.push(timeless((await post(app, '/optimize', edited(scarce, { '/solver': solver }))).text));
  t.equal(new Set(answers).size, 1);
});

test('The options of a solver reach it', async (t) => {
  const app = await service(t);
  const servedWith = async (saturationPolicy: string) => {
    const body = edited(scarce, { '/solver': { name: 'greedy', options: { saturationPolicy } } });
    return (await post<Plan>(app, '/optimize', body)).body.servers[0].servedFraction;
  };
  t.equal(await servedWith('None'), 0);
  t.equal(await servedWith('RoundRobin'), 1 / 6);
});

test('The order of the entries of a fleet does not change its plan', async (t) => {
  const app = await service(t);
  const reversed = structuredClone(fleet) as Record<string, unknown[]>;
  for (const list of ['accelerators', 'models', 'serviceClasses', 'servers']) reversed[list].reverse();
  const [one, other] = [await post(app, '/optimize', fleet), await post(app, '/optimize', reversed)];
  t.equal(timeless(one.text), timeless(other.text));
});

test('/solvers and /queue-models list what can be selected, with the schema of its options', async (t) => {
  const app = await service(t);
  const faultsOf = await answerChecks(app);
  const expected = {
    '/solvers': ['auto', 'glpk', 'greedy', 'milp', 'unlimited'],
    '/queue-models': [
      'erlang',
      'iteration',
      'mean-field',
      'measured',
      'simulated',
      'state-dependent',
      'two-moment',
    ],
  };
  for (const [url, names] of Object.entries(expected)) {
    const list = (await app.inject(url)).json<StrategyList>();
    t.strictSame(faultsOf(url === '/solvers' ? 'StrategyList' : 'QueueModelList', list), []);
    for (const name of names)
      t.ok(
        list.some((strategy) => strategy.name === name),
        name,
      );
    t.equal(list.filter((strategy) => strategy.default).length, 1, 'one is the default');
    for (const { summary, options } of list) {
      t.ok(summary.length > 20);
      t.match(options, { type: 'object', additionalProperties: false });
    }
  }
});

test('/queue-models tells what a model assumes and costs, and its errors against simulation', async (t) => {
  const app = await service(t);
  const models = (await app.inject('/queue-models')).json<QueueModelList>();
  for (const { name, assumes, cost, errors } of models) {
    t.ok(assumes && cost, name);
    // Rates that were measured are no model of the simulated replica, and simulation is the judge.
    t.equal(errors.length > 0, name !== 'measured' && name !== 'simulated', name);
  }
  const { tellsPercentiles, errors } = models.find(({ name }) => name === 'iteration')!;
  t.equal(tellsPercentiles, true);
  const { ttftMs } = errors.find(({ where }) => where === 'Poisson arrivals, exponential lengths')!;
  t.ok(ttftMs!.medianFraction < 0.05 && ttftMs!.situations > 30);
});

test('Every queue model of service times that is listed can be selected by its name alone', async (t) => {
  const app = await service(t);
  for (const { name } of (await app.inject('/queue-models')).json<QueueModelList>()) {
    if (name === 'measured') continue;
    const { status } = await post(app, '/optimize', edited(fleet, { '/queueModel': name }));
    t.equal(status, 200, name);
  }
});

test('Every solver that is listed can be selected', async (t) => {
  const app = await service(t);
  for (const { name } of (await app.inject('/solvers')).json<StrategyList>()) {
    const { status, body } = await post<Plan>(app, '/optimize', edited(fleet, { '/solver': name }));
    t.equal(status, 200);
    t.equal(body.solver.name, name);
  }
});
