import type { ReplaySettings } from './settings.ts';
import type { Outcome } from './tally.ts';

/** What was there at a time, of one server. */
export interface ServerSample {
  readonly atSec: number;
  /** Offered in the period that begins then. */
  readonly requestsPerSec: number;
  readonly serving: number;
  readonly starting: number;
  readonly waiting: number;
}

export interface ServerOutcome extends Outcome {
  readonly server: string;
  readonly overTime: readonly ServerSample[];
}

export interface ClassOutcome extends Outcome {
  readonly serviceClass: string;
}

/** One policy over all requests, with one belief about the model. */
export interface RunReport {
  readonly policy: string;
  /** What it takes service times to be, over what they are. */
  readonly modelFactor: number;
  readonly total: Outcome;
  readonly classes: readonly ClassOutcome[];
  readonly servers: readonly ServerOutcome[];
  /** Of all replicas from their start, starting included, until they are gone. */
  readonly cost: number;
  readonly costPerHour: number;
  readonly cardHours: Readonly<Record<string, number>>;
  /** The most cards of a type that were held at the beginning of a period. */
  readonly mostCards: Readonly<Record<string, number>>;
  /** A change: a decision that gives one server other replicas. */
  readonly changes: number;
  readonly changesPerHour: number;
  readonly decisions: number;
  /** How long a decision took, by the clock; NaN: there was none. */
  readonly decisionMs: { readonly mean: number; readonly max: number };
}

export interface ReplayReport {
  readonly seed: number;
  readonly lastsSec: number;
  readonly requests: number;
  readonly settings: ReplaySettings;
  readonly policies: readonly { readonly name: string; readonly summary: string }[];
  readonly runs: readonly RunReport[];
}
