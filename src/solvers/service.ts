import { isMix, isSoundMix, isStaying } from './mix.ts';
import { RoomLeft } from './room-left.ts';
import type { Candidate, Demand, Part, Problem, Solution } from './solver.ts';

// What assignments are worth. First of all how much they serve, priority by priority: the sum over the servers of a priority of
// replicas given / replicas required. Among those that serve equally, the sum of values.

/** How far a priority's service may lie below the best when the next is decided: what engines take for equal. */
export const SERVICE_TOLERANCE = 1e-6;

/** Sums of values less than this apart (relative) are rounding. */
const SAME = 1e-9;

/** Service less than this apart is the same: somewhat more than engines see. */
const SAME_SERVICE = 2 * SERVICE_TOLERANCE;

export type Given = Solution['assignments'][number];

/** Whether anything could be given to a server. */
export function canBeGiven(demand: Demand): boolean {
  // A mixing is told when it is asked for, which takes time.
  return demand.candidates.length > 0 || demand.mixing !== undefined;
}

/** Priorities of the servers that can be given something, the highest first. */
export function prioritiesOf({ servers }: Problem): number[] {
  const found = new Set(servers.filter(canBeGiven).map(({ priority }) => priority));
  return [...found].sort((a, b) => a - b);
}

export function servedBy({ requiredReplicas }: Candidate, replicas: number): number {
  return Math.min(1, replicas / requiredReplicas);
}

/** How much of a server is served: 0 … 1. */
export function serviceOf(demand: Demand, given: Given): number {
  if (!given) return 0;
  return isMix(given)
    ? given.servedFraction * demand.mixing!.servableShare
    : servedBy(demand.candidates[given.candidate], given.replicas);
}

/** Value of what a server is given; of one that nothing can be given to nothing can be said, it counts 0. */
export function valueGiven(demand: Demand, given: Given): number {
  const { candidates, valueOfNothing } = demand;
  if (!given) return canBeGiven(demand) ? valueOfNothing : 0;
  if (isMix(given)) {
    const { parts, staying } = demand.mixing!;
    const stays = staying !== undefined && isStaying(staying, given.parts);
    return given.parts.reduce(
      (sum, { part, replicas }) => sum + replicas * parts[part].valuePerReplica + parts[part].valueOfKeeping,
      stays ? valueOfNothing + staying.difference : valueOfNothing,
    );
  }
  return valueOfReplicas(candidates[given.candidate], given.replicas);
}

/** Value of giving so many replicas of a candidate. */
export function valueOfReplicas(candidate: Candidate, given: number): number {
  const { value, staying, replicas } = candidate;
  if (given === replicas) return value;
  const difference = staying?.replicas === given ? staying.difference : 0;
  return valueOneByOne(candidate, given) + difference;
}

/** The same as if what runs had no other value than its replicas one by one. */
export function valueOneByOne(candidate: Candidate, given: number): number {
  const { value, valuePerReplica, staying, replicas } = candidate;
  const all = staying?.replicas === replicas ? value - staying.difference : value;
  return all - valuePerReplica * (replicas - given);
}

export function totalValue({ servers }: Problem, assignments: Solution['assignments']): number {
  return servers.reduce((sum, demand, i) => sum + valueGiven(demand, assignments[i]), 0);
}

/** Whether nobody could be served more by any plan: each has as much as any of its candidates in full, or all. */
export function isWhole({ servers }: Problem, assignments: Solution['assignments']): boolean {
  return servers.every(
    (demand, i) => !canBeGiven(demand) || serviceOf(demand, assignments[i]) >= fullService(demand),
  );
}

/** As much as a server can be served. */
export function fullService(demand: Demand): number {
  const [best] = demand.candidates;
  const alone = best ? servedBy(best, best.replicas) : 0;
  return alone < 1 && demand.mixing ? demand.mixing.servableShare : alone;
}

/** The better of two: what serves more, the highest priority first; then what has less value; then the first. */
export function better(
  problem: Problem,
  a: Solution['assignments'],
  b: Solution['assignments'],
): Solution['assignments'] {
  for (const priority of prioritiesOf(problem)) {
    const difference = servedOf(problem, b, priority) - servedOf(problem, a, priority);
    if (Math.abs(difference) > SAME_SERVICE) return difference > 0 ? b : a;
  }
  const [valueA, valueB] = [totalValue(problem, a), totalValue(problem, b)];
  return valueB < valueA - SAME * Math.abs(valueA) ? b : a;
}

/** Servers of a priority that are served: each counts as much as it is. */
export function servedOf(
  { servers }: Problem,
  assignments: Solution['assignments'],
  priority: number,
): number {
  return assignments.reduce(
    (sum, given, i) => (servers[i].priority === priority ? sum + serviceOf(servers[i], given) : sum),
    0,
  );
}

/** A bound on service is at least what was reached; no farther above it than engines see, it is that. */
export function serviceBound(bound: number, served: number): number {
  return bound < served + 2 * SAME_SERVICE ? served : bound;
}

/** Each server's best candidate, in full, where all of them fit: no plan of one variant per server can be better. null: they do not. */
export function bestOfEach(problem: Problem): Solution | null {
  const assignments = problem.servers.map(({ candidates }) =>
    candidates.length > 0 ? { candidate: 0, replicas: candidates[0].replicas } : null,
  );
  if (!isWithinLimits(problem, assignments)) return null;
  return { termination: 'optimal', assignments, bound: totalValue(problem, assignments) };
}

/** Whether assignments stay within the limits of a problem and of its servers. */
export function isWithinLimits(problem: Problem, assignments: Solution['assignments']): boolean {
  const room = new RoomLeft(problem);
  const take = (holder: Candidate | Part, replicas: number) => {
    if (!(replicas <= room.replicasOf(holder))) return false;
    room.take(holder, replicas);
    return true;
  };
  return problem.servers.every((demand, i) => {
    const given = assignments[i];
    if (!given) return true;
    if (isMix(given)) {
      const mixing = demand.mixing!;
      const { parts } = mixing;
      return (
        isSoundMix(mixing, given) && given.parts.every(({ part, replicas }) => take(parts[part], replicas))
      );
    }
    const candidate = demand.candidates[given.candidate];
    return given.replicas <= candidate.replicas && take(candidate, given.replicas);
  });
}
