import fc from 'fast-check';
import type { PlainReplica, PlainRequest } from './plain-simulation.ts';
import { uniform } from './stations.ts';

export interface Workload {
  readonly replica: PlainReplica;
  readonly requests: readonly PlainRequest[];
}

const INFINITY = Number.POSITIVE_INFINITY;
const orZero = (max: number) => fc.oneof(fc.constant(0), uniform(0, max));

/** Gaps as they come: none, within an iteration, and long enough to run empty. */
const gapMs = fc.oneof(fc.constant(0), uniform(0, 20), uniform(0, 400));

const requests = fc
  .array(
    fc.record({
      gapMs,
      inputTokens: fc.integer({ min: 0, max: 40 }),
      outputTokens: fc.integer({ min: 1, max: 30 }),
      cached: orZero(1),
    }),
    { minLength: 1, maxLength: 40, size: 'max' },
  )
  .map((drawn) => {
    let now = 0;
    return drawn.map(({ gapMs: gap, inputTokens, outputTokens, cached }): PlainRequest => {
      now += gap;
      const cachedInputTokens = Math.floor(cached * inputTokens);
      return { arrivalMs: now, inputTokens, outputTokens, cachedInputTokens };
    });
  });

/** Small replicas with every limit tight in some of them, and a few requests each. */
export const workloads: fc.Arbitrary<Workload> = fc
  .record({
    limits: fc.record({
      maxBatchSize: fc.integer({ min: 1, max: 8 }),
      maxQueueLength: fc.oneof(fc.constant(INFINITY), fc.integer({ min: 0, max: 6 })),
      maxBatchTokens: fc.oneof(fc.integer({ min: 1, max: 16 }), fc.constant(1000)),
      kvCacheTokens: fc.oneof(fc.constant(INFINITY), fc.integer({ min: 30, max: 150 })),
    }),
    alphaMs: fc.oneof(fc.constant(1), uniform(0.1, 10)),
    betaMsPerToken: orZero(1),
    decodeMsPerToken: fc.oneof(fc.constant(undefined), orZero(1)),
    gammaMsPerToken2: orZero(0.1),
    prefillMsPerToken2: orZero(0.01),
    prefillMsPerToken: fc.oneof(fc.constant(undefined), uniform(0, 2)),
    requestOverheadMs: orZero(30),
    requests,
  })
  .map(({ limits, requests: list, prefillMsPerToken, decodeMsPerToken, ...times }) => ({
    replica: {
      ...limits,
      ...times,
      prefillMsPerToken: prefillMsPerToken ?? times.betaMsPerToken,
      decodeMsPerToken: decodeMsPerToken ?? times.betaMsPerToken,
    },
    requests: list,
  }));
