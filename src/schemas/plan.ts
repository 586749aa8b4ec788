import { type Static, Type } from '#typebox';
import { fleetFields } from './fleet.ts';
import { LoadStatus } from './metrics.ts';
import { EXCLUSIONS, REASONS, SHORTFALLS } from './plan-codes.ts';
import { closed, Figure, OrNull, Text, Whole } from './quantities.ts';
import { TargetName } from './station.ts';
import { StrategyChoice } from './strategy.ts';

export const OptimizeRequest = Type.Object(
  {
    ...fleetFields,
    solver: Type.Optional(StrategyChoice),
    queueModel: Type.Optional(StrategyChoice),
  },
  closed('OptimizeRequest', 'A fleet with its load, and how to optimize it.', [
    'objective',
    'stability',
    'explain',
    'confidence',
  ]),
);
export type OptimizeRequest = Static<typeof OptimizeRequest>;

const orNull = <S extends Parameters<typeof Type.Union>[0][number]>(schema: S, description: string) =>
  Type.Union([schema, Type.Null()], { description });

export const Predicted = Type.Object(
  {
    status: LoadStatus,
    ttftMs: OrNull('Mean time to first token; null: grows without bound.'),
    itlMs: Type.Number({ description: 'Mean inter-token latency.' }),
    waitMs: OrNull('Mean time in the waiting room; null: grows without bound.'),
    throughputPerSec: Type.Number({ description: 'Requests completed per second, all replicas together.' }),
    lossFraction: Type.Number({ description: 'Share of requests that full waiting rooms turn away.' }),
    utilizationFraction: Type.Number({ description: 'Mean requests in service over the batch limit.' }),
  },
  closed(
    'Predicted',
    'What the queue model predicts at what is given: latencies of one request, throughput of all replicas.',
  ),
);
export type Predicted = Static<typeof Predicted>;

export const Allocation = Type.Object(
  {
    variant: Text('What runs.'),
    accelerator: orNull(Type.String(), 'null: no profile describes this variant any more.'),
    replicas: Whole('How many.'),
    maxBatchSize: orNull(Type.Integer(), 'Batch limit of each replica; null: kept as it runs, not told.'),
    loadFraction: OrNull("Share of the server's load that goes here; null: unknown."),
    costPerHour: Figure('Of all its replicas.'),
    powerWatts: OrNull('At the predicted utilization; null: no power profile or no prediction.'),
    predicted: orNull(Predicted, 'null: no prediction, because the load is unknown or absent.'),
  },
  closed('Allocation', 'Replicas of one variant for a server.'),
);
export type Allocation = Static<typeof Allocation>;

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
    unreachable: orNull(
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
    missing: orNull(
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
    predicted: orNull(Predicted, 'The whole server; null: no prediction.'),
    servedFraction: Type.Number({ description: 'min(1, replicas given / replicas required).' }),
    withinTargets: orNull(
      Type.Boolean(),
      'Whether the prediction is stable and meets all targets; null: no prediction.',
    ),
    margins: Type.Object(
      {
        ttftMs: OrNull('Target less prediction; null: no target or no prediction.'),
        itlMs: OrNull('Target less prediction; null: no target or no prediction.'),
      },
      closed('Margins', 'How far the targets are away.'),
    ),
    costPerHour: Figure('Of all its allocations.'),
    change: Change,
    reason: Type.Object(
      { code: codes(REASONS), text: Text('Why, for people.') },
      closed('PlanReason', 'Why this allocation.'),
    ),
    runnerUp: orNull(RunnerUp, 'null: there is no other candidate.'),
    shortfall: orNull(Shortfall, 'null: the server gets all that it needs.'),
    excluded: Type.Array(Exclusion, { description: 'Variants that are no candidates.' }),
  },
  closed('ServerPlan', 'What one server gets, and why.'),
);
export type ServerPlan = Static<typeof ServerPlan>;

export const CardUse = Type.Object(
  {
    type: Text('Card type.'),
    capacity: OrNull('null: no limit.'),
    used: Whole('Cards that the plan uses.'),
    left: OrNull('Below 0: the plan needs more than there are. null: no limit.'),
    short: Whole('Cards that servers miss of what they were given or prefer; 0: nobody misses any.'),
    enough: OrNull(
      'With so many cards nobody would miss any of this type; null: enough exist, or a limit other than cards is in the way.',
    ),
  },
  closed('CardUse', 'Cards of one type.'),
);
export type CardUse = Static<typeof CardUse>;

export const QuotaUse = Type.Object(
  {
    type: Text('Card type.'),
    serviceClasses: Type.Array(Type.String(), {
      description: 'The classes that it binds; none: it names servers.',
    }),
    servers: Type.Array(Type.String(), { description: 'The servers that it names; none: it names classes.' }),
    cards: Whole('The quota.'),
    used: Whole('Cards that its servers use.'),
    left: Type.Integer({ description: 'Below 0: the plan needs more than allowed.' }),
  },
  closed('QuotaUse', 'What is used of a quota.'),
);
export type QuotaUse = Static<typeof QuotaUse>;

export const TERMINATIONS = [
  'optimal',
  'heuristic',
  'time-limit',
  'infeasible',
  'gave-up',
  'fallback',
] as const;

export const Plan = Type.Object(
  {
    status: Type.Enum(['complete', 'shortfall'], { description: '`complete`: every servedFraction is 1.' }),
    solver: Type.Object(
      {
        name: Text('Name of the solver.'),
        termination: Type.Enum([...TERMINATIONS], {
          description:
            'Why the solver stopped. `optimal`: proven, within the gap asked for; of a fleet that cannot be served in full, the best partial plan. `fallback`: it failed, and `greedy` answered.',
        }),
        objective: Type.Number({
          description: 'Sum of the values of the allocations (cost and price of change).',
        }),
        bound: OrNull(
          'Lower bound on the objective of any plan that serves as much, priority by priority; null: none known.',
        ),
        gapFraction: OrNull('(objective - bound) / max(|objective|, |bound|); null: no bound.'),
        solveMs: Type.Number({ description: 'Time that the optimization took.' }),
      },
      closed('SolverReport', 'How the solver did.'),
    ),
    queueModel: Type.Object(
      { name: Text('Name of the queue model.') },
      closed('QueueModelReport', 'The queue model that predicted.'),
    ),
    servers: Type.Array(ServerPlan, { description: 'In the order of their names.' }),
    totals: Type.Object(
      {
        costPerHour: Figure('Of the plan.'),
        currentCostPerHour: Figure('Of what runs now.'),
        powerWatts: OrNull('null: unknown for one allocation at least.'),
        servers: Whole('Servers in the fleet.'),
        servedInFull: Whole('Servers whose servedFraction is 1.'),
      },
      closed('Totals', 'Of the whole fleet.'),
    ),
    cards: Type.Array(CardUse, { description: 'In the order of the types.' }),
    quotas: Type.Array(QuotaUse, { description: 'By card type, then by whom they bind.' }),
  },
  closed('Plan', 'What every server gets, with the reasons.'),
);
export type Plan = Static<typeof Plan>;
