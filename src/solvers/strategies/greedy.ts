import TinyQueue from 'tinyqueue';
import { type Static, Type } from '#typebox';
import { RoomLeft } from '../room-left.ts';
import type { Assignment, Demand, Problem, Solution, Solver } from '../solver.ts';

const options = Type.Object(
  {
    saturationPolicy: Type.Optional(
      Type.Union(
        [
          Type.Literal('None'),
          Type.Literal('PriorityExhaustive'),
          Type.Literal('PriorityRoundRobin'),
          Type.Literal('RoundRobin'),
        ],
        {
          default: 'PriorityExhaustive',
          description:
            'Who gets the cards that are left when not everybody fits. None: nobody. PriorityExhaustive: one server after the other, as many replicas as fit. PriorityRoundRobin: within a priority one replica each in turn. RoundRobin: one replica each in turn over all priorities.',
        },
      ),
    ),
    delayedBestEffort: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Apply the saturation policy once, after all priorities, instead of after each.',
      }),
    ),
  },
  { additionalProperties: false },
);
type Policy = NonNullable<Static<typeof options>['saturationPolicy']>;

/** A server on its way through its candidates. */
interface Seeker {
  readonly demand: Demand;
  /** Index into the problem's servers. */
  readonly index: number;
  /** Index of the candidate that is tried next. */
  at: number;
  /** regretAt(demand, at) */
  regret: number;
}

export default {
  name: 'greedy',
  summary:
    'By priority, and within one by regret: who loses most by its second choice chooses first. Fast; partial allocations by policy when cards run out.',
  options,
  isLight: true,
  solve: (problem, { saturationPolicy = 'PriorityExhaustive', delayedBestEffort = false }) => {
    const seekers = problem.servers
      .map((demand, index): Seeker => ({ demand, index, at: 0, regret: regretAt(demand, 0) }))
      .filter(({ demand }) => demand.candidates.length > 0);
    const fleet = new Fleet(problem);
    const unserved: Seeker[] = [];
    for (const group of groupByPriority(seekers)) {
      const left = serveInFull(group, fleet);
      if (delayedBestEffort) unserved.push(...left);
      else serveInPart(left, fleet, saturationPolicy);
    }
    if (delayedBestEffort) serveInPart(unserved, fleet, saturationPolicy);
    return fleet.solution();
  },
} satisfies Solver<typeof options>;

/** What is left and what has been given. */
class Fleet {
  readonly #room: RoomLeft;
  readonly #given: (Assignment | null)[];

  constructor(problem: Problem) {
    this.#room = new RoomLeft(problem);
    this.#given = problem.servers.map(() => null);
  }

  /** Replicas of the seeker's candidate that what is left can hold. */
  roomFor({ demand }: Seeker, candidate: number): number {
    return this.#room.replicasOf(demand.candidates[candidate]);
  }

  /** Gives replicas on top of those that the seeker has of the same candidate. */
  give({ demand, index }: Seeker, candidate: number, replicas: number): void {
    this.#room.take(demand.candidates[candidate], replicas);
    this.#given[index] = { candidate, replicas: (this.#given[index]?.replicas ?? 0) + replicas };
  }

  /** Whole rounds, one replica to each, that fit before anyone is content; 0: not even one. */
  roundsThatFit(waiting: readonly Settled[]): number {
    const rounds = this.#room.roundsOf(waiting.map(({ seeker, choice }) => seeker.demand.candidates[choice]));
    return waiting.reduce((least, { missing }) => Math.min(least, missing), rounds);
  }

  solution(): Solution {
    return { termination: 'heuristic', assignments: this.#given, bound: null };
  }
}

function groupByPriority(seekers: readonly Seeker[]): Seeker[][] {
  const groups = new Map<number, Seeker[]>();
  for (const seeker of seekers) {
    const group = groups.get(seeker.demand.priority);
    if (group) group.push(seeker);
    else groups.set(seeker.demand.priority, [seeker]);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

/** Allocates whole candidates in the order of regret; returns those that found none, in the order of giving up. */
function serveInFull(group: readonly Seeker[], fleet: Fleet): Seeker[] {
  const queue = new TinyQueue([...group], byRegret);
  const unserved: Seeker[] = [];
  for (let seeker = queue.pop(); seeker; seeker = queue.pop()) {
    const { demand, at } = seeker;
    if (fleet.roomFor(seeker, at) >= demand.candidates[at].replicas) {
      fleet.give(seeker, at, demand.candidates[at].replicas);
    } else if (at + 1 < demand.candidates.length) {
      seeker.at++;
      seeker.regret = regretAt(demand, seeker.at);
      queue.push(seeker);
    } else {
      unserved.push(seeker);
    }
  }
  return unserved;
}

/** What settling for the candidate after this one costs more; Infinity at the last. */
function regretAt({ candidates }: Demand, at: number): number {
  return at + 1 < candidates.length
    ? candidates[at + 1].value - candidates[at].value
    : Number.POSITIVE_INFINITY;
}

function serveInPart(unserved: readonly Seeker[], fleet: Fleet, policy: Policy): void {
  if (policy === 'PriorityExhaustive') {
    for (const seeker of unserved) {
      const choice = firstWithRoom(seeker, fleet);
      if (choice < 0) continue;
      fleet.give(
        seeker,
        choice,
        Math.min(seeker.demand.candidates[choice].replicas, fleet.roomFor(seeker, choice)),
      );
    }
  } else if (policy === 'PriorityRoundRobin') {
    for (const group of groupByPriority(unserved)) takeTurns(group, fleet);
  } else if (policy === 'RoundRobin') {
    takeTurns(unserved, fleet);
  }
}

/** In the first round each settles on its first candidate with room for a replica and takes one; then one each in turn. */
function takeTurns(seekers: readonly Seeker[], fleet: Fleet): void {
  let waiting = seekers.flatMap((seeker): Settled[] => {
    const choice = firstWithRoom(seeker, fleet);
    if (choice < 0) return [];
    fleet.give(seeker, choice, 1);
    return [{ seeker, choice, missing: seeker.demand.candidates[choice].replicas - 1 }];
  });
  waiting = waiting.filter(({ missing }) => missing > 0);
  while (waiting.length > 0) {
    const rounds = Math.max(1, fleet.roundsThatFit(waiting));
    waiting = waiting.filter((settled) => {
      if (fleet.roomFor(settled.seeker, settled.choice) < rounds) return false;
      fleet.give(settled.seeker, settled.choice, rounds);
      settled.missing -= rounds;
      return settled.missing > 0;
    });
  }
}

/** A server that takes turns: the candidate it settled on and the replicas it still misses. */
interface Settled {
  readonly seeker: Seeker;
  readonly choice: number;
  missing: number;
}

function firstWithRoom(seeker: Seeker, fleet: Fleet): number {
  return seeker.demand.candidates.findIndex((_, candidate) => fleet.roomFor(seeker, candidate) >= 1);
}

/** Negative when `a` chooses before `b`: larger regret, then larger value of the candidate to try, then name. */
function byRegret(a: Seeker, b: Seeker): number {
  if (a.regret !== b.regret) return a.regret > b.regret ? -1 : 1;
  const byValue = b.demand.candidates[b.at].value - a.demand.candidates[a.at].value;
  if (byValue !== 0) return byValue;
  return a.demand.name < b.demand.name ? -1 : 1;
}
