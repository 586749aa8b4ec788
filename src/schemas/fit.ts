import { type Static, Type } from '#typebox';
import { LAWS, ServiceTime } from './model.ts';
import { Observation } from './observation.ts';
import { ObservedRange } from './observed-range.ts';
import {
  BatchSize,
  closed,
  Figure,
  Flag,
  Nullable,
  OrNull,
  QueueLength,
  Text,
  Tokens,
  Whole,
} from './quantities.ts';
import { StrategyChoice } from './strategy.ts';
import { Combination } from './tune.ts';
import { Correlations } from './uncertainty.ts';

/** Terms that a law may have beside alphaMs, betaMsPerToken and gammaMsPerToken2. */
export const TERMS = [
  'decodeMsPerToken',
  'prefillMsPerToken',
  'prefillMsPerToken2',
  'requestOverheadMs',
  'residualIterations',
] as const;
export type Term = (typeof TERMS)[number];

export const FitRequest = Type.Object(
  {
    reports: Type.Optional(
      Type.Array(
        Type.Union([
          Type.Array(Type.Unknown(), { description: 'Flat records, one a run.' }),
          Type.Record(Type.String(), Type.Unknown(), {
            description: "GuideLLM's JSON: without a version, version 1 or 2.",
          }),
          Type.String({ description: 'Its CSV, with one or three header rows.' }),
        ]),
        {
          maxItems: 1000,
          description: 'GuideLLM reports as they are, fitted jointly. Recorded requests are not looked at.',
        },
      ),
    ),
    observations: Type.Optional(
      Type.Array(Observation, {
        maxItems: 10_000,
        description: 'What one replica did at several loads, with random arrivals.',
      }),
    ),
    station: Type.Optional(
      Type.Object(
        {
          maxBatchSize: Type.Optional(
            BatchSize('Batch limit of the replica that was measured; 256 if absent.'),
          ),
          maxBatchTokens: Type.Optional(
            Tokens('Token budget of one of its iterations.', { minimum: 1, default: 8192 }),
          ),
          maxQueueLength: Type.Optional(QueueLength('Its waiting room; absent: unlimited.')),
        },
        closed(
          'MeasuredStation',
          'How the replica was configured: reports do not tell; observations may each say otherwise.',
        ),
      ),
    ),
    terms: Type.Optional(
      Type.Array(Type.Enum([...TERMS]), {
        uniqueItems: true,
        description:
          'Terms that may be added to alphaMs, betaMsPerToken and gammaMsPerToken2 where that lessens the errors of points held out; absent: all, []: none.',
      }),
    ),
    laws: Type.Optional(
      Type.Array(Type.Enum([...LAWS]), {
        minItems: 1,
        uniqueItems: true,
        description:
          'Laws that may be chosen, the plainest first: another is taken where it lessens the errors of points held out; absent: all.',
      }),
    ),
    queueModel: Type.Optional(StrategyChoice),
  },
  closed('FitRequest', 'Benchmarks of one model on one accelerator: reports, observations, or both.'),
);
export type FitRequest = Static<typeof FitRequest>;

export const FitErrors = Type.Object(
  {
    ttftFraction: Figure('Mean |predicted - measured| TTFT over the mean measured.'),
    itlFraction: Figure('The same of the ITL.'),
  },
  closed('FitErrors', 'Relative errors over the points that count.'),
);
export type FitErrors = Static<typeof FitErrors>;

export const FitPoint = Type.Object(
  {
    report: Nullable(Type.Integer(), 'Index of its report; null: an observation.'),
    name: Text('As the benchmark calls it.'),
    arrivals: Nullable(
      Type.Enum(['synchronous', 'concurrent', 'throughput', 'constant', 'poisson']),
      'How requests arrived; null: not known.',
    ),
    requestsPerSec: OrNull('Rate of requests that succeeded (requests/s).'),
    inputTokens: OrNull('Mean prompt length.'),
    outputTokens: OrNull('Mean output length.'),
    ttftMs: OrNull('Measured; of a report the median.'),
    itlMs: OrNull('Measured; of a report the mean.'),
    predicted: Nullable(
      Type.Object(
        { ttftMs: OrNull('null: grows without bound.'), itlMs: OrNull('null: not told.') },
        closed('FitPrediction', 'What the law says.'),
      ),
      'null: nothing to predict from.',
    ),
    errors: Nullable(
      Type.Object(
        {
          ttftFraction: OrNull('(predicted - measured) / measured of the TTFT.'),
          itlFraction: OrNull('The same of the ITL.'),
        },
        closed('PointErrors', 'Relative errors, with their sign.'),
      ),
      'null: no prediction.',
    ),
    counts: Flag('Whether it counts for `errors`.'),
    leftOut: Nullable(Type.String(), 'Why it was left out of the fit; null: it was not.'),
  },
  closed('FitPoint', 'One measured load.'),
);
export type FitPoint = Static<typeof FitPoint>;

export const FitAnswer = Type.Object(
  {
    queueModel: Type.Object(
      { name: Text('Its name.') },
      closed('FitQueueModel', 'The queue model that was fitted.'),
    ),
    serviceTime: ServiceTime,
    standardErrors: Nullable(
      Type.Record(Type.String(), Type.Number(), {
        description: 'Of each parameter, in its unit.',
      }),
      'null: the points do not tell the parameters apart.',
    ),
    correlations: Nullable(
      Correlations,
      'Of the errors of alphaMs, betaMsPerToken and gammaMsPerToken2; null: as `standardErrors`.',
    ),
    identified: Flag(
      'Whether the points tell all parameters apart; if not, only combinations of them are known.',
    ),
    conditionNumber: OrNull(
      'Of the errors by the logarithms of alphaMs, betaMsPerToken, gammaMsPerToken2; null: without bound.',
    ),
    combinations: Type.Array(Combination, { description: 'What is known of these three, the best first.' }),
    errors: FitErrors,
    heldOut: Nullable(
      FitErrors,
      'Errors of points that the law had not seen; null: too few to hold any out.',
    ),
    heldOutBy: Nullable(Type.Enum(['report', 'point']), 'What was held out at a time.'),
    laws: Type.Array(
      Type.Object(
        {
          law: Type.Enum([...LAWS], { description: 'How an iteration grows with its batch.' }),
          terms: Type.Array(Type.String(), { description: 'Beside the parameters of the law.' }),
          heldOut: Nullable(
            FitErrors,
            'Errors of points that it had not seen; null: too few to hold any out, or they do not tell all that it has beside the three.',
          ),
          chosen: Flag('Whether it is the answer.'),
        },
        closed('TriedLaw', 'A law that was tried.'),
      ),
      { description: 'In the order in which they were tried.' },
    ),
    observedRange: ObservedRange,
    counted: Whole('Points that count for `errors`.'),
    points: Type.Array(FitPoint, { description: 'All, in the order of the request.' }),
  },
  closed('FitAnswer', 'The law of a service time that benchmarks show, and how well it does.'),
);
export type FitAnswer = Static<typeof FitAnswer>;
