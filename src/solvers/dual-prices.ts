import { type Aim, costOf, takesPart } from './aim.ts';
import { type Choices, candidatesOf } from './choices.ts';
import type { Prices } from './level-program.ts';
import { PricedRows } from './priced-rows.ts';
import type { Problem } from './solver.ts';

const MOST_STEPS = 120;
/** Steps without a better bound after which they become shorter, down to this share of the full length. */
const PATIENCE = 4;
const SHORTEST = 0.05;
/** A bound that rises by less than this share of what is missing has not risen. */
const RISE = 1e-2;

/**
 * Prices of the limits and of the service held at which the dual function of Lagrange is high, by its subgradient with the steps of
 * Polyak: near to those of the linear program, in little time where there is little to choose from.
 *
 * @param target the bound need not be higher: what the best plan known costs
 */
export function dualPrices(problem: Problem, choices: readonly Choices[], aim: Aim, target: number): Prices {
  return new Ascent(problem, choices, aim).prices(target);
}

/** Rows are told as shares of their bounds. Lines are the choices, with what they cost by replicas. */
class Ascent {
  readonly #rows: PricedRows;
  readonly #scales: Float64Array;
  /** By row: the bound, 1 or −1 where it is not 0. */
  readonly #bounds: Float64Array;
  readonly #prices: Float64Array;
  /** By row, how far what is cheapest at the prices takes more than there is. */
  readonly #excess: Float64Array;
  /** By server: its first line, and what it costs to give it nothing. */
  readonly #first: number[] = [];
  readonly #nothing: number[] = [];
  readonly #once: Float64Array;
  readonly #perReplica: Float64Array;
  readonly #least: Float64Array;
  readonly #most: Float64Array;
  /** By line and row, what a replica takes. */
  readonly #takes: Float64Array;

  constructor(problem: Problem, choices: readonly Choices[], aim: Aim) {
    this.#rows = new PricedRows(problem, aim);
    const { bounds } = this.#rows;
    this.#scales = Float64Array.from(bounds, (bound) => Math.abs(bound) || 1);
    this.#bounds = Float64Array.from(bounds, Math.sign);
    const rows = bounds.length;
    this.#prices = new Float64Array(rows);
    this.#excess = new Float64Array(rows);
    const lines = candidatesOf(choices);
    this.#once = new Float64Array(lines);
    this.#perReplica = new Float64Array(lines);
    this.#least = new Float64Array(lines);
    this.#most = new Float64Array(lines);
    this.#takes = new Float64Array(lines * rows);
    let line = 0;
    for (const [server, demand] of problem.servers.entries()) {
      const { list, mayHaveNothing } = choices[server];
      if (!takesPart(demand, aim) || list.length === 0) continue;
      this.#first.push(line);
      this.#nothing.push(mayHaveNothing ? 0 : Number.POSITIVE_INFINITY);
      for (const choice of list) {
        const { candidate, least, most } = choice;
        const { once, perReplica } = costOf(aim, demand, choice);
        this.#once[line] = once;
        this.#perReplica[line] = perReplica;
        this.#least[line] = least;
        this.#most[line] = most;
        this.#rows.writeTakes(demand, demand.candidates[candidate], 1, this.#takes, line * rows);
        for (let row = 0; row < rows; row++) this.#takes[line * rows + row] /= this.#scales[row];
        line++;
      }
    }
    this.#first.push(line);
  }

  prices(target: number): Prices {
    const best = new Float64Array(this.#prices.length);
    let bound = this.#dual();
    let highest = bound;
    let length = 1;
    let waiting = 0;
    for (let step = 0; step < MOST_STEPS && highest < target && length > SHORTEST; step++) {
      if (!this.#move(length * (target - bound))) break;
      bound = this.#dual();
      if (bound > highest + RISE * (target - highest)) waiting = 0;
      else if (++waiting >= PATIENCE) {
        waiting = 0;
        length /= 2;
      }
      if (bound > highest) {
        highest = bound;
        best.set(this.#prices);
      }
    }
    return this.#rows.pricesOf(Array.from(best, (price, row) => price / this.#scales[row]));
  }

  /** A step along the subgradient. @returns whether there is any way up */
  #move(missing: number): boolean {
    let square = 0;
    for (let row = 0; row < this.#prices.length; row++) {
      // No price is below 0.
      if (this.#excess[row] < 0 && this.#prices[row] === 0) this.#excess[row] = 0;
      square += this.#excess[row] ** 2;
    }
    if (square === 0) return false;
    for (let row = 0; row < this.#prices.length; row++)
      this.#prices[row] = Math.max(0, this.#prices[row] + (missing / square) * this.#excess[row]);
    return true;
  }

  /** The dual function at the prices; notes its subgradient. */
  #dual(): number {
    const rows = this.#prices.length;
    let bound = 0;
    for (let row = 0; row < rows; row++) {
      bound -= this.#prices[row] * this.#bounds[row];
      this.#excess[row] = -this.#bounds[row];
    }
    for (let server = 0; server < this.#nothing.length; server++) {
      let lowest = this.#nothing[server];
      let chosen = -1;
      let replicas = 0;
      for (let line = this.#first[server]; line < this.#first[server + 1]; line++) {
        let perReplica = this.#perReplica[line];
        for (let row = 0, at = line * rows; row < rows; row++, at++)
          perReplica += this.#prices[row] * this.#takes[at];
        const given = perReplica < 0 ? this.#most[line] : this.#least[line];
        const cost = this.#once[line] + perReplica * given;
        if (cost >= lowest) continue;
        lowest = cost;
        chosen = line;
        replicas = given;
      }
      bound += lowest;
      if (chosen < 0) continue;
      for (let row = 0, at = chosen * rows; row < rows; row++, at++)
        this.#excess[row] += replicas * this.#takes[at];
    }
    return bound;
  }
}
