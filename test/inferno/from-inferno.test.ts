import { test } from 'tap';
import { loadRegistry } from '../../src/registry.ts';
import { requestChecks } from '../../src/schemas/checker.ts';
import { answerTo, systemOf, translated } from './systems.ts';

const { OptimizeRequest: faults } = requestChecks(await loadRegistry());
const requestOf = (parts: Parameters<typeof systemOf>[0] = {}) => translated(systemOf(parts)).request;

test('a system becomes a valid request with our units', async (t) => {
  const request = requestOf();
  t.same(faults(request), []);
  const [one, four] = request.accelerators;
  t.same(one, {
    name: 'one',
    type: 'card',
    cards: 1,
    costPerHour: 40,
    memoryGib: 80,
    power: { idleWatts: 100, fullWatts: 400, midWatts: 300, midUtilizationFraction: 0.6 },
  });
  t.equal(four.cards, 4);
  t.same(request.models[0].profiles[0], {
    accelerator: 'one',
    acceleratorsPerReplica: 2,
    maxBatchSize: 64,
    atTokens: 512,
    serviceTime: { alphaMs: 20, betaMsPerToken: 0.04, gammaMsPerToken2: 0.001 },
  });
  t.same(request.serviceClasses[0], {
    name: 'class',
    priority: 2,
    targets: [{ model: 'model', itlMs: 60, ttftMs: 1_000, minTokensPerSec: 0 }],
  });
  const { load, current } = request.servers[0];
  t.same(load, { requestsPerSec: 1, inputTokens: 128, outputTokens: 1_024 });
  t.has(current, [{ variant: 'one', replicas: 2, costPerHour: 150 }]);
});

test('a card type that the capacity does not name has no cards', async (t) => {
  t.same(requestOf().capacity, { card: 8, unlisted: 0 });
  t.same(requestOf({ capacity: [] }).capacity, { card: 0, unlisted: 0 });
  t.same(requestOf({ capacity: [{ type: 'card' }, { type: 'unknown', count: 3 }] }).capacity, {
    card: 0,
    unlisted: 0,
  });
  const { capacityData: _, ...none } = systemOf();
  t.same(translated(none).request.capacity, { card: 0, unlisted: 0 });
  t.match(answerTo(none).shortfalls, [{ server: 'server', code: 'no-capacity' }]);
});

test('a token rate replaces the load, be it more or less', async (t) => {
  const rate = (tps: number) => requestOf({ target: { 'slo-tps': tps } }).servers[0].load?.requestsPerSec;
  t.equal(rate(2_048), 2);
  t.equal(rate(512), 0.5);
  t.equal(rate(0), 1);
  const idle = { currentAlloc: { load: { arrivalRate: 0, avgInTokens: 8, avgOutTokens: 8 } } };
  t.equal(requestOf({ server: idle, target: { 'slo-tps': 512 } }).servers[0].load?.requestsPerSec, 0);
});

test('the least replicas and the waiting room default to 0, the batch limit to that of the model', async (t) => {
  const server = { minNumReplicas: undefined, maxQueueSize: undefined, maxBatchSize: 0 };
  const [{ minReplicas, maxQueueLength, maxBatchSize }] = requestOf({ server }).servers;
  t.same([minReplicas, maxQueueLength, maxBatchSize], [0, 0, undefined]);
});

test('a server without load needs nothing and is no shortfall', async (t) => {
  for (const currentAlloc of [undefined, {}, { load: { arrivalRate: 0, avgInTokens: 9, avgOutTokens: 9 } }]) {
    const { allocations, shortfalls } = answerTo(systemOf({ server: { minNumReplicas: 0, currentAlloc } }));
    t.same(allocations, {});
    t.same(shortfalls, []);
  }
});

test('counts of 0 mean 1, an atTokens of 0 none, parameters that are absent 0', async (t) => {
  const model = { accCount: 0, atTokens: 0, perfParms: { alpha: 3 } };
  const [profile] = requestOf({ model }).models[0].profiles;
  t.same(profile, {
    accelerator: 'one',
    acceleratorsPerReplica: 1,
    maxBatchSize: 64,
    serviceTime: { alphaMs: 3, betaMsPerToken: 0, gammaMsPerToken2: 0 },
  });
  const system = systemOf();
  const [one] = system.acceleratorData.accelerators;
  const zero = { ...system, acceleratorData: { accelerators: [{ ...one, multiplicity: 0 }] } };
  t.equal(translated(zero).request.accelerators[0].cards, 1);
});

test('a priority that is absent or out of 1 … 100 is the lowest', async (t) => {
  const priorityOf = (priority?: number) => {
    const system = systemOf();
    const [entry] = system.serviceClassData.serviceClasses;
    return translated({ ...system, serviceClassData: { serviceClasses: [{ ...entry, priority }] } }).request
      .serviceClasses[0].priority;
  };
  t.same([undefined, 0, -1, 101, 1, 100].map(priorityOf), [100, 100, 100, 100, 1, 100]);
});

test('nothing runs on an accelerator without a name', async (t) => {
  t.equal(
    requestOf({ server: { currentAlloc: { accelerator: '', numReplicas: 3 } } }).servers[0].current,
    undefined,
  );
  t.equal(requestOf({ server: { currentAlloc: undefined } }).servers[0].current, undefined);
});

test('of two entries of one name the last counts', async (t) => {
  const system = systemOf({
    capacity: [
      { type: 'card', count: 1 },
      { type: 'card', count: 5 },
    ],
  });
  const [one] = system.acceleratorData.accelerators;
  const [model] = system.modelData.models;
  const [server] = system.serverData.servers;
  const { request } = translated({
    ...system,
    acceleratorData: { accelerators: [one, { ...one, cost: 7 }] },
    modelData: { models: [model, { ...model, maxBatchSize: 3 }] },
    serverData: { servers: [server, { ...server, minNumReplicas: 9 }] },
  });
  t.same(faults(request), []);
  t.same(request.capacity, { card: 5 });
  t.same(
    request.accelerators.map(({ costPerHour }) => costPerHour),
    [7],
  );
  t.same(
    request.models[0].profiles.map(({ maxBatchSize }) => maxBatchSize),
    [3],
  );
  t.same(
    request.servers.map(({ minReplicas }) => minReplicas),
    [9],
  );
});
