import { type Static, Type } from '#typebox';
import { Targets } from './fleet.ts';
import { limited } from './limits.ts';
import { Point } from './metrics.ts';
import { ServiceTime, Throughput } from './model.ts';
import { MaybeObservedRange } from './observed-range.ts';
import {
  BatchSize,
  closed,
  Figure,
  Flag,
  OrNull,
  PositiveRequestsPerSec,
  QueueLength,
  RequestsPerSec,
  Text,
  Tokens,
} from './quantities.ts';
import { StrategyChoice } from './strategy.ts';

export const Station = Type.Object(
  {
    serviceTime: Type.Optional(ServiceTime),
    observedRange: MaybeObservedRange,
    throughput: Type.Optional(Throughput),
    maxBatchSize: BatchSize('Requests in service at once at most.'),
    maxQueueLength: Type.Optional(
      QueueLength('Waiting room. 0: none, requests are lost. Absent: unlimited.'),
    ),
    maxBatchTokens: Type.Optional(
      Tokens('Token budget of one iteration (chunked prefill).', { minimum: 1, default: 8192 }),
    ),
    inputTokens: Tokens('Mean prompt length.'),
    outputTokens: Tokens('Mean output length.', { minimum: 1 }),
    cachedInputTokens: Type.Optional(
      Tokens('Mean part of the prompt that the prefix cache holds; at most `inputTokens`.', { default: 0 }),
    ),
  },
  closed(
    'Station',
    'One replica with its batch limit, waiting room and mean request: its service time, or measured rates, whichever the queue model takes.',
  ),
);
export type Station = Static<typeof Station>;

const queueModel = Type.Optional(StrategyChoice);

export const RateRange = Type.Object(
  {
    from: PositiveRequestsPerSec('First rate.'),
    to: PositiveRequestsPerSec('Last rate; not below `from`.'),
    points: Type.Optional(
      Type.Integer({
        minimum: 1,
        ...limited('maximum', 'MAX_CURVE_POINTS'),
        default: 50,
        description: 'Rates, evenly spaced, both ends included.',
      }),
    ),
  },
  closed('RateRange', 'A range of rates (requests/s).'),
);

export const AnalyzeRequest = Type.Object(
  {
    station: Station,
    requestsPerSec: Type.Union(
      [
        PositiveRequestsPerSec('One rate.'),
        Type.Array(PositiveRequestsPerSec('A rate.'), {
          minItems: 1,
          ...limited('maxItems', 'MAX_CURVE_POINTS'),
        }),
        RateRange,
      ],
      { description: 'One rate, a list of rates, or a range: requests/s of one replica.' },
    ),
    queueModel,
  },
  closed('AnalyzeRequest', 'A station and the rates to evaluate it at.'),
);
export type AnalyzeRequest = Static<typeof AnalyzeRequest>;

const QueueModelName = Type.Object(
  { name: Text('Its name.') },
  closed('QueueModelName', 'The queue model that answered.'),
);

export const Analysis = Type.Object(
  {
    queueModel: QueueModelName,
    maxRequestsPerSec: Type.Number({ description: 'Highest stable rate (requests/s).' }),
    points: Type.Array(Point, { description: 'One for each rate, in the order of the request.' }),
  },
  closed('Analysis', 'Metrics of a station, one point per rate.'),
);
export type Analysis = Static<typeof Analysis>;

export const SizeRequest = Type.Object(
  {
    station: Station,
    targets: Targets,
    requestsPerSec: Type.Optional(RequestsPerSec('A load to find the replicas for.')),
    queueModel,
  },
  closed('SizeRequest', 'A station and the targets that it must meet.'),
);
export type SizeRequest = Static<typeof SizeRequest>;

export const TargetName = Type.Union(
  [Type.Literal('ttftMs'), Type.Literal('itlMs'), Type.Literal('e2eMs'), Type.Literal('minTokensPerSec')],
  { description: 'A target.' },
);
export type TargetName = Static<typeof TargetName>;
export type LatencyTarget = Exclude<TargetName, 'minTokensPerSec'>;

const Binding = Type.Union([TargetName, Type.Literal('stability'), Type.Null()], {
  description: 'What decides: a target, or `stability` where the highest stable rate meets them all.',
});

export const Reason = Type.Object(
  { code: Text('Why, for programs.'), text: Text('Why, for people.') },
  closed('Reason', 'Why: a code for programs and a sentence for people.'),
);
export type Reason = Static<typeof Reason>;

export const Sizing = Type.Object(
  {
    queueModel: QueueModelName,
    feasible: Flag('Whether any rate meets all targets.'),
    requestsPerSec: OrNull('Highest rate of one replica within all targets.'),
    throughputPerSec: OrNull('Requests completed per second at that rate.'),
    binding: Binding,
    rateByTarget: Type.Union(
      [
        Type.Object(
          {
            ttftMs: OrNull('Highest rate within the TTFT target; null: unreachable.'),
            itlMs: OrNull('Highest rate within the ITL target; null: unreachable.'),
            e2eMs: OrNull('Highest rate within the end-to-end target; null: unreachable.'),
            minTokensPerSec: OrNull(
              'Highest rate planned when a token rate is demanded (90 % of the stable one).',
            ),
          },
          closed(
            'RateByTarget',
            'Highest rate within each target alone; without the target, the highest stable rate.',
          ),
        ),
        Type.Null(),
      ],
      { description: 'Highest rate within each target alone.' },
    ),
    at: Type.Union([Point, Type.Null()], { description: 'Metrics at the highest rate.' }),
    replicas: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
      description: 'Replicas for the load of the request; null: no load was given, or infeasible.',
    }),
    reason: Type.Union([Reason, Type.Null()], { description: 'Why it is infeasible.' }),
    best: Type.Union(
      [
        Type.Object(
          {
            ttftMs: Type.Optional(Figure('TTFT with no load, at its percentile if one is named.')),
            itlMs: Type.Optional(Figure('ITL with no load.')),
            e2eMs: Type.Optional(Figure('Time from arrival to the last token with no load.')),
          },
          closed('BestLatencies', 'Values that can be reached where the target cannot.'),
        ),
        Type.Null(),
      ],
      { description: 'The best values of the unreachable targets.' },
    ),
  },
  closed('Sizing', 'The highest rate of one replica within its targets.'),
);
export type Sizing = Static<typeof Sizing>;

export const ConcurrencyRequest = Type.Object(
  { station: Station, targets: Targets, queueModel },
  closed('ConcurrencyRequest', 'A station, whose `maxBatchSize` is the ceiling of the search, and targets.'),
);
export type ConcurrencyRequest = Static<typeof ConcurrencyRequest>;

export const Concurrency = Type.Object(
  {
    queueModel: QueueModelName,
    feasible: Flag('Whether any rate meets all targets.'),
    maxBatchSize: Type.Union([Type.Integer(), Type.Null()], { description: 'Batch limit found.' }),
    throughputPerSec: OrNull('Sized throughput at that batch limit.'),
    ceilingThroughputPerSec: OrNull('Sized throughput at the ceiling.'),
    at: Type.Union([Point, Type.Null()], { description: 'Metrics at the sized rate.' }),
    reason: Type.Union([Reason, Type.Null()], { description: 'Why it is infeasible.' }),
  },
  closed('Concurrency', 'A small batch limit whose sized throughput is within 1 % of that at the ceiling.'),
);
export type Concurrency = Static<typeof Concurrency>;
