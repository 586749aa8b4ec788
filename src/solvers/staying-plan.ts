import { mostService } from './most-service.ts';
import { RoomLeft } from './room-left.ts';
import { prioritiesOf } from './service.ts';
import type { Assignment, Problem, Solution } from './solver.ts';

/**
 * A plan near to what runs: the highest priority first, each server keeps its variant in full where that fits; who runs nothing, or has
 * no room for it any more, then gets what is left. Where change has a price it is a good one to start from. null: nothing runs.
 */
export function stayingPlan(problem: Problem): Solution['assignments'] | null {
  if (!problem.servers.some(({ candidates }) => candidates.some(({ runs }) => runs))) return null;
  const room = new RoomLeft(problem);
  const staying: (Assignment | null)[] = problem.servers.map(() => null);
  for (const priority of prioritiesOf(problem)) {
    for (const [server, { candidates, priority: own }] of problem.servers.entries()) {
      if (own !== priority) continue;
      const candidate = candidates.findIndex(({ runs }) => runs);
      const choice = candidates[candidate];
      if (!choice || room.replicasOf(choice) < choice.replicas) continue;
      room.take(choice, choice.replicas);
      staying[server] = { candidate, replicas: choice.replicas };
    }
  }
  return mostService(problem, staying);
}
