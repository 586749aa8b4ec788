import { test } from 'tap';
import queueModel from '../../src/queueing/models/state-dependent.ts';
import type { Server } from '../../src/schemas/fleet.ts';
import type { Profile } from '../../src/schemas/model.ts';
import { allCandidatesOf, candidatesOf, fleetOf, LOAD, onlyServer, SMALL } from './examples.ts';

function limitOf(profile: Partial<Profile>, server: Partial<Server> = {}): number | undefined {
  const fleet = fleetOf({ profiles: [{ ...SMALL, ...profile }] }, server);
  return candidatesOf(fleet).small?.maxBatchSize ?? undefined;
}

test('the limit of the profile scales with the output tokens, rounded down', async (t) => {
  t.equal(limitOf({ maxBatchSize: 10, atTokens: 100 }), 10);
  t.equal(limitOf({ maxBatchSize: 10, atTokens: 199 }), 19);
  t.equal(limitOf({ maxBatchSize: 10, atTokens: 51 }), 5);
});

test('a scaled limit is at least 1 and at most what a request may ask for', async (t) => {
  t.equal(limitOf({ maxBatchSize: 1, atTokens: 1 }), 1);
  t.equal(limitOf({ maxBatchSize: 16_384, atTokens: 1_000 }), 16_384);
});

test('the limit of the server goes before that of the profile, unscaled', async (t) => {
  t.equal(limitOf({ maxBatchSize: 10, atTokens: 200 }, { maxBatchSize: 7 }), 7);
});

test('the KV cache caps every limit', async (t) => {
  // A request takes 100 + 100 tokens.
  t.equal(limitOf({ kvCacheTokens: 1_199 }), 5);
  t.equal(limitOf({ kvCacheTokens: 1_200 }), 6);
  t.equal(limitOf({ kvCacheTokens: 1_199 }, { maxBatchSize: 7 }), 5);
  t.equal(limitOf({ kvCacheTokens: 200_000 }), 10);
});

test('cached prompt tokens take their place in the KV cache too', async (t) => {
  t.equal(limitOf({ kvCacheTokens: 1_200 }, { load: { ...LOAD, cachedInputTokens: 100 } }), 6);
});

test('a KV cache that cannot hold one request excludes the variant', async (t) => {
  const { allocations, excluded } = onlyServer(
    fleetOf({ profiles: [{ ...SMALL, kvCacheTokens: 199 }] }, { maxBatchSize: 1 }),
  );
  t.same(allocations, []);
  t.same(
    excluded.map(({ variant, code }) => [variant, code]),
    [['small', 'request-too-large']],
  );
  t.match(excluded[0].text, '199 tokens cannot hold one request of 200 tokens');
});

test('without atTokens the limit is searched below the ceiling, which is 256 where none is given', async (t) => {
  const { maxBatchSize: _, atTokens: __, ...bare } = SMALL;
  const searched = (profile: Profile, server: Partial<Server> = {}) =>
    candidatesOf(fleetOf({ profiles: [profile], targets: { itlMs: 200 } }, server), queueModel).small;
  // Throughput grows with the batch up to its limit here: nothing below 99 % of the ceiling is enough.
  const alone = { ...bare, serviceTime: { alphaMs: 10, betaMsPerToken: 0, gammaMsPerToken2: 0 } };
  const { maxBatchSize } = searched(alone);
  t.ok(maxBatchSize! >= 0.98 * 256 && maxBatchSize! <= 256, `${maxBatchSize} below 256`);
  t.ok(searched({ ...alone, maxBatchSize: 100 }).maxBatchSize! <= 100);
  t.ok(searched({ ...alone, maxBatchSize: 100, atTokens: 0 }).maxBatchSize! >= 98, 'atTokens 0 is none');
  // Tokens of the batch alone make the iteration: more of them serve no more.
  const batched = { ...bare, serviceTime: { alphaMs: 0.01, betaMsPerToken: 1, gammaMsPerToken2: 0 } };
  t.ok(searched(batched).maxBatchSize! < 64);
  t.equal(searched(alone, { maxBatchSize: 256 }).maxBatchSize, 256, 'a limit of the server is not searched');
});

test('the KV cache lowers the ceiling of the search', async (t) => {
  const { atTokens: _, ...ceiling } = SMALL;
  const alone = { ...ceiling, serviceTime: { alphaMs: 10, betaMsPerToken: 0, gammaMsPerToken2: 0 } };
  const fleet = fleetOf({ profiles: [{ ...alone, maxBatchSize: 100, kvCacheTokens: 4_000 }] });
  const { maxBatchSize } = candidatesOf(fleet, queueModel).small;
  t.ok(maxBatchSize! >= 19 && maxBatchSize! <= 20, `${maxBatchSize} below 4000/200`);
});

const running = (replicas: number, maxBatchSize: number) => ({
  current: [{ variant: 'small', replicas, maxBatchSize }],
});

