import type { TuneAnswer, TuneRequest } from '../schemas/tune.ts';
import type { ReplicaLimits } from '../simulator/replica.ts';
import type { Counts } from './counters.ts';
import type { Planner } from './planner.ts';
import type { ReplayedServer } from './replayed-server.ts';
import type { ReplaySettings } from './settings.ts';
import type { Offered } from './workload.ts';

/** Replicas of a variant with a batch limit, that are to run or do. */
export interface Replicas {
  readonly variant: string;
  readonly maxBatchSize: number;
  readonly replicas: number;
}

/** What a server is to run. */
export type Wish = readonly Replicas[];

export interface RunningReplicas extends Replicas {
  /** How many of them do not serve yet. */
  readonly startingReplicas: number;
}

/** What replicas of a variant with the same limits count. */
export interface Counted {
  readonly variant: string;
  readonly limits: ReplicaLimits;
  readonly counts: Counts;
}

/** What can be seen of a server from outside, now. */
export interface ServerView {
  /** What runs or starts, but for what is about to go. */
  readonly running: readonly RunningReplicas[];
  /** Requests that wait for a place in a batch. */
  readonly waiting: number;
  /** Of all that run or ran. */
  readonly counted: readonly Counted[];
  /** What it was offered from a time on until before another (ms), of which nothing is later than now. */
  offered(fromMs: number, toMs: number): Offered;
}

/** What a policy may know beforehand. */
export interface PolicySetting {
  readonly servers: readonly ReplayedServer[];
  readonly planner: Planner;
  /** Answers a valid request. */
  readonly tune: (request: TuneRequest) => TuneAnswer;
  readonly settings: ReplaySettings;
  /** Cards that exist, by type; a type that is absent has no limit. */
  readonly cards: ReadonlyMap<string, number>;
  /** When the replay ends (ms). */
  readonly endMs: number;
}

/** Decides what each server runs. Servers are always in the order of the setting. */
export interface Policy {
  /** Between decisions; Infinity: there are none. */
  readonly periodSec: number;
  /** What runs when the replay begins. */
  readonly begin: readonly Wish[];
  /** @returns null: all stays as it is */
  decide(nowMs: number, servers: readonly ServerView[]): readonly Wish[] | null;
}

/** A way to decide: one file in `policies/`. */
export interface PolicyKind {
  readonly name: string;
  readonly summary: string;
  create(setting: PolicySetting): Policy;
}
