import { test } from 'tap';
import queueModel from '../../src/queueing/models/state-dependent.ts';
import type { Server } from '../../src/schemas/fleet.ts';
import type { Profile } from '../../src/schemas/model.ts';
import { candidatesOf, fleetOf, LOAD, onlyServer, SMALL } from './examples.ts';

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

test('a limit that is searched gives way to the one that runs, unless that costs a replica', async (t) => {
  const { atTokens: _, ...ceiling } = SMALL;
  const profiles = [{ ...ceiling, maxBatchSize: 100 }];
  const limitBesides = (running: number, server: Partial<Server> = {}) => {
    const current = [{ variant: 'small', replicas: 1, maxBatchSize: running }];
    return candidatesOf(fleetOf({ profiles }, { current, ...server })).small;
  };
  // A replica serves as many requests/s as its limit is: 25 requests/s need one replica from 25 on.
  t.equal(limitBesides(25).maxBatchSize, 25);
  t.equal(limitBesides(40).maxBatchSize, 40);
  t.ok(limitBesides(24).maxBatchSize! >= 99);
  t.equal(limitBesides(24).replicas, 1);
  t.ok(limitBesides(101).maxBatchSize! <= 100, 'above the ceiling');
  t.equal(limitBesides(13, { minReplicas: 2 }).maxBatchSize, 13);
});

test('a limit that is given does not give way to the one that runs', async (t) => {
  const current = [{ variant: 'small', replicas: 1, maxBatchSize: 9 }];
  t.equal(limitOf({}, { current }), 10);
  t.equal(limitOf({}, { current, maxBatchSize: 7 }), 7);
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
