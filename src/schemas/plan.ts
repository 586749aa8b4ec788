import { type Static, Type } from '#typebox';
import { MaybeExplanation } from './explanation.ts';
import { fleetFields } from './fleet.ts';
import { Objective } from './objective.ts';
import { closed, Figure, OrNull, Text, Whole } from './quantities.ts';
import { ServerPlan } from './server-plan.ts';
import { StrategyChoice } from './strategy.ts';
import { Confidence, Uncertainty } from './uncertainty.ts';

export const OptimizeRequest = Type.Object(
  {
    ...fleetFields,
    solver: Type.Optional(StrategyChoice),
    queueModel: Type.Optional(StrategyChoice),
    objective: Type.Optional(Objective),
    confidence: Type.Optional(Confidence),
    explain: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Also tell what one more card of each short type would save, and each server with looser targets. Solves once more for each type.',
      }),
    ),
  },
  closed('OptimizeRequest', 'A fleet with its load, and how to optimize it.', ['stability']),
);
export type OptimizeRequest = Static<typeof OptimizeRequest>;

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

export const PriorityService = Type.Object(
  {
    priority: Whole('1 is the highest.'),
    servers: Whole('Servers of this priority.'),
    served: Figure('Sum of their servedFraction.'),
    bound: OrNull(
      'No plan that serves all higher priorities as much serves more of this one; equal to `served`: that is proven. null: not known.',
    ),
  },
  closed('PriorityService', 'How much of a priority is served, and how much could be.'),
);
export type PriorityService = Static<typeof PriorityService>;

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
            'Why the solver stopped. `optimal`: proven, within the gap asked for; of a fleet that cannot be served in full, the best partial plan. `time-limit`: something is not proven; `bound` tells of the objective, `service` of what is served. `heuristic`: nothing is proven; exact solvers say so where a cost that is posted with what runs, other than that of its replicas, makes the value of the plan another than they minimised. `fallback`: it failed, and `greedy` answered.',
        }),
        objective: Type.Number({
          description: 'Sum of the values of the allocations (cost and price of change).',
        }),
        bound: OrNull(
          'Lower bound on the objective of any plan that serves every priority as much as this one does; null: none known.',
        ),
        gapFraction: OrNull('(objective - bound) / max(|objective|, |bound|); null: no bound.'),
        service: Type.Array(PriorityService, {
          description:
            'By priority, the highest first: how good the plan is where not everybody can be served, which comes before the objective.',
        }),
        solveMs: Type.Number({ description: 'Time that the optimization took.' }),
      },
      closed('SolverReport', 'How the solver did.'),
    ),
    queueModel: Type.Object(
      { name: Text('Name of the queue model.') },
      closed('QueueModelReport', 'The queue model that predicted.'),
    ),
    uncertainty: Type.Optional(Uncertainty),
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
    explanation: MaybeExplanation,
  },
  closed('Plan', 'What every server gets, with the reasons.'),
);
export type Plan = Static<typeof Plan>;
