import { isMix } from './mix.ts';
import { RoomLeft } from './room-left.ts';
import { servedBy, valueGiven, valueOfReplicas } from './service.ts';
import type { Assignment, Demand, Problem, Solution } from './solver.ts';

/** Service and values less than this apart are the same: rounding never makes a move. */
const SAME = 1e-9;

/** Moves between two looks at the clock. */
const MOVES_PER_LOOK = 256;

/**
 * Better plans near a given one: servers change their variant where another serves more or the same for less (shift); and pairs are
 * given anew what both have and what is left, the second first, where that serves a higher priority more, or as much for less value
 * (swap). Until no move helps, or the time is over.
 *
 * @param assignments within the limits; servers with several variants stay as they are
 */
export function improved(
  problem: Problem,
  assignments: Solution['assignments'],
  timeLimitSec: number,
): Solution['assignments'] {
  const search = new LocalSearch(problem, assignments);
  const endMs = performance.now() + 1000 * timeLimitSec;
  while (search.pass(endMs)) {}
  return search.given;
}

class LocalSearch {
  readonly given: Solution['assignments'][number][];
  readonly #problem: Problem;
  readonly #room: RoomLeft;
  /** Servers that may be given something else. */
  readonly #open: readonly number[];

  constructor(problem: Problem, assignments: Solution['assignments']) {
    this.#problem = problem;
    this.given = [...assignments];
    this.#room = new RoomLeft(problem);
    for (const [i, { mixing }] of problem.servers.entries()) {
      const own = this.given[i];
      if (own && isMix(own)) {
        for (const { part, replicas } of own.parts) this.#room.take(mixing!.parts[part], replicas);
      }
      this.#take(i, 1);
    }
    this.#open = problem.servers.flatMap(({ candidates }, i) => {
      const own = this.given[i];
      return candidates.length > 0 && !(own && isMix(own)) ? [i] : [];
    });
  }

  /** Tries every move once. @returns whether any helped and there is time for more */
  pass(endMs: number): boolean {
    let hasHelped = false;
    let moves = 0;
    for (const second of this.#open) {
      if (this.#shift(second)) hasHelped = true;
      if (this.#served(second) >= this.#most(second)) continue;
      for (const first of this.#open) {
        if (first === second || this.given[first] === null) continue;
        if (this.#swap(first, second)) hasHelped = true;
        if (++moves % MOVES_PER_LOOK === 0 && performance.now() > endMs) return false;
      }
    }
    return hasHelped && performance.now() <= endMs;
  }

  #shift(server: number): boolean {
    const before = this.given[server];
    this.#take(server, -1);
    const other = this.#bestFor(server);
    const demand = this.#problem.servers[server];
    const isBetter = gainOf(demand, before, other) > 0;
    if (isBetter) this.given[server] = other;
    this.#take(server, 1);
    return isBetter;
  }

  #swap(first: number, second: number): boolean {
    const [a, b] = [this.given[first], this.given[second]];
    const { servers } = this.#problem;
    this.#take(first, -1);
    this.#take(second, -1);
    this.given[second] = this.#bestFor(second);
    this.#take(second, 1);
    this.given[first] = this.#bestFor(first);
    this.#take(first, 1);
    if (this.#isBetter([servers[first], a, this.given[first]], [servers[second], b, this.given[second]]))
      return true;
    this.#take(first, -1);
    this.#take(second, -1);
    this.given[first] = a;
    this.given[second] = b;
    this.#take(first, 1);
    this.#take(second, 1);
    return false;
  }

  /** Whether two changes together are for the better: at the higher of their priorities first. */
  #isBetter(...changes: [Change, Change]): boolean {
    const [x, y] = changes[0][0].priority <= changes[1][0].priority ? changes : [changes[1], changes[0]];
    const [served, more] = [moreServed(x), moreServed(y)];
    const inOrder = x[0].priority === y[0].priority ? [served + more] : [served, more];
    const decisive = inOrder.find((difference) => Math.abs(difference) > SAME);
    if (decisive !== undefined) return decisive > 0;
    return moreValue(x) + moreValue(y) < -SAME * Math.max(1, Math.abs(valueGiven(x[0], x[1])));
  }

  /** What serves a server most in the room that is left, for the least value. */
  #bestFor(server: number): Assignment | null {
    const { candidates } = this.#problem.servers[server];
    let best: Assignment | null = null;
    let most = 0;
    let least = 0;
    for (let candidate = 0; candidate < candidates.length; candidate++) {
      const choice = candidates[candidate];
      const replicas = Math.min(choice.replicas, this.#room.replicasOf(choice));
      if (replicas < 1) continue;
      const served = servedBy(choice, replicas);
      if (served < most - SAME) continue;
      const value = valueOfReplicas(choice, replicas);
      if (served < most + SAME && value >= least) continue;
      best = { candidate, replicas };
      most = served;
      least = value;
    }
    return best;
  }

  #served(server: number): number {
    return servedOf(this.#problem.servers[server], this.given[server]);
  }

  #most(server: number): number {
    const [best] = this.#problem.servers[server].candidates;
    return servedBy(best, best.replicas);
  }

  /** @param sign 1: takes what the server has; -1: gives it back */
  #take(server: number, sign: 1 | -1): void {
    const own = this.given[server];
    if (!own || isMix(own)) return;
    this.#room.take(this.#problem.servers[server].candidates[own.candidate], sign * own.replicas);
  }
}

type Given = Solution['assignments'][number];
type Change = readonly [demand: Demand, before: Given, after: Given];

function servedOf({ candidates }: Demand, given: Given): number {
  return given && !isMix(given) ? servedBy(candidates[given.candidate], given.replicas) : 0;
}

function moreServed([demand, before, after]: Change): number {
  return servedOf(demand, after) - servedOf(demand, before);
}

function moreValue([demand, before, after]: Change): number {
  return valueGiven(demand, after) - valueGiven(demand, before);
}

/** Above 0: the change of one server alone is for the better. */
function gainOf(...change: [Demand, Given, Given]): number {
  const served = moreServed(change);
  if (Math.abs(served) > SAME) return served;
  const value = moreValue(change);
  return value < -SAME * Math.max(1, Math.abs(valueGiven(change[0], change[1]))) ? -value : 0;
}
