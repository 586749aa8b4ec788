import type { Assignment, Demand, Problem } from '../../src/solvers/solver.ts';

// The oracle of the greedy solver: its rules one step at a time, each list sorted anew, each replica given alone.

interface Waiting {
  readonly index: number;
  readonly demand: Demand;
  at: number;
}

export interface PlainOptions {
  readonly saturationPolicy?: string;
  readonly delayedBestEffort?: boolean;
}

export function plainGreedy(
  { servers, limits }: Problem,
  { saturationPolicy = 'PriorityExhaustive', delayedBestEffort = false }: PlainOptions,
): (Assignment | null)[] {
  const left = [...limits];
  const given: (Assignment | null)[] = servers.map(() => null);

  const room = ({ demand }: Waiting, which: number) => {
    const rooms = demand.candidates[which].uses.map(({ limit, perReplica }) =>
      Math.floor(left[limit] / perReplica),
    );
    return Math.min(Number.POSITIVE_INFINITY, ...rooms);
  };
  const give = ({ index, demand }: Waiting, candidate: number, replicas: number) => {
    for (const { limit, perReplica } of demand.candidates[candidate].uses)
      left[limit] -= replicas * perReplica;
    given[index] = { candidate, replicas: (given[index]?.replicas ?? 0) + replicas };
  };
  const firstWithRoom = (waiting: Waiting) =>
    waiting.demand.candidates.findIndex((_, which) => room(waiting, which) >= 1);

  const inFull = (group: Waiting[]): Waiting[] => {
    const queue = [...group];
    const unserved: Waiting[] = [];
    while (queue.length > 0) {
      const first = queue.sort(before).shift()!;
      const { candidates } = first.demand;
      if (room(first, first.at) >= candidates[first.at].replicas)
        give(first, first.at, candidates[first.at].replicas);
      else if (++first.at < candidates.length) queue.push(first);
      else unserved.push(first);
    }
    return unserved;
  };
  const inTurn = (unserved: readonly Waiting[]) => {
    const choices = new Map<Waiting, number>();
    for (let served = true; served; ) {
      served = false;
      for (const waiting of unserved) {
        const choice = choices.get(waiting) ?? firstWithRoom(waiting);
        if (choice < 0) continue;
        choices.set(waiting, choice);
        const has = given[waiting.index]?.replicas ?? 0;
        if (has === waiting.demand.candidates[choice].replicas || room(waiting, choice) < 1) continue;
        give(waiting, choice, 1);
        served = true;
      }
    }
  };
  const inPart = (unserved: readonly Waiting[]) => {
    if (saturationPolicy === 'RoundRobin') inTurn(unserved);
    if (saturationPolicy === 'PriorityRoundRobin') for (const group of byPriority(unserved)) inTurn(group);
    if (saturationPolicy === 'PriorityExhaustive') {
      for (const waiting of unserved) {
        const choice = firstWithRoom(waiting);
        if (choice < 0) continue;
        give(waiting, choice, Math.min(waiting.demand.candidates[choice].replicas, room(waiting, choice)));
      }
    }
  };

  const all = servers.map((demand, index): Waiting => ({ demand, index, at: 0 }));
  const unserved: Waiting[] = [];
  for (const group of byPriority(all.filter(({ demand }) => demand.candidates.length > 0))) {
    const short = inFull(group);
    if (delayedBestEffort) unserved.push(...short);
    else inPart(short);
  }
  if (delayedBestEffort) inPart(unserved);
  return given;
}

function byPriority(waiting: readonly Waiting[]): Waiting[][] {
  const priorities = [...new Set(waiting.map(({ demand }) => demand.priority))].sort((a, b) => a - b);
  return priorities.map((priority) => waiting.filter(({ demand }) => demand.priority === priority));
}

/** Regret descending, ∞ at the last candidate; then value descending; then name. */
function before(a: Waiting, b: Waiting): number {
  const [regretA, regretB] = [a, b].map(({ demand: { candidates }, at }) =>
    at === candidates.length - 1 ? Number.POSITIVE_INFINITY : candidates[at + 1].value - candidates[at].value,
  );
  if (regretA !== regretB) return regretA > regretB ? -1 : 1;
  const [valueA, valueB] = [a, b].map(({ demand, at }) => demand.candidates[at].value);
  if (valueA !== valueB) return valueB - valueA;
  return a.demand.name < b.demand.name ? -1 : 1;
}
