import { type Static, Type } from '#typebox';
import { DEFAULT_LIMITS } from './limits.ts';
import {
  Count,
  closed,
  Milliseconds,
  Name,
  Nullable,
  RequestsPerSec,
  Seconds,
  Tokens,
} from './quantities.ts';

const measured = (schema: ReturnType<typeof Milliseconds>, description: string) =>
  Type.Optional(Nullable(schema, `${description} null or absent: it was not measured, which is not zero.`));

/** Where one replica worked: what its latencies depend on. */
export const operatingPoint = {
  requestsPerSec: measured(RequestsPerSec(''), 'Rate of requests that one replica was offered (requests/s).'),
  inputTokens: measured(Tokens(''), 'Mean prompt length.'),
  outputTokens: measured(Tokens(''), 'Mean output length.'),
  maxBatchSize: Type.Optional(
    Count('Batch limit of the replica; 256 if absent.', {
      minimum: 1,
      maximum: DEFAULT_LIMITS.MAX_BATCH_SIZE,
    }),
  ),
  maxQueueLength: Type.Optional(
    Count('Its waiting room; absent: unlimited.', { maximum: DEFAULT_LIMITS.MAX_QUEUE_LENGTH }),
  ),
  maxBatchTokens: Type.Optional(
    Tokens('Token budget of one iteration (chunked prefill).', { minimum: 1, default: 8192 }),
  ),
  cachedInputTokens: Type.Optional(
    Tokens('Mean part of the prompt that the prefix cache held.', { default: 0 }),
  ),
};

export const Observation = Type.Object(
  {
    ...operatingPoint,
    ttftMs: measured(Milliseconds(''), 'Mean time to first token that was observed (ms).'),
    itlMs: measured(Milliseconds(''), 'Mean inter-token latency that was observed (ms).'),
    throughputPerSec: measured(
      RequestsPerSec(''),
      'Requests completed per second; where that is well below the offered rate, the replica was overloaded.',
    ),
    meanConcurrency: measured(
      RequestsPerSec(''),
      'Mean requests in the batch; at the batch limit the replica was overloaded.',
    ),
    observedAt: Type.Optional(
      Type.String({
        format: 'date-time',
        maxLength: 64,
        description: 'End of the window; what is not newer than the state has been seen already.',
      }),
    ),
    ageSec: Type.Optional(
      Seconds('Age of the observation; beyond `maxAgeSec` of the estimator it is stale.'),
    ),
    replica: Type.Optional(Name('Which replica; several may have the same `observedAt`.')),
  },
  closed('Observation', 'What one replica did, averaged over a window.'),
);
export type Observation = Static<typeof Observation>;

/** Why an observation was not taken. */
export const REJECTIONS = {
  missing: 'a figure is null or absent',
  zero: 'a latency, the rate or the output length is 0: nothing was served',
  'not-a-number': 'a figure is NaN or infinite',
  stale: 'it is older than `maxAgeSec`, or not newer than what the state has seen',
  overloaded:
    'more was offered than the replica can serve, so that its latencies tell how long that has lasted, not how fast it is',
  impossible: 'its figures contradict one another',
  outlier: 'it lies further from what was expected than noise explains; several in a row are believed',
} as const;
export type Rejection = keyof typeof REJECTIONS;
