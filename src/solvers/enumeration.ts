import { type Aim, costOf, takesPart } from './aim.ts';
import type { Choices } from './choices.ts';
import type { Prices } from './level-program.ts';
import { PricedRows } from './priced-rows.ts';
import type { Assignment, Problem } from './solver.ts';

/** Ways to give something over all servers: with more of them it does not begin. */
export const MOST_ENUMERATED = 5_000;

/** It gives up after so many choices, some milliseconds. */
const MOST_NODES = 10_000;

/** The first look goes no farther above the bound than this share of the way, the next twice as far. */
const FIRST_LOOK = 1 / 64;

/** Rounding of what is taken of a limit (relative). */
const ROUNDING = 1e-9;

export interface Enumerated {
  /** The cheapest plan that costs less than was asked for; null: none was found. */
  readonly plan: (Assignment | null)[] | null;
  /** No plan costs less than this, but for the one found. */
  readonly bound: number;
}

/**
 * The best plan among choices by implicit enumeration: server after server, each choice in the order of what it costs at prices, for so
 * long as what follows may lead to a plan of less cost. It looks near to the bound first, so that what it finds first is soon the best.
 *
 * @param bound no plan costs less, at these prices
 * @param cost only plans of less cost are of interest
 */
export function enumerated(
  problem: Problem,
  choices: readonly Choices[],
  aim: Aim,
  prices: Prices,
  bound: number,
  cost: number,
): Enumerated {
  const search = new Enumeration(problem, choices, aim, prices, cost - bound);
  for (let share = FIRST_LOOK, reached = bound; ; share *= 2) {
    if (!search.look(share * (cost - bound))) return { plan: search.plan, bound: reached };
    if (search.plan || share >= 1) return { plan: search.plan, bound: cost };
    reached = bound + share * (cost - bound);
  }
}

/** A server, and all that it may be given, the cheapest first. */
interface Stop {
  readonly server: number;
  readonly items: readonly Item[];
}

interface Item {
  readonly given: Assignment | null;
  /** By row. */
  readonly takes: Float64Array;
  /** What it costs at the prices over the cheapest of its server. */
  regret: number;
}

class Enumeration {
  plan: (Assignment | null)[] | null = null;
  /** By row. */
  readonly #prices: readonly number[];
  readonly #stops: readonly Stop[];
  readonly #servers: number;
  /** By depth and row: what all that follow take at least and at most; what is left for them. */
  readonly #least: Float64Array;
  readonly #most: Float64Array;
  readonly #left: Float64Array;
  readonly #chosen: Item[];
  /** How far above the bound plans may lie that are of interest. */
  #spare: number;
  #nodes = 0;

  constructor(problem: Problem, choices: readonly Choices[], aim: Aim, prices: Prices, spare: number) {
    const { servers } = problem;
    this.#servers = servers.length;
    this.#spare = spare;
    const rows = new PricedRows(problem, aim);
    this.#prices = rows.byRow(prices);
    this.#stops = servers
      .flatMap((demand, server): Stop[] => {
        const { list, mayHaveNothing } = choices[server];
        if (!takesPart(demand, aim) || (list.length === 0 && mayHaveNothing)) return [];
        const items = mayHaveNothing ? [this.#item(null, 0)] : [];
        for (const choice of list) {
          const { candidate, least, most } = choice;
          const { once, perReplica } = costOf(aim, demand, choice);
          for (let replicas = least; replicas <= most; replicas++) {
            const item = this.#item({ candidate, replicas }, once + replicas * perReplica);
            rows.writeTakes(demand, demand.candidates[candidate], replicas, item.takes, 0);
            items.push(item);
          }
        }
        return [{ server, items: this.#ordered(items) }];
      })
      // Who has much choice fills the room that the others leave.
      .sort((a, b) => a.items.length - b.items.length);
    const size = (this.#stops.length + 1) * this.#prices.length;
    this.#least = this.#sumsOf(Math.min, size);
    this.#most = this.#sumsOf(Math.max, size);
    this.#left = new Float64Array(size);
    this.#left.set(rows.bounds);
    this.#chosen = new Array(this.#stops.length);
  }

  /** Looks for the best plan less than this above the bound. @returns whether it has looked everywhere */
  look(spare: number): boolean {
    this.#spare = spare;
    this.#visit(0, 0);
    return this.#nodes <= MOST_NODES;
  }

  #item(given: Assignment | null, cost: number): Item {
    return { given, takes: new Float64Array(this.#prices.length), regret: cost };
  }

  #ordered(items: Item[]): Item[] {
    let lowest = Number.POSITIVE_INFINITY;
    for (const item of items) {
      for (let row = 0; row < this.#prices.length; row++) item.regret += this.#prices[row] * item.takes[row];
      lowest = Math.min(lowest, item.regret);
    }
    for (const item of items) item.regret -= lowest;
    return items.filter(({ regret }) => regret < this.#spare).sort((a, b) => a.regret - b.regret);
  }

  #sumsOf(extreme: (a: number, b: number) => number, size: number): Float64Array {
    const rows = this.#prices.length;
    const sums = new Float64Array(size);
    for (let depth = this.#stops.length - 1; depth >= 0; depth--) {
      const { items } = this.#stops[depth];
      for (let row = 0; row < rows; row++) {
        let takes = items.length > 0 ? items[0].takes[row] : 0;
        for (const item of items) takes = extreme(takes, item.takes[row]);
        sums[depth * rows + row] = takes + sums[(depth + 1) * rows + row];
      }
    }
    return sums;
  }

  #visit(depth: number, regret: number): void {
    if (depth === this.#stops.length) {
      this.#spare = regret + this.#unused(depth);
      this.plan = new Array(this.#servers).fill(null);
      for (const [at, { server }] of this.#stops.entries()) this.plan[server] = this.#chosen[at].given;
      return;
    }
    for (const item of this.#stops[depth].items) {
      const sum = regret + item.regret;
      if (sum >= this.#spare || ++this.#nodes > MOST_NODES) return;
      if (!this.#take(depth, item.takes) || sum + this.#unused(depth + 1) >= this.#spare) continue;
      this.#chosen[depth] = item;
      this.#visit(depth + 1, sum);
    }
  }

  /** Notes what is left after an item. @returns whether those that follow have room */
  #take(depth: number, takes: Float64Array): boolean {
    const rows = takes.length;
    const from = depth * rows;
    const to = from + rows;
    for (let row = 0; row < rows; row++) {
      const left = this.#left[from + row] - takes[row];
      if (left < this.#least[to + row] - ROUNDING * Math.abs(this.#left[row])) return false;
      this.#left[to + row] = left;
    }
    return true;
  }

  /** What will be left of the rows, whatever follows, at the prices. */
  #unused(depth: number): number {
    const rows = this.#prices.length;
    let unused = 0;
    for (let row = 0, at = depth * rows; row < rows; row++, at++) {
      const over = this.#left[at] - this.#most[at];
      if (over > 0) unused += over * this.#prices[row];
    }
    return unused;
  }
}
