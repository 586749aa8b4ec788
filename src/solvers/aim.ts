import type { Choice } from './choices.ts';
import { SERVICE_TOLERANCE, servedOf, totalValue, valueOneByOne } from './service.ts';
import type { Demand, Problem, Solution } from './solver.ts';

/**
 * What is decided at a time: the most service for a priority, then for the next, last the least value. Always a cost: less is
 * better.
 */
export interface Aim {
  /** Whose service counts; null: the value does. */
  readonly priority: number | null;
  /** By priority, the service that has been reached: it is held. */
  readonly held: ReadonlyMap<number, number>;
}

/** What replicas of a candidate cost over giving nothing, where the choice is between them. */
export interface Cost {
  readonly once: number;
  readonly perReplica: number;
}

/** Servers of lower priorities have no part in it. */
export function takesPart({ priority }: Demand, aim: Aim): boolean {
  return aim.priority === null || priority <= aim.priority;
}

/** @param choice of numbers that are priced alike */
export function costOf(aim: Aim, demand: Demand, choice: Choice): Cost {
  const candidate = demand.candidates[choice.candidate];
  const { valuePerReplica, requiredReplicas } = candidate;
  if (aim.priority === null) {
    const { staying } = candidate;
    const difference = staying?.replicas === choice.least ? staying.difference : 0;
    const once = valueOneByOne(candidate, 0) + difference - demand.valueOfNothing;
    return { once, perReplica: valuePerReplica };
  }
  return { once: 0, perReplica: demand.priority === aim.priority ? -1 / requiredReplicas : 0 };
}

/** What a plan costs, over giving nothing to anybody. */
export function costOfPlan(aim: Aim, problem: Problem, assignments: Solution['assignments']): number {
  return aim.priority === null
    ? totalValue(problem, assignments) - valueOfNothing(problem)
    : -servedOf(problem, assignments, aim.priority);
}

export function valueOfNothing(problem: Problem): number {
  return totalValue(
    problem,
    problem.servers.map(() => null),
  );
}

/** Service that must at least be kept; engines see no less than their tolerance. */
export function leastHeld(service: number): number {
  return service - SERVICE_TOLERANCE;
}
