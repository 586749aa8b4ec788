import type { Queue } from '../queueing/queue-model.ts';
import type { ServiceTime } from '../schemas/model.ts';
import type { Exclusion } from '../schemas/server-plan.ts';
import type { TargetName } from '../schemas/station.ts';
import type { Candidate, Demand, Mixing } from '../solvers/solver.ts';
import type { ResolvedServer, Variant } from './catalog.ts';
import type { Size } from './load.ts';
import type { Running } from './transition.ts';

/** A replica of a variant for a server: how it is run, and how it does. */
export interface Serving {
  readonly profile: Variant;
  /** null: its rates were measured without one being told. */
  readonly maxBatchSize: number | null;
  /** null: no load to predict for. */
  readonly queue: Queue | null;
  /** Highest rate of one replica within its targets, as completions per second; null: no load. */
  readonly ratePerReplica: number | null;
  /** What limits that rate; null: no load. */
  readonly binding: TargetName | 'stability' | null;
  /** What the objective weighs beside cost and change: power and slack, as a replica of this variant alone has them. */
  readonly weighedPerReplica: number;
  /** The parameters at the unfavourable end that it was sized with; null: those of the profile. */
  readonly sizedWith: ServiceTime | null;
}

/** A way to serve a server with one variant: what the solver sees, and what the plan tells of it. */
export interface ServerCandidate extends Candidate, Serving {
  readonly costPerHour: number;
}

/** A server with all that the solver and the plan need of it. */
export interface ServerDemand extends Demand {
  readonly resolved: ResolvedServer;
  readonly running: readonly Running[];
  /** See plannedRateOf. */
  readonly plannedRate: number | null;
  /** What is not known, so that what runs is kept: the load, or how any variant that may serve performs; null: all is known. */
  readonly unknown: 'load-unknown' | 'model-unknown' | null;
  /** In the order of preference. */
  readonly candidates: readonly ServerCandidate[];
  readonly valueOfNothing: number;
  readonly excluded: readonly Exclusion[];
  /** How several variants may serve it together; undefined: not better than one. */
  readonly mixing: ServerMixing | undefined;
}

/** A demand but for its mixing. */
export type Unmixed = Omit<ServerDemand, 'mixing'>;

/** How several variants may serve a server together: what the solver sees, and what the plan tells of it. */
export interface ServerMixing extends Mixing {
  /** By part. */
  readonly servings: readonly Serving[];
  /** The request sizes that `sizes` stands for; one entry of `sizes` for all of them: each part serves all alike. */
  readonly requestSizes: readonly Size[];
}

/** The rate that is planned for (requests/s): the load, or the token rate demanded if that is more; null: unknown. */
export function plannedRateOf({ load, targets }: ResolvedServer): number | null {
  if (load === null) return null;
  if (load.requestsPerSec === 0 || load.outputTokens === 0) return 0;
  return Math.max(load.requestsPerSec, (targets.minTokensPerSec ?? 0) / load.outputTokens);
}

/** Quotients of rates are right to about this (relative): a load that full replicas just carry takes no further one. */
const ROUNDING = 1e-10;

/** Whole replicas for a load, told in replicas. */
export function wholeReplicas(load: number): number {
  return Math.ceil(load * (1 - ROUNDING));
}

/** No load, and no replicas without one. */
export function needsNothing(resolved: ResolvedServer, plannedRate: number | null): boolean {
  return plannedRate === 0 && minReplicasOf(resolved) === 0;
}

/** The least replicas of a server; 1 unless it says otherwise. */
export function minReplicasOf({ server }: ResolvedServer): number {
  return server.minReplicas ?? 1;
}
