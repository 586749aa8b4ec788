import type { InfernoRequest } from '../../src/schemas/inferno.ts';
import { sharedJson } from '../support/shared-data.ts';

/** A request of the reference implementation with what it answered. */
export interface ReferenceCase {
  readonly name: string;
  readonly request: InfernoRequest;
  readonly expected: {
    readonly candidates: Readonly<Record<string, readonly ReferenceCandidate[]>>;
    readonly allocations: Readonly<Record<string, ReferenceAllocation>>;
  };
}

export interface ReferenceCandidate {
  /** Empty: the server needs nothing. */
  readonly accelerator: string;
  readonly numReplicas: number;
  readonly maxBatch: number;
  readonly cost: number;
  readonly value: number;
  /** Requests per minute. */
  readonly maxRatePerReplica: number;
  readonly itlAverage: number;
  readonly ttftAverage: number;
}

export interface ReferenceAllocation extends Omit<ReferenceCandidate, 'value' | 'maxRatePerReplica'> {
  readonly servedInFull: boolean;
}

const RANDOM = Array.from({ length: 8 }, (_, i) => [`random-${i}-greedy`, `random-${i}-unlimited`]).flat();
const POLICIES = ['None', 'PriorityExhaustive', 'PriorityRoundRobin', 'RoundRobin', 'delayed'];
const SMALL = ['greedy', 'tight', 'unlimited', ...POLICIES.map((policy) => `scarce-${policy}`)];

export const CASE_FILES = [...RANDOM, ...SMALL.map((name) => `small-${name}`)].map(
  (name) => `fixtures/optimize/${name}.json`,
);

export function referenceCases(): ReferenceCase[] {
  return CASE_FILES.map((file) => sharedJson<ReferenceCase>(file));
}
