import type { PriorityService } from '../schemas/plan.ts';
import { canBeGiven, fullService, serviceOf } from '../solvers/service.ts';
import type { Problem, Solution } from '../solvers/solver.ts';
import type { PlannedServer } from './server-plan.ts';

/** How much of each priority is served, and how much could be, as far as that is known. */
export function serviceByPriority(
  { servers }: Problem,
  { assignments, service = [] }: Solution,
  planned: readonly PlannedServer[],
): PriorityService[] {
  const bounds = new Map(service.map(({ priority, bound }) => [priority, bound]));
  const priorities = [...new Set(servers.map(({ priority }) => priority))].sort((a, b) => a - b);
  return priorities.map((priority) => {
    let served = 0;
    let decided = 0;
    let count = 0;
    let isFull = true;
    for (const [i, demand] of servers.entries()) {
      if (demand.priority !== priority) continue;
      count++;
      served += planned[i].plan.servedFraction;
      if (!canBeGiven(demand)) continue;
      const own = serviceOf(demand, assignments[i]);
      decided += own;
      if (own < fullService(demand)) isFull = false;
    }
    const bound = isFull ? decided : (bounds.get(priority) ?? null);
    // What the solver does not decide is served as much in any plan.
    return { priority, servers: count, served, bound: bound === null ? null : served + (bound - decided) };
  });
}
