import { RoomLeft } from './room-left.ts';
import { prioritiesOf, servedBy } from './service.ts';
import type { Assignment, Candidate, Demand, Problem, Solution } from './solver.ts';

/**
 * Much service in little time, for problems that cannot be served in full: within a priority those first who take the least share of
 * what is scarce, each with the candidate that takes least; then in part who is left. No care for values.
 *
 * @param start within the limits: who has something keeps it; absent: nobody has
 */
export function mostService(
  problem: Problem,
  start: readonly (Assignment | null)[] = problem.servers.map(() => null),
): Solution['assignments'] {
  const room = new RoomLeft(problem);
  const assignments = [...start];
  for (const [server, given] of start.entries()) {
    if (given) room.take(problem.servers[server].candidates[given.candidate], given.replicas);
  }
  const give = (server: number, { candidates }: Demand, assignment: Assignment) => {
    room.take(candidates[assignment.candidate], assignment.replicas);
    assignments[server] = assignment;
  };
  for (const priority of prioritiesOf(problem)) {
    const thrifty = problem.servers
      .map((demand, server) => ({ demand, server, choices: inOrderOfTake(demand, problem) }))
      .filter(
        ({ demand, server, choices }) =>
          demand.priority === priority && choices.length > 0 && !assignments[server],
      )
      .sort((a, b) => a.choices[0].take - b.choices[0].take);
    const left = thrifty.filter(({ demand, server, choices }) => {
      const fits = choices.find(({ choice }) => room.replicasOf(choice) >= choice.replicas);
      if (fits) give(server, demand, { candidate: fits.candidate, replicas: fits.choice.replicas });
      return !fits;
    });
    for (const { demand, server } of left) {
      const assignment = inPart(demand, room);
      if (assignment) give(server, demand, assignment);
    }
  }
  return assignments;
}

/** The candidates that serve as much as any, by the share of all limits that they take. */
function inOrderOfTake({ candidates }: Demand, { limits }: Problem) {
  const served = candidates.map((choice) => servedBy(choice, choice.replicas));
  return candidates
    .map((choice, candidate) => ({ choice, candidate, take: takeOf(choice, limits) }))
    .filter(({ candidate }) => served[candidate] >= served[0])
    .sort((a, b) => a.take - b.take);
}

function takeOf({ uses, replicas }: Candidate, limits: Problem['limits']): number {
  return uses.reduce((sum, { limit, perReplica }) => sum + (replicas * perReplica) / limits[limit], 0);
}

/** The candidate of which what is left serves most. */
function inPart({ candidates }: Demand, room: RoomLeft): Assignment | null {
  let best: Assignment | null = null;
  let most = 0;
  for (const [candidate, choice] of candidates.entries()) {
    const replicas = Math.min(choice.replicas, room.replicasOf(choice));
    const served = servedBy(choice, replicas);
    if (served <= most) continue;
    most = served;
    best = { candidate, replicas };
  }
  return best;
}
