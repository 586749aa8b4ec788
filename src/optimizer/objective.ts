import type { Objective } from '../schemas/objective.ts';

/** What a solver minimises the sum of, weighed. */
export type Weights = Required<Objective>;

/** Cost and the price of change: what `greedy` minimises in the reference. */
const DEFAULT_WEIGHTS: Weights = { cost: 1, power: 0, change: 1, slack: 0 };

export function weightsOf(objective: Objective = {}): Weights {
  return { ...DEFAULT_WEIGHTS, ...objective };
}
