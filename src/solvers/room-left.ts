import type { Candidate, Part, Problem } from './solver.ts';

/** What is left of a problem's limits while replicas are given. */
export class RoomLeft {
  readonly #left: number[];

  constructor({ limits }: Problem) {
    this.#left = [...limits];
  }

  /** Replicas of a candidate that what is left can hold; Infinity: any number. */
  replicasOf({ uses }: Pick<Candidate | Part, 'uses'>): number {
    let replicas = Number.POSITIVE_INFINITY;
    for (const { limit, perReplica } of uses) {
      replicas = Math.min(replicas, Math.floor(this.#left[limit] / perReplica));
    }
    return replicas;
  }

  take({ uses }: Pick<Candidate | Part, 'uses'>, replicas: number): void {
    for (const { limit, perReplica } of uses) this.#left[limit] -= replicas * perReplica;
  }

  /** Times that all the candidates can be held together, one replica each. */
  roundsOf(candidates: readonly Candidate[]): number {
    const perRound = new Float64Array(this.#left.length);
    for (const { uses } of candidates) {
      for (const { limit, perReplica } of uses) perRound[limit] += perReplica;
    }
    let rounds = Number.POSITIVE_INFINITY;
    for (let i = 0; i < perRound.length; i++) {
      if (perRound[i] > 0) rounds = Math.min(rounds, Math.floor(this.#left[i] / perRound[i]));
    }
    return rounds;
  }
}
