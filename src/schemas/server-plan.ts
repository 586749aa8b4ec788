import { type Static, Type } from '#typebox';
import { Extrapolation } from './extrapolation.ts';
import { LoadStatus } from './metrics.ts';
import { ServiceTime } from './model.ts';
import { EXCLUSIONS, REASONS, SHORTFALLS } from './plan-codes.ts';
import { closed, Figure, Nullable, OrNull, Text, Whole } from './quantities.ts';
import { TargetName } from './station.ts';

export const Predicted = Type.Object(
  {
    status: LoadStatus,
    ttftMs: OrNull('Mean time to first token; null: grows without bound, or the queue model does not tell.'),
    itlMs: OrNull('Mean inter-token latency; null: the queue model does not tell.'),
    responseMs: OrNull(
      'Mean time from arrival to the last token; null: grows without bound, or the queue model does not tell.',
    ),
    ttftAtPercentileMs: OrNull(
      'Time to first token at the percentile that the target names; of several variants the highest. null: it names none, grows without bound, or the queue model does not tell.',
    ),
    itlAtPercentileMs: OrNull(
      'Inter-token latency at the percentile that the target names; of several variants the highest. null: it names none, or the queue model does not tell.',
    ),
    waitMs: OrNull(
      'Mean time in the waiting room; null: grows without bound, or the queue model does not tell.',
    ),
    throughputPerSec: Type.Number({ description: 'Requests completed per second, all replicas together.' }),
    lossFraction: Type.Number({ description: 'Share of requests that full waiting rooms turn away.' }),
    utilizationFraction: Type.Number({ description: 'Mean requests in service over the batch limit.' }),
  },
  closed(
    'Predicted',
    'What the queue model predicts at what is given: latencies of one request, throughput of all replicas. With `confidence` not what is likely, but what holds with the parameters that it was sized with (`sizedWith`).',
  ),
);
export type Predicted = Static<typeof Predicted>;

export const Allocation = Type.Object(
  {
    variant: Text('What runs.'),
    accelerator: Nullable(Type.String(), 'null: no profile describes this variant any more.'),
    replicas: Whole('How many.'),
    maxBatchSize: Nullable(
      Type.Integer(),
      'Batch limit of each replica; null: kept as it runs, or measured without one.',
    ),
    loadFraction: OrNull("Share of the server's load that goes here; null: unknown."),
    costPerHour: Figure('Of all its replicas.'),
    powerWatts: OrNull('At the predicted utilization; null: no power profile or no prediction.'),
    predicted: Nullable(Predicted, 'null: no prediction, because the load is unknown or absent.'),
    sizedWith: Type.Optional(ServiceTime),
    extrapolation: Type.Optional(Extrapolation),
  },
  closed(
    'Allocation',
    'Replicas of one variant for a server. `sizedWith`: the parameters at the unfavourable end, with which it was sized and is predicted; absent: those of the profile, as they are.',
  ),
);
export type Allocation = Static<typeof Allocation>;

export const Route = Type.Object(
  {
    inputTokens: Figure('Prompt length of these requests.'),
    outputTokens: Figure('Their output length.'),
    variant: Text('Where they go.'),
    fraction: Figure('How many of them. What the fractions of a size leave over is not served.'),
  },
  closed('Route', 'Which share of the requests of a size goes to which variant.'),
);
export type Route = Static<typeof Route>;

export const CHANGE_KINDS = ['none', 'start', 'stop', 'scale-up', 'scale-down', 'move'] as const;

export const Change = Type.Object(
  {
    kind: Type.Enum([...CHANGE_KINDS], { description: 'Against what runs now.' }),
    from: Type.Array(
      Type.Object(
        {
          variant: Text('What runs.'),
          replicas: Whole('How many, those that are starting included.'),
          startingReplicas: Whole('How many of them do not serve yet.'),
        },
        closed('Running', 'What runs now.'),
      ),
      { description: 'What runs now, by variant.' },
    ),
    costPerHour: Type.Number({ description: 'New cost less the current one.' }),
    restartsReplicas: Type.Boolean({
      description: 'A variant that stays gets another batch limit, which restarts its replicas.',
    }),
    startupSec: OrNull(
      'How long replicas that this change starts, or that are starting, take to serve; null: none, or not known.',
    ),
  },
  closed('Change', 'What has to be done.'),
);
export type Change = Static<typeof Change>;

