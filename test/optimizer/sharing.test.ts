import { test } from 'tap';
import queueModel from '../../src/queueing/models/state-dependent.ts';
import type { QueueModel } from '../../src/queueing/queue-model.ts';
import type { Server } from '../../src/schemas/fleet.ts';
import type { Profile } from '../../src/schemas/model.ts';
import { watched } from '../support/queues.ts';
import { fleetOf, LARGE, LOAD, planOf, SMALL } from './examples.ts';

/** The work that planning asks of the queue model. */
function workOf(servers: readonly Partial<Server>[], profiles: readonly Profile[] = [SMALL, LARGE]) {
  let prepared = 0;
  const queues: ReturnType<typeof watched>[] = [];
  const counting: QueueModel = {
    ...queueModel,
    prepare(station) {
      prepared++;
      const seen = watched(queueModel.prepare(station));
      queues.push(seen);
      return seen.queue;
    },
  };
  planOf(fleetOf({ profiles, targets: { ttftMs: 2_000, itlMs: 30 }, servers }), counting);
  return { prepared, evaluations: queues.reduce((sum, { evaluations }) => sum + evaluations(), 0) };
}

const alike = (n: number, server: Partial<Server> = {}) =>
  Array.from({ length: n }, (_, i) => ({ ...server, name: `server-${i}` }));

test('servers with the same problem prepare one station for each variant', async (t) => {
  t.equal(workOf(alike(1)).prepared, 2);
  t.equal(workOf(alike(50)).prepared, 2);
});

test('servers with the same problem are sized once: each further one only has its metrics looked up', async (t) => {
  const one = workOf(alike(1)).evaluations;
  t.ok(one > 3, `${one} evaluations for one server`);
  // Of the variants one is given, and predicted for.
  t.equal(workOf(alike(50)).evaluations, one + 49);
});

test('a batch limit that has to be searched is searched once', async (t) => {
  const { atTokens: _, ...ceiling } = SMALL;
  const one = workOf(alike(1), [ceiling]);
  const many = workOf(alike(50), [ceiling]);
  t.equal(one.prepared, 1);
  t.equal(many.prepared, 1);
  t.equal(many.evaluations, one.evaluations + 49);
});

test('servers that differ only in rate, priority, replicas or what runs share the station', async (t) => {
  const servers: Partial<Server>[] = [
    {},
    { load: { ...LOAD, requestsPerSec: 3 } },
    { serviceClass: 'first' },
    { minReplicas: 4, maxReplicas: 9, spareReplicas: 1 },
    { current: [{ variant: 'small', replicas: 2 }] },
    // The profile's limit, fixed.
    { maxBatchSize: 10 },
    { load: { ...LOAD, cachedInputTokens: 0 } },
  ];
  t.equal(workOf(servers).prepared, 2);
});

test('servers that differ in what makes a station do not share it', async (t) => {
  for (const other of [
    { load: { ...LOAD, inputTokens: 101 } },
    { load: { ...LOAD, outputTokens: 101 } },
    { load: { ...LOAD, cachedInputTokens: 1 } },
    { maxQueueLength: 0 },
    { maxBatchSize: 9 },
  ]) {
    t.equal(workOf([{}, other]).prepared, 4, JSON.stringify(other));
  }
  t.equal(workOf([{ maxQueueLength: 0 }, { maxQueueLength: 1 }]).prepared, 4);
});

test('targets of two classes are sized apart on one station', async (t) => {
  const tight = { model: 'model', itlMs: 11 };
  const fleet = fleetOf({
    profiles: [{ ...SMALL, serviceTime: { alphaMs: 10, betaMsPerToken: 0.1, gammaMsPerToken2: 0 } }],
    servers: [{ serviceClass: 'first' }, { serviceClass: 'second' }],
  });
  const [first, second] = fleet.serviceClasses;
  const { servers } = planOf(
    { ...fleet, serviceClasses: [{ ...first, targets: [tight] }, second] },
    queueModel,
  );
  t.equal(servers[0].reason.code, 'itl-bound');
  t.equal(servers[1].reason.code, 'stability-bound');
  t.ok(servers[0].allocations[0].replicas > servers[1].allocations[0].replicas);
});
