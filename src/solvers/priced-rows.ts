import { type Aim, leastHeld } from './aim.ts';
import type { Prices } from './level-program.ts';
import type { Candidate, Demand, Problem } from './solver.ts';

/** What has a price, as rows: the limits, then the service that is held, as its negative. Plans take of each at most its bound. */
export class PricedRows {
  readonly bounds: readonly number[];
  readonly #limits: number;
  readonly #held: readonly number[];

  constructor({ limits }: Problem, { held }: Aim) {
    this.#limits = limits.length;
    this.#held = [...held.keys()];
    this.bounds = [...limits, ...this.#held.map((priority) => -leastHeld(held.get(priority)!))];
  }

  /** Writes what replicas take of each row from `at` on, where there are zeros. */
  writeTakes(
    { priority }: Demand,
    { uses, requiredReplicas }: Candidate,
    replicas: number,
    takes: Float64Array,
    at: number,
  ): void {
    for (const { limit, perReplica } of uses) takes[at + limit] = replicas * perReplica;
    const held = this.#held.indexOf(priority);
    if (held >= 0) takes[at + this.#limits + held] = -replicas / requiredReplicas;
  }

  byRow({ limits, held }: Prices): number[] {
    return [...limits, ...this.#held.map((priority) => held.get(priority)!)];
  }

  pricesOf(byRow: readonly number[]): Prices {
    return {
      limits: byRow.slice(0, this.#limits),
      held: new Map(this.#held.map((priority, i) => [priority, byRow[this.#limits + i]])),
    };
  }
}
