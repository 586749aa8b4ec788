import { isMix } from '../../src/solvers/mix.ts';
import type { Assignment, Candidate, Problem } from '../../src/solvers/solver.ts';
import { type Given, valueAlone } from './problems.ts';

/** What a plan is worth: the service of each priority, the highest first, then its value. */
export type Worth = readonly number[];

export function worthOf({ servers }: Problem, assignments: readonly Given[]): Worth {
  const priorities = [...new Set(servers.map(({ priority }) => priority))].sort((a, b) => a - b);
  let value = 0;
  const served = priorities.map(() => 0);
  servers.forEach(({ candidates, priority, valueOfNothing }, i) => {
    const given = assignments[i];
    if (candidates.length === 0) return;
    if (!given) {
      value += valueOfNothing;
      return;
    }
    if (isMix(given)) throw new Error('one variant each was asked for');
    const candidate = candidates[given.candidate];
    served[priorities.indexOf(priority)] += given.replicas / candidate.requiredReplicas;
    value += valueAlone(candidate, given.replicas);
  });
  return [...served, -value];
}

/** Above 0: a is worth more. */
export function compare(a: Worth, b: Worth): number {
  const difference = a.map((x, i) => x - b[i]).find((x) => Math.abs(x) > 1e-5);
  return difference ?? 0;
}

/** The best of all plans, each candidate at each number of replicas tried. */
export function bruteForce(problem: Problem): Worth {
  let best: Worth = problem.servers.map(() => Number.NEGATIVE_INFINITY);
  const left = [...problem.limits];
  const chosen: (Assignment | null)[] = [];
  const take = ({ uses }: Candidate, replicas: number) => {
    for (const { limit, perReplica } of uses) left[limit] -= replicas * perReplica;
  };
  const descend = (server: number): void => {
    if (server === problem.servers.length) {
      const worth = worthOf(problem, chosen);
      if (best.length !== worth.length || compare(worth, best) > 0) best = worth;
      return;
    }
    chosen[server] = null;
    descend(server + 1);
    problem.servers[server].candidates.forEach((candidate, index) => {
      for (let replicas = 1; replicas <= candidate.replicas; replicas++) {
        take(candidate, replicas);
        chosen[server] = { candidate: index, replicas };
        if (left.every((cards) => cards >= 0)) descend(server + 1);
        take(candidate, -replicas);
      }
    });
  };
  descend(0);
  return best;
}
