import { RoomLeft } from './room-left.ts';
import { canBeGiven, servedBy } from './service.ts';
import type { Assignment, Candidate, Demand, Problem } from './solver.ts';

/** A candidate that a server may be given, and how many replicas of it: least … most, at least 1. */
export interface Choice {
  readonly candidate: number;
  readonly least: number;
  readonly most: number;
}

/** What a server may be given: one of the choices, or nothing. */
export interface Choices {
  readonly mayHaveNothing: boolean;
  readonly list: readonly Choice[];
}

/** Replicas so much above a whole number are that number. */
const ROUNDING = 1e-9;

const NOTHING: Choices = { mayHaveNothing: true, list: [] };

/**
 * All that each server may be given, alone within the limits.
 *
 * @param wholeUpTo the lowest priority that is served as far as it can be, as all above it; 0: none is
 */
export function allChoices(problem: Problem, wholeUpTo: number): Choices[] {
  const room = new RoomLeft(problem);
  return problem.servers.map((demand) => {
    if (!canBeGiven(demand) || demand.candidates.length === 0) return NOTHING;
    return demand.priority <= wholeUpTo ? wholeChoices(demand, room) : partChoices(demand, room);
  });
}

function wholeChoices({ candidates }: Demand, room: RoomLeft): Choices {
  const most = servedBy(candidates[0], candidates[0].replicas);
  const list = candidates.flatMap((choice, candidate) => {
    const { replicas } = choice;
    const isWhole = servedBy(choice, replicas) >= most && room.replicasOf(choice) >= replicas;
    return isWhole ? [{ candidate, least: replicas, most: replicas }] : [];
  });
  return { mayHaveNothing: false, list };
}

function partChoices({ candidates }: Demand, room: RoomLeft): Choices {
  const list = candidates.flatMap((choice, candidate) =>
    rangesOf(choice, room).map(({ least, most }) => ({ candidate, least, most })),
  );
  return { mayHaveNothing: true, list };
}

type Range = Pick<Choice, 'least' | 'most'>;

/** Numbers of replicas that fit, by how they are priced: exactly what runs, where that has another value, stands apart from fewer and more. */
export function rangesOf(candidate: Candidate, room: RoomLeft): Range[] {
  const most = Math.min(candidate.replicas, room.replicasOf(candidate));
  const { replicas: running } = candidate.staying ?? { replicas: Number.POSITIVE_INFINITY };
  if (running > most) return most < 1 ? [] : [{ least: 1, most }];
  return [
    { least: 1, most: running - 1 },
    { least: running, most: running },
    { least: running + 1, most },
  ].filter((range) => range.least <= range.most);
}

/** The choices that count where only service does: none beside them serves as much and takes no more of any limit. */
export function thriftyChoices({ candidates }: Demand, choices: Choices): Choices {
  const kept: Choice[] = [];
  for (const [i, choice] of choices.list.entries()) {
    const isOutdone = choices.list.some((other, j) => {
      if (i === j || !outdoes(candidates, other, choice)) return false;
      // Of two that outdo each other, the first is kept.
      return j < i || !outdoes(candidates, choice, other);
    });
    if (!isOutdone) kept.push(choice);
  }
  return kept.length === choices.list.length ? choices : { ...choices, list: kept };
}

/** Whether for whatever one choice may give, another has something that serves as much and takes no more. */
function outdoes(candidates: readonly Candidate[], other: Choice, choice: Choice): boolean {
  const a = candidates[other.candidate];
  const b = candidates[choice.candidate];
  const perReplica = a.requiredReplicas / b.requiredReplicas;
  let ratio = Number.POSITIVE_INFINITY;
  for (const { limit, perReplica } of a.uses) {
    const use = b.uses.find((one) => one.limit === limit);
    ratio = Math.min(ratio, use ? use.perReplica / perReplica : 0);
  }
  if (ratio === 0) return false;
  for (let replicas = choice.least; replicas <= choice.most; replicas++) {
    const asMany = Math.max(other.least, Math.ceil(replicas * perReplica - ROUNDING));
    if (asMany > other.most || asMany > replicas * ratio) return false;
  }
  return true;
}

/** Who is given something keeps it; the others have their choice. */
export function fixedTo(plan: readonly (Assignment | null)[], choices: readonly Choices[]): Choices[] {
  return choices.map((ofServer, i) => {
    const given = plan[i];
    if (!given) return ofServer;
    const { candidate, replicas } = given;
    return { mayHaveNothing: false, list: [{ candidate, least: replicas, most: replicas }] };
  });
}

/** Candidates that are open, over all servers. */
export function candidatesOf(choices: readonly Choices[]): number {
  return choices.reduce((sum, { list }) => sum + list.length, 0);
}

/** Ways to give something, over all servers: candidates, each with every number of replicas. */
export function countOf(choices: readonly Choices[]): number {
  return choices.reduce(
    (sum, { list }) => list.reduce((count, { least, most }) => count + most - least + 1, sum),
    0,
  );
}

/** Of two ways to have less choice, what both leave; each has the choices in the same order. */
export function narrowest(a: readonly Choices[], b: readonly Choices[]): Choices[] {
  return a.map((ofServer, i) => {
    const others = new Map<number, Choice[]>();
    for (const choice of b[i].list)
      others.set(choice.candidate, [...(others.get(choice.candidate) ?? []), choice]);
    return {
      mayHaveNothing: ofServer.mayHaveNothing && b[i].mayHaveNothing,
      list: ofServer.list.flatMap(({ candidate, least, most }) =>
        (others.get(candidate) ?? []).flatMap((other) => {
          const both = { candidate, least: Math.max(least, other.least), most: Math.min(most, other.most) };
          return both.least <= both.most ? [both] : [];
        }),
      ),
    };
  });
}