test('a limit of the profile gives way to the one that runs, unless that costs a replica', async (t) => {
  const { atTokens: _, ...ceiling } = SMALL;
  for (const profile of [
    { ...ceiling, maxBatchSize: 100 },
    { ...SMALL, maxBatchSize: 100 },
  ]) {
    const limits = (server: Partial<Server>) =>
      allCandidatesOf(fleetOf({ profiles: [profile] }, server)).map((one) => [
        one.maxBatchSize! >= 99 ? 100 : one.maxBatchSize,
        one.replicas,
      ]);
    // A replica serves as many requests/s as its limit is: 25 requests/s need one replica from 25 on.
    t.same(limits(running(1, 25)), [[25, 1]]);
    t.same(limits(running(1, 40)), [[40, 1]]);
    t.same(limits({ ...running(2, 13), minReplicas: 2 }), [[13, 2]]);
    t.same(limits(running(1, 101)), [[100, 1]], 'above what the profile allows');
    // What both are worth is told below.
    t.same(
      new Set(limits(running(1, 24))),
      new Set([
        [24, 2],
        [100, 1],
      ]),
    );
  }
});

test('a limit of the server does not give way to the one that runs', async (t) => {
  t.equal(limitOf({}, { ...running(1, 9), maxBatchSize: 7 }), 7);
});

test('a limit that changes is priced as another variant: it stops what runs and starts it anew', async (t) => {
  const profiles = [{ ...SMALL, maxBatchSize: 12 }];
  const values = (server: Partial<Server>) =>
    allCandidatesOf(fleetOf({ profiles }, { ...server })).map((one) => [
      one.maxBatchSize,
      one.replicas,
      Number(one.value.toFixed(9)),
      one.runs,
    ]);
  // 110 requests/s: 22 replicas with 5, 10 with 12, each 2 per hour. 20 − 44 + 0.1·(20 + 44).
  const load = { ...LOAD, requestsPerSec: 110 };
  t.same(values({ load, ...running(22, 5) }), [
    [12, 10, -17.6, false],
    [5, 22, 0, true],
  ]);
  // 11 with 10 cost 22, 10 cost 20: −2 + 0.1·42. What is saved is less than the restart is priced at.
  t.same(values({ load, ...running(11, 10) }), [
    [10, 11, 0, true],
    [12, 10, 2.2, false],
  ]);
  // As many replicas as run are worth 0 only where they stay: 20 − 20 + 0.1·40.
  t.same(values({ load, ...running(10, 5), maxBatchSize: 12 }), [[12, 10, 4, false]]);
  // At no replicas there is nothing to restart.
  t.same(values({ load, ...running(0, 5) }), [[12, 10, 20, false]]);
});

test('a restart is taken where it is worth its price, or where the cards are short', async (t) => {
  const profiles = [{ ...SMALL, maxBatchSize: 12 }];
  const load = { ...LOAD, requestsPerSec: 110 };
  const planFor = (current: object, S?: number) => {
    const capacity = S === undefined ? {} : { capacity: { S } };
    return onlyServer(fleetOf({ profiles, ...capacity }, { load, ...current }));
  };
  const restarted = planFor(running(22, 5));
  t.match(restarted.allocations, [{ replicas: 10, maxBatchSize: 12 }]);
  t.equal(restarted.change.restartsReplicas, true);
  t.match(restarted.reason.text, 'No other variant is possible.');
  const kept = planFor(running(11, 10), 11);
  t.match(kept.allocations, [{ replicas: 11, maxBatchSize: 10 }]);
  t.match(kept.change, { kind: 'none', restartsReplicas: false });
  t.match(
    kept.reason.text,
    'It runs so; batch limit 12 would save 2 per hour, less than the restart is priced at.',
  );
  t.match(kept.runnerUp, { variant: 'small', replicas: 10, maxBatchSize: 12, differencePerHour: -2 });
  const short = planFor(running(11, 10), 10);
  t.match(short, { servedFraction: 1, allocations: [{ replicas: 10, maxBatchSize: 12 }] });
  t.match(short.reason.text, 'small with batch limit 10 would be better, but its cards are short.');
});

test('without load the limit is the unscaled one', async (t) => {
  const load = { requestsPerSec: 0, inputTokens: 100, outputTokens: 100 };
  t.equal(limitOf({ maxBatchSize: 10, atTokens: 199 }, { load }), 10);
  t.equal(limitOf({ maxBatchSize: 10, atTokens: 199 }, { load, maxBatchSize: 3 }), 3);
});

test('without a load the KV cache caps a fixed limit, too', async (t) => {
  const load = { requestsPerSec: 0, inputTokens: 100, outputTokens: 100 };
  const profiles = [{ ...SMALL, kvCacheTokens: 400 }];
  t.equal(onlyServer(fleetOf({ profiles }, { load, maxBatchSize: 8 })).allocations[0].maxBatchSize, 2);
});
