import { test } from 'tap';
import { canonicalKeys } from '../../src/inferno/canonical-keys.ts';
import { fromInfernoTuner } from '../../src/inferno/from-inferno-tuner.ts';
import { InfernoReplicas } from '../../src/schemas/inferno-tuner.ts';
import { edited } from '../support/service.ts';

const grouped = (replicas: readonly unknown[]) =>
  fromInfernoTuner(canonicalKeys(InfernoReplicas, replicas) as InfernoReplicas);

/** The sample of their README, and a second replica with a batch limit and a waiting room of its own. */
const README = {
  Name: 'llama3-8b/pod-0',
  Model: 'llama3-8b',
  CurrentAlloc: {
    Accelerator: 'A100',
    MaxBatch: 256,
    TTFTAverage: 120.0,
    ITLAverage: 15.0,
    Load: { ArrivalRate: 30.0, Throughput: 24.0, AvgInTokens: 512, AvgOutTokens: 128 },
  },
};
const second = edited(README, { '/MaxBatchSize': 300, '/maxqueuesize': 7, '/CurrentAlloc/NumReplicas': 4 });

test('Rates are per minute and of one replica, latencies ms; all replicas of a pair are one item, in order', async (t) => {
  const { groups, unusable, hasTraffic } = grouped([
    README,
    edited(README, { '/CurrentAlloc/Accelerator': 'L4' }),
    second,
  ]);
  const observation = {
    requestsPerSec: 0.5,
    throughputPerSec: 0.4,
    inputTokens: 512,
    outputTokens: 128,
    maxBatchSize: 256,
    maxQueueLength: 0,
    ttftMs: 120,
    itlMs: 15,
  };
  t.same(groups, [
    {
      model: 'llama3-8b',
      accelerator: 'A100',
      first: 0,
      maxBatchSize: 300,
      observations: [observation, { ...observation, maxBatchSize: 300, maxQueueLength: 7 }],
    },
    { model: 'llama3-8b', accelerator: 'L4', first: 1, maxBatchSize: 256, observations: [observation] },
  ]);
  t.same([unusable, hasTraffic], [[], true]);
});

test('What was not measured is told, and the others count', async (t) => {
  const { groups, unusable, hasTraffic } = grouped([
    edited(README, { '/CurrentAlloc/Load/ArrivalRate': 0 }),
    edited(README, { '/CurrentAlloc/Load/AvgInTokens': 0 }),
    edited(README, { '/CurrentAlloc/Load/AvgOutTokens': null }),
    edited(README, { '/CurrentAlloc/TTFTAverage': 0 }),
    edited(README, { '/CurrentAlloc/ITLAverage': 1e11 }),
    edited(README, { '/CurrentAlloc/MaxBatch': 0 }),
    edited(README, { '/Model': '' }),
    edited(README, { '/CurrentAlloc/Accelerator': 'A\u0000' }),
    {},
    README,
  ]);
  t.same(
    unusable.map(({ path }) => path),
    [
      '/0/currentAlloc/load/arrivalRate',
      '/1/currentAlloc/load/avgInTokens',
      '/2/currentAlloc/load/avgOutTokens',
      '/3/currentAlloc/ttftAverage',
      '/4/currentAlloc/itlAverage',
      '/5/maxBatchSize',
      '/6/model',
      '/7/currentAlloc/accelerator',
      '/8/currentAlloc/load/arrivalRate',
    ],
  );
  t.match([groups.length, groups[0].first, hasTraffic], [1, 9, true]);
  t.equal(
    grouped([{}, null, { currentAlloc: { load: { arrivalRate: 0 } } }].filter(Boolean)).hasTraffic,
    false,
  );
});

test('A throughput of 0 was not measured, and a limit that no replica fills is as good as the largest', async (t) => {
  const [group] = grouped([
    edited(README, { '/CurrentAlloc/Load/Throughput': 0, '/CurrentAlloc/MaxBatch': 1e6 }),
  ]).groups;
  t.notOk('throughputPerSec' in group.observations[0]);
  t.equal(group.observations[0].maxBatchSize, 16_384);
  t.equal(group.maxBatchSize, 16_384);
});
