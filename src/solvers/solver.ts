import type { Static, TSchema } from '#typebox';
import type { Strategy } from '../schemas/plug-in.ts';

/**
 * A solver chooses, for every server, one of its candidates and how many replicas of it to give, within the limits.
 * It never throws for a problem that is hard or has no solution: it says why it stopped and returns what it holds.
 */
export interface Solver<Options extends TSchema = TSchema> extends Strategy<Options> {
  /** Loads what it solves with; awaited before the first `solve`. Absent: nothing is to be loaded. */
  load?(): Promise<void>;
  solve(problem: Problem, options: Static<Options>): Solution;
  /**
   * Solves what takes as little time as reading it, without `load`; null: this problem takes more. The service solves small
   * requests with it in place and sends the others to a worker thread. Absent: `isLight` decides.
   */
  solveLightly?(problem: Problem, options: Static<Options>): Solution | null;
  /** It gives what is best whatever cards exist. Absent: a solution beyond the limits is a fault of the solver. */
  readonly ignoresLimits?: boolean;
}

export interface Problem {
  /** In the order of their names. */
  readonly servers: readonly Demand[];
  /**
   * What is scarce, in cards: the free cards of a type, a quota, the places that nodes have for replicas of a size.
   * Over all servers, Σ replicas · perReplica of each limit is at most this.
   */
  readonly limits: readonly number[];
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
  /** Value of giving it nothing: at most 0, for what is stopped is saved. */
  readonly valueOfNothing: number;
  /** How several variants may serve it together; absent: only one may. */
  readonly mixing?: Mixing | undefined;
}

/** One way to serve a server in full (or as far as its limits allow), as the solver sees it. */
export interface Candidate {
  readonly variant: string;
  /** What one replica takes of the limits; empty: nothing that is scarce. */
  readonly uses: readonly Use[];
  readonly replicas: number;
  /** What the load and the limits of the server ask for; more than `replicas` where `maxReplicas` cuts it. */
  readonly requiredReplicas: number;
  /** What the solver minimises the sum of: cost plus the price of changing what runs. */
  readonly value: number;
  /** What each replica less takes off that. */
  readonly valuePerReplica: number;
  /** Exactly the replicas that run, where they have another value than one by one; absent: they have not. */
  readonly staying?: StayingAlone;
  /** Replicas of it run now, so that a plan near to what runs may start from it; absent: none do. */
  readonly runs?: boolean;
}

/** How several variants serve a server together: each has whole replicas, and a share of the load of each request size. */
export interface Mixing {
  /** Share that each request size has of the requests that can be served; Σ = 1. */
  readonly sizes: readonly number[];
  /** Share of all requests that can be served, by whichever part: 0 … 1; a server counts as served so much at most. */
  readonly servableShare: number;
  /** Parts of one variant, which differ in the batch limit, exclude each other. */
  readonly parts: readonly Part[];
  /** Of all parts together, without the spare ones. */
  readonly minReplicas: number;
  /** Of all parts together; Infinity: no limit. */
  readonly maxReplicas: number;
  /** On top of what the load takes, of whichever parts. */
  readonly spareReplicas: number;
  /** Exactly what runs, where that has another value than its replicas one by one; absent: it has not, or is no mix of these parts. */
  readonly staying?: Staying;
}

/** Exactly what runs, of one variant. */
export interface StayingAlone {
  /** 1 … those of the candidate. */
  readonly replicas: number;
  /** What their value is more than one by one: below 0 where a contract makes them cheap. Where they are all, `value` has it. */
  readonly difference: number;
}

/** Exactly what runs, of any variants. */
export interface Staying {
  /** By part, no more than its `requiredReplicas`. */
  readonly replicas: readonly number[];
  /** What their value is more than one by one. */
  readonly difference: number;
}

/** A variant that may have a share of a server's load. */
export interface Part {
  readonly variant: string;
  /** What one replica takes of the limits. */
  readonly uses: readonly Use[];
  /** Replicas, not whole, that all requests of each size take; Infinity: it cannot serve this size; 0: there is no load. */
  readonly loads: readonly number[];
  /** Whole replicas for all that it can serve, those that the limits of the server ask for included; at least 1. */
  readonly requiredReplicas: number;
  readonly valuePerReplica: number;
  /** What having any replica of it adds to the value: at most 0, for what runs need not be stopped. */
  readonly valueOfKeeping: number;
  /** Index of the candidate that is this variant alone; null: it cannot serve all of the load. */
  readonly candidate: number | null;
}

export interface Use {
  /** Index into the problem's limits. */
  readonly limit: number;
  /** > 0 */
  readonly perReplica: number;
}

/**
 * Why the solver stopped; apart from what it holds. `optimal`: proven, within the gap that was asked for. `fallback`: it failed, and
 * a heuristic answered instead.
 */
export type Termination = 'optimal' | 'heuristic' | 'time-limit' | 'infeasible' | 'gave-up' | 'fallback';

export interface Solution {
  readonly termination: Termination;
  /** One entry per server, in the order of the problem's servers; null: nothing. */
  readonly assignments: readonly (Assignment | Mix | null)[];
  /** A lower bound on the sum of values of any plan that serves as much, priority by priority; null: none known. */
  readonly bound: number | null;
  /** Of priorities that not all can be served of, how much could be at most; absent: nothing is known. */
  readonly service?: readonly PriorityBound[];
}

/** No plan that serves the higher priorities as much serves more than this of a priority: the sum over its servers of the share of each. */
export interface PriorityBound {
  readonly priority: number;
  /** null: not known. */
  readonly bound: number | null;
}

export interface Assignment {
  /** Index into the server's candidates. */
  readonly candidate: number;
  /** 1 … the candidate's replicas; fewer: a partial allocation. */
  readonly replicas: number;
}

/** Several variants at once, for a server that has `mixing`. */
export interface Mix {
  /** Each part once; at least one. */
  readonly parts: readonly MixPart[];
  /** Of what can be served. 1: they carry all of it. Less: the share of what is required that they make up. */
  readonly servedFraction: number;
}

export interface MixPart {
  /** Index into the parts of the server's `mixing`. */
  readonly part: number;
  /** At least 1. */
  readonly replicas: number;
  /** Of the requests of each size, the share that goes here. */
  readonly shares: readonly number[];
}
