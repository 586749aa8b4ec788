import { test } from 'tap';
import type { Plan } from '../../src/schemas/plan.ts';
import { answerChecks, at, edited, example, post, service } from '../support/service.ts';

const fleet = example('/optimize', 'two classes');
const scarce = example('/optimize', 'scarce cards');

/** Replicas that serve one request at a time: 100 ms on the cheap card, 50 ms on the dear one. */
const byHand = {
  accelerators: [
    { name: 'cheap', type: 'C', cards: 2, costPerHour: 10, power: { idleWatts: 100, fullWatts: 300 } },
    { name: 'dear', type: 'D', costPerHour: 16 },
  ],
  models: [
    {
      name: 'm',
      profiles: [
        { accelerator: 'cheap', serviceTime: { alphaMs: 10, betaMsPerToken: 0, gammaMsPerToken2: 0 } },
        { accelerator: 'dear', serviceTime: { alphaMs: 5, betaMsPerToken: 0, gammaMsPerToken2: 0 } },
      ],
    },
  ],
  serviceClasses: [{ name: 'c', priority: 1, targets: [{ model: 'm', ttftMs: 120 }] }],
  servers: [
    {
      name: 's',
      serviceClass: 'c',
      model: 'm',
      load: { requestsPerSec: 12, inputTokens: 100, outputTokens: 9 },
      maxBatchSize: 1,
    },
  ],
};

const near = (actual: unknown, expected: number) => Math.abs(Number(actual) - expected) <= 1e-9 * expected;

test('/optimize answers in the shape of its schema', async (t) => {
  const app = await service(t);
  const faultsOf = await answerChecks(app);
  for (const body of [
    fleet,
    scarce,
    byHand,
    edited(fleet, { '/servers': [] }),
    edited(fleet, { '/servers/0/load': null }),
  ]) {
    const answer = await post<Plan>(app, '/optimize', body);
    t.equal(answer.status, 200);
    t.strictSame(faultsOf('Plan', answer.body), []);
  }
});

const PINNED = {
  '': ['status', 'solver', 'queueModel', 'servers', 'totals', 'cards', 'quotas'],
  '/solver': ['name', 'termination', 'objective', 'bound', 'gapFraction', 'service', 'solveMs'],
  '/queueModel': ['name'],
  '/servers/1': [
    ...[
      'name',
      'allocations',
      'predicted',
      'servedFraction',
      'withinTargets',
      'margins',
      'costPerHour',
      'change',
    ],
    ...['reason', 'runnerUp', 'shortfall'],
  ],
  '/servers/1/allocations/0': [
    ...['variant', 'accelerator', 'replicas', 'maxBatchSize', 'loadFraction', 'costPerHour', 'predicted'],
  ],
  '/servers/1/predicted': [
    ...['status', 'ttftMs', 'itlMs', 'waitMs', 'throughputPerSec', 'lossFraction', 'utilizationFraction'],
  ],
  '/servers/1/margins': ['ttftMs', 'itlMs'],
  '/servers/1/change': ['kind', 'from', 'costPerHour', 'restartsReplicas'],
  '/servers/1/change/from/0': ['variant', 'replicas'],
  '/servers/1/reason': ['code', 'text'],
  '/servers/1/runnerUp': ['variant', 'replicas', 'costPerHour', 'differencePerHour'],
  '/servers/0/shortfall': ['code', 'text', 'missing'],
  '/totals': ['costPerHour', 'currentCostPerHour', 'powerWatts', 'servers', 'servedInFull'],
  '/cards/0': ['type', 'capacity', 'used', 'left'],
};

test('Every pinned field of a plan is there', async (t) => {
  const app = await service(t);
  const { body } = await post<Plan>(app, '/optimize', scarce);
  for (const [pointer, fields] of Object.entries(PINNED))
    for (const field of fields)
      t.ok(Object.hasOwn(at(body, pointer) as object, field), `${pointer}/${field}`);
});

test('One fast replica is taken where it costs less than three slow ones', async (t) => {
  const app = await service(t);
  const { body } = await post<Plan>(app, '/optimize', byHand);
  const [server] = body.servers;
  t.match(body, { status: 'complete', totals: { costPerHour: 16, currentCostPerHour: 0, powerWatts: null } });
  t.match(server.allocations, [
    { variant: 'dear', accelerator: 'dear', replicas: 1, maxBatchSize: 1, loadFraction: 1 },
  ]);
  t.match(server.runnerUp, { variant: 'cheap', replicas: 3, costPerHour: 30, differencePerHour: 14 });
  t.match(server.change, { kind: 'start', from: [], costPerHour: 16, restartsReplicas: false });
  t.ok(near(body.solver.objective, 17.6), 'a start costs a tenth more');
  t.strictSame(body.cards, [
    { type: 'C', capacity: null, used: 0, left: null, short: 0, enough: null },
    { type: 'D', capacity: null, used: 1, left: null, short: 0, enough: null },
  ]);
});

test('The prediction is that of one replica at its share of the load, and power follows utilization', async (t) => {
  const app = await service(t);
  const { body } = await post<Plan>(app, '/optimize', edited(byHand, { '/capacity': { C: 7, D: 0 } }));
  const [server] = body.servers;
  t.match(server.allocations, [{ variant: 'cheap', replicas: 3, costPerHour: 30 }]);
  t.ok(near(server.predicted!.waitMs, 200 / 3), 'M/M/1 at 4 a second');
  t.ok(near(server.margins.ttftMs, 120 - 20 - 200 / 3));
  t.ok(near(server.predicted!.throughputPerSec, 12));
  t.ok(near(body.totals.powerWatts, 3 * 180), '40 % of the way from idle to full');
  t.match(server.reason, { code: 'ttft-bound' });
  t.match(body.cards[0], { type: 'C', capacity: 7, used: 6, left: 1 });
});
