import { RoomLeft } from './room-left.ts';
import type { Assignment, Candidate, Demand, Problem, Solution } from './solver.ts';

// What assignments are worth. First of all how much they serve, priority by priority: the sum over the servers of a priority of
// replicas given / replicas required. Among those that serve equally, the sum of values.

/** Sums of less than this apart are rounding (in served servers, and relative to a value). */
const SAME = 1e-9;

/** Priorities of the servers that can be given something, the highest first. */
export function prioritiesOf({ servers }: Problem): number[] {
  const found = new Set(
    servers.filter(({ candidates }) => candidates.length > 0).map(({ priority }) => priority),
  );
  return [...found].sort((a, b) => a - b);
}

export function servedBy({ requiredReplicas }: Candidate, replicas: number): number {
  return Math.min(1, replicas / requiredReplicas);
}

/** Value of what a server is given; of one without candidates nothing can be said, it counts 0. */
export function valueGiven({ candidates, valueOfNothing }: Demand, assignment: Assignment | null): number {
  if (!assignment) return candidates.length > 0 ? valueOfNothing : 0;
  const { value, valuePerReplica, replicas } = candidates[assignment.candidate];
  return value - valuePerReplica * (replicas - assignment.replicas);
}

export function totalValue({ servers }: Problem, assignments: Solution['assignments']): number {
  return servers.reduce((sum, demand, i) => sum + valueGiven(demand, assignments[i]), 0);
}

/** Whether nobody could be served more by any plan: each has a candidate in full that serves as much as any of its. */
export function isWhole({ servers }: Problem, assignments: Solution['assignments']): boolean {
  return servers.every((demand, i) => demand.candidates.length === 0 || servesMost(demand, assignments[i]));
}

function servesMost({ candidates }: Demand, assignment: Assignment | null): boolean {
  if (!assignment) return false;
  const served = servedBy(candidates[assignment.candidate], assignment.replicas);
  return served >= servedBy(candidates[0], candidates[0].replicas);
}

/** The better of two: what serves more, the highest priority first; then what has less value; then the first. */
export function better(
  problem: Problem,
  a: Solution['assignments'],
  b: Solution['assignments'],
): Solution['assignments'] {
  for (const priority of prioritiesOf(problem)) {
    const difference = servedOf(problem, b, priority) - servedOf(problem, a, priority);
    if (Math.abs(difference) > SAME) return difference > 0 ? b : a;
  }
  const [valueA, valueB] = [totalValue(problem, a), totalValue(problem, b)];
  return valueB < valueA - SAME * Math.abs(valueA) ? b : a;
}

function servedOf({ servers }: Problem, assignments: Solution['assignments'], priority: number): number {
  return assignments.reduce((sum, assignment, i) => {
    const counts = assignment && servers[i].priority === priority;
    return counts ? sum + servedBy(servers[i].candidates[assignment.candidate], assignment.replicas) : sum;
  }, 0);
}

/** Each server's best candidate, in full, where all of them fit: nothing can be better. null: they do not. */
export function bestOfEach(problem: Problem): Solution | null {
  const room = new RoomLeft(problem);
  for (const { candidates } of problem.servers) {
    if (candidates.length === 0) continue;
    if (room.replicasOf(candidates[0]) < candidates[0].replicas) return null;
    room.take(candidates[0], candidates[0].replicas);
  }
  const assignments = problem.servers.map(({ candidates }) =>
    candidates.length > 0 ? { candidate: 0, replicas: candidates[0].replicas } : null,
  );
  return { termination: 'optimal', assignments, bound: totalValue(problem, assignments) };
}

/** Whether assignments stay within the limits of a problem. */
export function isWithinLimits(problem: Problem, assignments: Solution['assignments']): boolean {
  const room = new RoomLeft(problem);
  return problem.servers.every(({ candidates }, i) => {
    const assignment = assignments[i];
    if (!assignment) return true;
    const { candidate, replicas } = assignment;
    if (!(replicas <= Math.min(candidates[candidate].replicas, room.replicasOf(candidates[candidate]))))
      return false;
    room.take(candidates[candidate], replicas);
    return true;
  });
}
