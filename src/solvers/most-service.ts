import { isMix } from './mix.ts';
import { RoomLeft } from './room-left.ts';
import { prioritiesOf, servedBy } from './service.ts';
import type { Assignment, Candidate, Demand, Mix, Problem, Solution } from './solver.ts';

/**
 * Much service in little time, for problems that cannot be served in full: within a priority those first who take the least share of
 * what is scarce, each with the candidate that takes least; then in part who is left. No care for values.
 *
 * @param start within the limits: who has something keeps it; absent: nobody has
 */
export function mostService(
  problem: Problem,
  start: Solution['assignments'] = problem.servers.map(() => null),
): Solution['assignments'] {
  const room = new RoomLeft(problem);
  const assignments = [...start];
  for (const [server, given] of start.entries()) {
    if (given) takeGiven(room, problem.servers[server], given);
  }
  const give = (server: number, assignment: Assignment) => {
    takeGiven(room, problem.servers[server], assignment);
    assignments[server] = assignment;
  };
  const leastTakes = new Float64Array(assignments.length);
  for (const priority of prioritiesOf(problem)) {
    const asking: number[] = [];
    for (const [server, demand] of problem.servers.entries()) {
      if (demand.priority !== priority || demand.candidates.length === 0 || assignments[server]) continue;
      const thriftiest = thriftiestIn(demand, problem);
      leastTakes[server] = takeOf(demand.candidates[thriftiest], problem.limits);
      asking.push(server);
    }
    const left = asking
      .sort((a, b) => leastTakes[a] - leastTakes[b])
      .filter((server) => {
        const { candidates } = problem.servers[server];
        const candidate = thriftiestIn(problem.servers[server], problem, room);
        if (candidate >= 0) give(server, { candidate, replicas: candidates[candidate].replicas });
        return candidate < 0;
      });
    for (const server of left) {
      const assignment = inPart(problem.servers[server], room);
      if (assignment) give(server, assignment);
    }
  }
  return assignments;
}

function takeGiven(room: RoomLeft, { candidates, mixing }: Demand, given: Assignment | Mix): void {
  if (!isMix(given)) room.take(candidates[given.candidate], given.replicas);
  else for (const { part, replicas } of given.parts) room.take(mixing!.parts[part], replicas);
}

/** Of the candidates that serve as much as any, in full, the one that takes the least share of all limits; −1: there is room for none. */
function thriftiestIn({ candidates }: Demand, { limits }: Problem, room?: RoomLeft): number {
  const [first] = candidates;
  const served = servedBy(first, first.replicas);
  let thriftiest = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let candidate = 0; candidate < candidates.length; candidate++) {
    const choice = candidates[candidate];
    if (servedBy(choice, choice.replicas) < served || (room && room.replicasOf(choice) < choice.replicas))
      continue;
    const take = takeOf(choice, limits);
    if (thriftiest >= 0 && !(take < least)) continue;
    thriftiest = candidate;
    least = take;
  }
  return thriftiest;
}

function takeOf({ uses, replicas }: Candidate, limits: Problem['limits']): number {
  let take = 0;
  for (const { limit, perReplica } of uses) take += (replicas * perReplica) / limits[limit];
  return take;
}

/** The candidate of which what is left serves most. */
function inPart({ candidates }: Demand, room: RoomLeft): Assignment | null {
  let best: Assignment | null = null;
  let most = 0;
  for (let candidate = 0; candidate < candidates.length; candidate++) {
    const choice = candidates[candidate];
    const replicas = Math.min(choice.replicas, room.replicasOf(choice));
    const served = servedBy(choice, replicas);
    if (served <= most) continue;
    most = served;
    best = { candidate, replicas };
  }
  return best;
}
