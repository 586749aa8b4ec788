import { type Static, Type } from '#typebox';
import { limited } from './limits.ts';
import { MaybeObservedRange } from './observed-range.ts';
import {
  BatchSize,
  Count,
  closed,
  Milliseconds,
  Name,
  RequestsPerSec,
  Seconds,
  Tokens,
} from './quantities.ts';
import { Correlations, StandardErrors } from './uncertainty.ts';

/** How the iteration time grows with the batch; one file each in queueing/laws. */
export const LAWS = ['linear', 'power', 'two-regime'] as const;
export type Law = (typeof LAWS)[number];

export const ServiceTime = Type.Object(
  {
    law: Type.Optional(
      Type.Enum([...LAWS], {
        default: 'linear',
        description:
          'How an iteration grows with its batch. `linear`: alpha + work, where work = beta · tokens computed + gamma · context read. `power`: alpha + work · batch^(batchExponent - 1). `two-regime`: memory-bound as `linear`, and beyond kneeTokens computed in one iteration compute-bound: each further token costs betaBeyondKneeMsPerToken more.',
      }),
    ),
    alphaMs: Milliseconds('Fixed time of one iteration (ms).', { maximum: 1e6 }),
    betaMsPerToken: Type.Number({
      minimum: 0,
      maximum: 1e6,
      description: 'Time per computed token (ms/token).',
    }),
    gammaMsPerToken2: Type.Number({
      minimum: 0,
      maximum: 1e6,
      description:
        'Time per token of context that an iteration reads for a request (ms); over the iterations of a request it adds up to tokens squared, hence the unit.',
    }),
    decodeMsPerToken: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e6,
        description:
          'Time of the token that a decode step computes (ms/token), where that is not betaMsPerToken, which then is that of prompt tokens alone.',
      }),
    ),
    prefillMsPerToken: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e6,
        description:
          'Time that a prompt token adds to the TTFT of its own request (ms/token), where that is not betaMsPerToken; of the others in the batch the prefill then waits for their decode steps alone.',
      }),
    ),
    prefillMsPerToken2: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e6,
        description:
          'Time of a prefill per square of its prompt tokens (ms/token²): each attends to those before it, which long prompts show.',
      }),
    ),
    requestOverheadMs: Type.Optional(
      Milliseconds('Time that each request takes outside the batch, before its first token (ms).', {
        maximum: 1e6,
      }),
    ),
    residualIterations: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100,
        description:
          'Part of an iteration that an arrival waits for the one under way, where there is one: about 0.5.',
      }),
    ),
    batchExponent: Type.Optional(
      Type.Number({
        minimum: 0.3,
        maximum: 1.5,
        description:
          "Of the law `power`: the work of a batch grows as this power of its requests. 1: as `linear`; less: requests share work; more: they are in each other's way.",
      }),
    ),
    kneeTokens: Type.Optional(
      Tokens('Of the law `two-regime`: tokens computed in one iteration from which on it is compute-bound.', {
        minimum: 1,
      }),
    ),
    betaBeyondKneeMsPerToken: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e6,
        description:
          'Of the law `two-regime`: time of each token computed beyond kneeTokens, on top of betaMsPerToken (ms/token).',
      }),
    ),
  },
  closed(
    'ServiceTime',
    'Iteration time of a model on an accelerator: alpha + beta · tokens computed + gamma · tokens of context read, or another law with parameters of its own. All zero: not known yet. The optional terms make the latencies more exact; `/fit` finds law and terms.',
  ),
);
export type ServiceTime = Static<typeof ServiceTime>;

/** What a law has beside alphaMs, betaMsPerToken and gammaMsPerToken2: all are needed with it, none without. */
export const PARAMETERS_OF_LAWS = {
  linear: [],
  power: ['batchExponent'],
  'two-regime': ['kneeTokens', 'betaBeyondKneeMsPerToken'],
} as const satisfies Record<Law, readonly (keyof ServiceTime)[]>;

export const MeasuredRate = Type.Object(
  {
    inputTokens: Tokens('Prompt length of all requests.'),
    outputTokens: Tokens('Output length of all requests.'),
    requestsPerSec: RequestsPerSec(
      'Highest rate of one replica that met its targets (requests/s). 0: this size cannot be served.',
    ),
  },
  closed('MeasuredRate', 'What one replica was measured to serve of requests of one size.'),
);
export type MeasuredRate = Static<typeof MeasuredRate>;

export const Throughput = Type.Array(MeasuredRate, {
  maxItems: 10_000,
  description:
    'Measured rates by request size, for the queue model `measured`; interpolated between sizes, never extrapolated.',
});

export const Profile = Type.Object(
  {
    variant: Type.Optional(
      Name("Name of this way to run the model; unique within the model. Absent: the accelerator's name."),
    ),
    accelerator: Name('Name of an accelerator.'),
    acceleratorsPerReplica: Type.Optional(
      Count('Units of the accelerator that one replica takes.', { minimum: 1, maximum: 10_000, default: 1 }),
    ),
    maxBatchSize: Type.Optional(
      BatchSize(
        'Batch limit measured at `atTokens` output tokens; without `atTokens` a ceiling (256 if absent) below which the limit is searched.',
      ),
    ),
    atTokens: Type.Optional(
      Tokens(
        'Output tokens at which `maxBatchSize` was measured; the limit scales as maxBatchSize · atTokens / outputTokens. 0 or absent: it is a ceiling.',
      ),
    ),
    kvCacheTokens: Type.Optional(
      Tokens(
        'KV cache of one replica; caps the batch limit at floor(kvCacheTokens / (inputTokens + outputTokens)).',
        {
          minimum: 1,
          maximum: 1e12,
        },
      ),
    ),
    maxBatchTokens: Type.Optional(
      Tokens('Token budget of one iteration (chunked prefill).', { minimum: 1, default: 8192 }),
    ),
    startupSec: Type.Optional(Seconds('Time from creating a replica until it serves.')),
    serviceTime: Type.Optional(ServiceTime),
    standardErrors: Type.Optional(StandardErrors),
    correlations: Type.Optional(Correlations),
    observedRange: MaybeObservedRange,
    throughput: Type.Optional(Throughput),
  },
  closed('Profile', 'How a model runs on an accelerator: a variant.'),
);
export type Profile = Static<typeof Profile>;

export const Model = Type.Object(
  {
    name: Name('Name of the model; unique.'),
    profiles: Type.Array(Profile, { ...limited('maxItems', 'MAX_PROFILES'), description: 'Its variants.' }),
  },
  closed('Model', 'A model and the variants that can serve it.'),
);
export type Model = Static<typeof Model>;
