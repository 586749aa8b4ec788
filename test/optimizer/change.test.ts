import { test } from 'tap';
import type { CurrentAllocation } from '../../src/schemas/fleet.ts';
import { fleetOf, LARGE, LOAD, onlyServer, SMALL } from './examples.ts';

// 25 requests/s take 3 replicas of small.

const PROFILES = [
  { ...SMALL, startupSec: 40 },
  { ...LARGE, startupSec: 90 },
];
const changeFrom = (...current: CurrentAllocation[]) =>
  onlyServer(fleetOf({ profiles: PROFILES }, { current })).change;

test('each kind of change is told with its cost and the time that new replicas take', async (t) => {
  for (const [current, kind, costPerHour, startupSec] of [
    [[], 'start', 6, 40],
    [[{ variant: 'small', replicas: 3 }], 'none', 0, null],
    [[{ variant: 'small', replicas: 1 }], 'scale-up', 4, 40],
    [[{ variant: 'small', replicas: 5 }], 'scale-down', -4, null],
    [[{ variant: 'large', replicas: 2 }], 'move', -14, 40],
  ] as const) {
    const change = changeFrom(...current);
    t.same([change.kind, change.costPerHour, change.startupSec], [kind, costPerHour, startupSec], kind);
    t.same(
      change.from,
      current.map((entry) => ({ ...entry, startingReplicas: 0 })),
    );
  }
});

test('a server that runs and gets nothing is stopped', async (t) => {
  const { change, shortfall } = onlyServer(
    fleetOf({ profiles: PROFILES, targets: { itlMs: 1 } }, { current: [{ variant: 'small', replicas: 3 }] }),
  );
  t.same([change.kind, change.costPerHour, change.startupSec], ['stop', -6, null]);
  t.equal(shortfall?.code, 'targets-unreachable');
});

test('giving up one of two variants is a move, though the other stays', async (t) => {
  const change = changeFrom({ variant: 'small', replicas: 3 }, { variant: 'large', replicas: 1 });
  t.equal(change.kind, 'move');
  t.equal(change.startupSec, null);
  t.same(
    change.from.map(({ variant }) => variant),
    ['large', 'small'],
  );
});

test('what runs at 0 replicas is nothing that runs', async (t) => {
  const change = changeFrom({ variant: 'small', replicas: 0 });
  t.equal(change.kind, 'start');
  t.same(change.from, []);
});

test('replicas that are still starting are told with the time that they take', async (t) => {
  const change = changeFrom({ variant: 'small', replicas: 3, startingReplicas: 2 });
  t.equal(change.kind, 'none');
  t.equal(change.startupSec, 40);
  t.same(change.from, [{ variant: 'small', replicas: 3, startingReplicas: 2 }]);
});

test('another batch limit restarts replicas of a variant that stays, not of one that starts', async (t) => {
  t.equal(changeFrom({ variant: 'small', replicas: 3, maxBatchSize: 10 }).restartsReplicas, false);
  t.equal(changeFrom({ variant: 'small', replicas: 1, maxBatchSize: 8 }).restartsReplicas, true);
  t.equal(changeFrom({ variant: 'small', replicas: 3 }).restartsReplicas, false, 'not told');
  t.equal(changeFrom({ variant: 'large', replicas: 3, maxBatchSize: 8 }).restartsReplicas, false);
  t.equal(changeFrom({ variant: 'small', replicas: 0, maxBatchSize: 8 }).restartsReplicas, false);
});

test('the runner-up is the best candidate that was not taken', async (t) => {
  const { runnerUp } = onlyServer(fleetOf({}));
  t.has(runnerUp, { variant: 'large', replicas: 2, costPerHour: 20, differencePerHour: 14 });
  t.equal(onlyServer(fleetOf({ profiles: [SMALL] })).runnerUp, null);
  const scarce = onlyServer(fleetOf({ capacity: { S: 2 } }, { load: LOAD }));
  t.equal(scarce.allocations[0].variant, 'large');
  t.has(scarce.runnerUp, { variant: 'small', replicas: 3, costPerHour: 6, differencePerHour: -14 });
  t.match(scarce.reason.text, 'small would be better, but its cards are short');
});

test('without a load the batch limit that runs stays', async (t) => {
  const load = { requestsPerSec: 0, inputTokens: 100, outputTokens: 50 };
  const current = [{ variant: 'small', replicas: 1, maxBatchSize: 3 }];
  const { allocations, change } = onlyServer(fleetOf({}, { load, current }));
  t.equal(allocations[0].maxBatchSize, 3);
  t.match(change, { kind: 'none', restartsReplicas: false });
});
