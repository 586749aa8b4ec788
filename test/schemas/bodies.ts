import { edited, example } from '../support/service.ts';

/** A fleet in which every optional field is given. */
export const fleet = edited(example('/optimize', 'two classes'), {
  '/accelerators/1/power/midWatts': 500,
  '/models/0/profiles/0/variant': 'a100-fp8',
  '/models/0/profiles/0/acceleratorsPerReplica': 1,
  '/models/0/profiles/0/kvCacheTokens': 180_000,
  '/models/0/profiles/0/maxBatchTokens': 8192,
  '/models/0/profiles/0/startupSec': 120,
  '/models/0/profiles/0/standardErrors': { alphaMs: 2, betaMsPerToken: 0.01, gammaMsPerToken2: 0.0002 },
  '/models/0/profiles/0/correlations': { alphaBeta: 0.1, alphaGamma: -0.9, betaGamma: -0.2 },
  '/models/0/profiles/0/throughput': [{ inputTokens: 128, outputTokens: 1024, requestsPerSec: 2.5 }],
  '/models/0/profiles/1/observedRange': {
    inputTokens: { from: 64, to: 1024 },
    inService: { from: 1, to: 40 },
  },
  '/serviceClasses/0/targets/0/minTokensPerSec': 100,
  '/servers/0/load/cachedInputTokens': 16,
  '/servers/0/current/0/startingReplicas': 0,
  '/servers/0/current/0/costPerHour': 23,
  '/servers/0/maxBatchSize': 32,
  '/servers/0/maxQueueLength': 100,
  '/servers/0/minReplicas': 1,
  '/servers/0/maxReplicas': 64,
  '/servers/0/spareReplicas': 0,
  '/servers/0/pinVariant': false,
  '/solver': { name: 'greedy', options: { saturationPolicy: 'RoundRobin' } },
  '/queueModel': { name: 'state-dependent', options: {} },
  '/explain': true,
  '/confidence': 0.95,
  '/objective': { cost: 1, power: 0, change: 1, slack: 0 },
});

/** A station in which every optional field is given, with a rate. */
export const analysis = edited(example('/analyze', 'one rate'), {
  '/station/maxQueueLength': 10,
  '/station/maxBatchTokens': 8192,
  '/station/cachedInputTokens': 0,
  '/station/observedRange': {
    requestsPerSec: { from: 0.1, to: 0.5 },
    inputTokens: { from: 64, to: 1024 },
    outputTokens: { from: 128, to: 512 },
    inService: { from: 1, to: 12 },
  },
  '/queueModel': 'state-dependent',
});
