import { test } from 'tap';
import { loadFor } from '../../src/operations/optimize-request.ts';
import { formCheck } from '../../src/schemas/checker.ts';
import { InfernoAnswer } from '../../src/schemas/inferno.ts';
import { answerTo, registry, systemOf, translated } from './systems.ts';

const faults = formCheck(InfernoAnswer);

test('the answer has an allocation by server, in the units of the request, and two lists', async (t) => {
  const answer = answerTo(systemOf());
  t.same(faults(answer), []);
  t.same(Object.keys(answer), ['allocations', 'shortfalls', 'notes']);
  const { server } = answer.allocations;
  const fields = ['accelerator', 'numReplicas', 'maxBatch', 'cost', 'itlAverage', 'ttftAverage', 'load'];
  t.same(Object.keys(server), fields);
  t.equal(server.accelerator, 'one');
  t.equal(server.maxBatch, 32);
  // Two accelerators of 40 a replica.
  t.equal(server.cost, 80 * server.numReplicas!);
  t.ok(server.itlAverage! > 20 && server.itlAverage! <= 60);
  t.ok(server.ttftAverage! > server.itlAverage! && server.ttftAverage! <= 1_000);
  t.same(server.load, { arrivalRate: 60, avgInTokens: 128, avgOutTokens: 1_024 });
  t.same([answer.shortfalls, answer.notes], [[], []]);
});

test('what is not served in full is named, with the share that is', async (t) => {
  const load = { arrivalRate: 600, avgInTokens: 128, avgOutTokens: 1_024 };
  const answer = answerTo(
    systemOf({ server: { currentAlloc: { load } }, capacity: [{ type: 'card', count: 4 }] }),
  );
  const [shortfall] = answer.shortfalls;
  t.equal(shortfall.server, 'server');
  t.equal(shortfall.code, 'no-capacity');
  t.ok(shortfall.servedFraction > 0 && shortfall.servedFraction < 1);
  t.ok(answer.allocations.server.numReplicas! >= 1);
});

test('a server that gets nothing has no allocation', async (t) => {
  const answer = answerTo(systemOf({ target: { 'slo-itl': 0.001 } }));
  t.same(answer.allocations, {});
  t.match(answer.shortfalls, [{ server: 'server', servedFraction: 0, code: 'targets-unreachable' }]);
});

test('servers with names that lead nowhere take no part, and the others do', async (t) => {
  const system = systemOf();
  const [server] = system.serverData.servers;
  const lost = [
    { ...server, name: 'no-class', class: 'nowhere' },
    { ...server, name: 'no-model', model: 'nothing' },
    { ...server, name: 'no-target', class: 'empty' },
  ];
  const serviceClasses = [...system.serviceClassData.serviceClasses, { name: 'empty', priority: 1 }];
  const answer = answerTo({
    ...system,
    serviceClassData: { serviceClasses },
    serverData: { servers: [...lost, server] },
  });
  t.same(Object.keys(answer.allocations), ['server']);
  t.same(
    answer.shortfalls.map(({ server: name, code, servedFraction }) => [name, code, servedFraction]),
    [
      ['no-class', 'unknown-name', 0],
      ['no-model', 'unknown-name', 0],
      ['no-target', 'unknown-name', 0],
    ],
  );
  t.match(answer.shortfalls[0].text, '"nowhere"');
  t.match(answer.shortfalls[1].text, '"nothing"');
  t.match(answer.shortfalls[2].text, 'has no targets for model "model"');
});

test('profiles on accelerators that do not exist are left out', async (t) => {
  const { request } = translated(systemOf({ model: { acc: 'nowhere' } }));
  t.same(
    request.models[0].profiles.map(({ accelerator }) => accelerator),
    ['four'],
  );
  t.equal(answerTo(systemOf({ model: { acc: 'nowhere' } })).allocations.server.accelerator, 'four');
});

test('unlimited ignores the capacity, whatever else is switched on', async (t) => {
  const optimizer = { unlimited: true, milpSolver: true, saturationPolicy: 'nonsense' };
  const { request, notes } = translated(systemOf({ optimizer }));
  t.same([request.solver, notes], ['unlimited', []]);
  const { allocations, shortfalls } = answerTo(systemOf({ optimizer, capacity: [] }));
  t.ok(allocations.server);
  t.same(shortfalls, []);
});

test('the switches of greedy are its options; names of policies are read in any case', async (t) => {
  const solver = (optimizer: Record<string, unknown>) => translated(systemOf({ optimizer })).request.solver;
  const greedy = (saturationPolicy: string, delayedBestEffort = false) => ({
    name: 'greedy',
    options: { saturationPolicy, delayedBestEffort },
  });
  t.same(solver({}), greedy('RoundRobin', true));
  t.same(
    solver({ saturationPolicy: 'priorityexhaustive', delayedBestEffort: false }),
    greedy('PriorityExhaustive'),
  );
  t.same(solver({ saturationPolicy: '', delayedBestEffort: undefined }), greedy('None'));
  const { optimizerData: _, ...bare } = systemOf();
  t.same(translated(bare).request.solver, greedy('None'));
});

test('milpSolver is the solver milp', async (t) => {
  const system = systemOf({ optimizer: { milpSolver: true, saturationPolicy: 'nonsense' } });
  const { request, notes } = translated(system);
  t.same([request.solver, notes], ['milp', []]);
  await loadFor(request, registry);
  t.ok(answerTo(system).allocations.server);
});

test('a solver or a policy that is not there is answered otherwise, and said', async (t) => {
  for (const name of ['heterogeneous', 'useCplex']) {
    const { notes, allocations } = answerTo(systemOf({ optimizer: { [name]: true } }));
    t.equal(notes.length, 1);
    t.match(notes[0], name);
    t.ok(allocations.server);
  }
  const { notes } = answerTo(systemOf({ optimizer: { saturationPolicy: 'Fairest' } }));
  t.match(notes, ['saturationPolicy: Fairest is not known; None was used.']);
});

test('names that JavaScript gives a meaning are names like others', async (t) => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const { allocations, shortfalls } = answerTo(systemOf({ server: { name } }));
    t.same(Object.keys(allocations), [name]);
    t.equal(Object.getOwnPropertyDescriptor(allocations, name)?.value.accelerator, 'one');
    t.same(shortfalls, []);
    const renamed = JSON.parse(
      JSON.stringify(systemOf()).replaceAll('"card"', JSON.stringify(name)),
    ) as unknown;
    t.same(Object.keys(answerTo(renamed).allocations), ['server'], `card type ${name}`);
  }
});

test('an empty system has an empty answer', async (t) => {
  t.same(answerTo({}), { allocations: {}, shortfalls: [], notes: [] });
});
