import type { Static, TSchema } from '#typebox';
import type { Strategy } from '../schemas/plug-in.ts';

/**
 * A solver chooses, for every server, one of its candidates and how many replicas of it to give, within the cards.
 * It never throws for a problem that is hard or has no solution: it says why it stopped and returns what it holds.
 */
export interface Solver<Options extends TSchema = TSchema> extends Strategy<Options> {
  solve(problem: Problem, options: Static<Options>): Solution;
}

export interface Problem {
  /** In the order of their names. */
  readonly servers: readonly Demand[];
  /** Cards that are free, by type; a type that is absent has no limit. */
  readonly cards: ReadonlyMap<string, number>;
}

/** What one server needs, as the solver sees it. */
export interface Demand {
  readonly name: string;
  /** 1 is the highest. */
  readonly priority: number;
  /**
   * In the order of preference: by value, then by name, those that serve in full before those that cannot.
   * Empty: nothing can serve it.
   */
  readonly candidates: readonly Candidate[];
}

/** One way to serve a server in full (or as far as its limits allow), as the solver sees it. */
export interface Candidate {
  readonly variant: string;
  /** Card type; null: takes no cards. */
  readonly cardType: string | null;
  readonly cardsPerReplica: number;
  readonly replicas: number;
  /** What the solver minimises the sum of: cost plus the price of changing what runs. */
  readonly value: number;
}

/** Why the solver stopped; apart from what it holds. */
export type Termination = 'optimal' | 'heuristic' | 'time-limit' | 'infeasible' | 'gave-up';

export interface Solution {
  readonly termination: Termination;
  /** One entry per server, in the order of the problem's servers; null: nothing. */
  readonly assignments: readonly (Assignment | null)[];
  /** A lower bound on the sum of values of any plan that serves all in full; null: none known. */
  readonly bound: number | null;
}

export interface Assignment {
  /** Index into the server's candidates. */
  readonly candidate: number;
  /** 1 … the candidate's replicas; fewer: a partial allocation. */
  readonly replicas: number;
}