const codes = <const T extends Record<string, string>>(table: T) =>
  Type.Enum(Object.keys(table) as (keyof T & string)[], {
    description: Object.entries(table)
      .map(([code, meaning]) => `\`${code}\`: ${meaning}`)
      .join('\n'),
  });

export const UnreachableTarget = Type.Object(
  {
    target: TargetName,
    targetMs: Figure('What was asked for.'),
    bestMs: Type.Number({ description: 'Reached with no load.' }),
  },
  closed('UnreachableTarget', 'A target below what can be reached.'),
);

export const Exclusion = Type.Object(
  {
    variant: Text('What cannot serve.'),
    code: codes(EXCLUSIONS),
    text: Text('Why, for people.'),
    unreachable: Nullable(
      UnreachableTarget,
      'The target that cannot be reached, with the best value that can.',
    ),
  },
  closed('Exclusion', 'A variant that is no candidate, and why.'),
);
export type Exclusion = Static<typeof Exclusion>;

export const RunnerUp = Type.Object(
  {
    variant: Text('What would run.'),
    replicas: Whole('How many.'),
    maxBatchSize: OrNull(
      'Its batch limit; another than that of the allocation where the variant is the same.',
    ),
    costPerHour: Figure('Of all its replicas.'),
    differencePerHour: Type.Number({ description: 'Its cost less that of the allocation.' }),
    preferred: Type.Boolean({
      description: 'It would have been better than the allocation; its cards are short.',
    }),
  },
  closed('RunnerUp', 'The best candidate that was not taken.'),
);

export const Shortfall = Type.Object(
  {
    code: codes(SHORTFALLS),
    text: Text('Why, for people.'),
    missing: Nullable(
      Type.Object(
        {
          variant: Text('What was given, or preferred.'),
          replicas: Whole('Replicas that are missing.'),
          cardType: Text('Type of their cards.'),
          cards: Whole('Cards that they need.'),
        },
        closed('Missing', 'What is missing, of the variant that was given or preferred.'),
      ),
      'Replicas and cards that are missing, where more of them would help.',
    ),
  },
  closed('Shortfall', 'What a server lacks.'),
);
export type Shortfall = Static<typeof Shortfall>;

export const ServerPlan = Type.Object(
  {
    name: Text('Name of the server.'),
    allocations: Type.Array(Allocation, { description: 'Empty: nothing is allocated.' }),
    routing: Type.Array(Route, {
      description:
        'Where a gateway sends what, when several variants share the load; empty: everything goes to the one that there is, or there is no load.',
    }),
    predicted: Nullable(Predicted, 'The whole server; null: no prediction.'),
    servedFraction: Type.Number({
      description:
        'min(1, replicas given / replicas required); of several variants what they make up together, by request sizes the share of requests.',
    }),
    withinTargets: Nullable(
      Type.Boolean(),
      'Whether the prediction is stable and meets all targets; null: no prediction.',
    ),
    margins: Type.Object(
      {
        ttftMs: OrNull('Target less prediction; null: no target or no prediction.'),
        itlMs: OrNull('Target less prediction; null: no target or no prediction.'),
        e2eMs: OrNull('Target less prediction; null: no target or no prediction.'),
      },
      closed(
        'Margins',
        'How far the targets are away: from the mean, or from the percentile that a target names.',
      ),
    ),
    costPerHour: Figure('Of all its allocations.'),
    change: Change,
    reason: Type.Object(
      { code: codes(REASONS), text: Text('Why, for people.') },
      closed('PlanReason', 'Why this allocation.'),
    ),
    runnerUp: Nullable(RunnerUp, 'null: there is no other candidate.'),
    shortfall: Nullable(Shortfall, 'null: the server gets all that it needs.'),
    excluded: Type.Array(Exclusion, { description: 'Variants that are no candidates.' }),
  },
  closed('ServerPlan', 'What one server gets, and why.'),
);
export type ServerPlan = Static<typeof ServerPlan>;
