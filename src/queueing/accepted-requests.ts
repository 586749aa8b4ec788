import type { BatchStates, BatchWeights } from './batch-states.ts';
import { waitQuantile } from './waiting-time.ts';

/** What a station is like for the requests that it accepts: they see it as it is on average, but for when it is full. A scratch object. */
export interface Accepted {
  /** Birth rate (1/ms). */
  lambda: number;
  /** r - 1 and ln r, r = λ/μ_N. */
  excess: number;
  logRatio: number;
  /** Weight of the states in which a request is accepted … */
  accepted: number;
  /** … of those among them in which it has to wait … */
  waits: number;
  /** … and what to multiply both with for the unit of the states of the batch. */
  unit: number;
}

export function newAccepted(): Accepted {
  const [lambda, excess, logRatio, accepted, waits, unit] = new Array<number>(6).fill(Number.NaN);
  return { lambda, excess, logRatio, accepted, waits, unit };
}

/** The batch that all but a share of 1 - percentile of the accepted requests find at most; Infinity: they have to wait. */
export function othersAt(
  percentile: number,
  { lambda, accepted, waits, unit }: Accepted,
  states: BatchStates,
  weights: BatchWeights,
): number {
  const beyond = (1 - percentile) * accepted;
  if (waits >= beyond) return Number.POSITIVE_INFINITY;
  return states.batchUnder(lambda, weights, (beyond - waits) * unit);
}

/** What all but a share of 1 - percentile wait at most, more than that having to, in mean service times 1/μ_N of the full batch. */
export function waitAt(
  percentile: number,
  { excess, logRatio, accepted, waits }: Accepted,
  waitingRoom: number,
): number {
  return waitQuantile(((1 - percentile) * accepted) / waits, waitingRoom, excess, logRatio);
}
