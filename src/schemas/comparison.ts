import { type Static, Type } from '#typebox';
import { fleetFields } from './fleet.ts';
import { Objective } from './objective.ts';
import { TERMINATIONS } from './plan.ts';
import { closed, Nullable, OrNull, Text, Whole } from './quantities.ts';
import { StrategyChoice } from './strategy.ts';
import { Confidence } from './uncertainty.ts';

export const CompareRun = Type.Object(
  { solver: Type.Optional(StrategyChoice), queueModel: Type.Optional(StrategyChoice) },
  closed('CompareRun', 'A solver and a queue model; absent: those that `/optimize` would take.'),
);
export type CompareRun = Static<typeof CompareRun>;

export const CompareRequest = Type.Object(
  {
    ...fleetFields,
    objective: Type.Optional(Objective),
    confidence: Type.Optional(Confidence),
    runs: Type.Array(CompareRun, {
      minItems: 1,
      maxItems: 50,
      description: 'How the fleet is to be optimized, each time anew.',
    }),
  },
  closed('CompareRequest', 'A fleet with its load, and several ways to optimize it.'),
);
export type CompareRequest = Static<typeof CompareRequest>;

export const ComparedRun = Type.Object(
  {
    solver: Text('Name of the solver.'),
    queueModel: Text('Name of the queue model.'),
    status: Nullable(Type.Enum(['complete', 'shortfall']), 'Of the plan; null: the run failed.'),
    termination: Nullable(Type.Enum([...TERMINATIONS]), 'Why the solver stopped; null: the run failed.'),
    costPerHour: OrNull('Of the plan; null: the run failed.'),
    objective: OrNull('Sum of the values of the allocations; null: the run failed.'),
    servedInFull: Nullable(Type.Integer(), 'Servers whose servedFraction is 1; null: the run failed.'),
    unserved: OrNull('Sum over the servers of 1 - servedFraction; null: the run failed.'),
    changes: Nullable(Type.Integer(), 'Servers that would change; null: the run failed.'),
    gapFraction: OrNull('How far the objective may be from the best; null: no bound, or the run failed.'),
    extrapolationFraction: Type.Optional(
      Type.Number({
        description:
          'The largest `extrapolation.fraction` of its allocations; absent: none of them has any, or the run failed.',
      }),
    ),
    elapsedMs: Type.Number({ description: 'Time that it took.' }),
    error: Nullable(Type.String(), 'Why the run failed; null: it did not.'),
  },
  closed('ComparedRun', 'What one way to optimize the fleet comes to.'),
);
export type ComparedRun = Static<typeof ComparedRun>;

export const Comparison = Type.Object(
  {
    servers: Whole('Servers in the fleet.'),
    runs: Type.Array(ComparedRun, { description: 'In the order of the request.' }),
  },
  closed('Comparison', 'Several plans of one fleet, side by side.'),
);
export type Comparison = Static<typeof Comparison>;
