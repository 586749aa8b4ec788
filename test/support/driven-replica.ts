import { iterationTime } from '../../src/simulator/iteration-time.ts';
import { Replica, type ReplicaLimits } from '../../src/simulator/replica.ts';
import { SimulatedRequest } from '../../src/simulator/request.ts';
import type { PlainReplica, PlainRequest } from './plain-simulation.ts';

export interface SeenIteration {
  readonly startMs: number;
  readonly durationMs: number;
  readonly inBatch: number;
}

/** All that an observer was told, in order. */
export interface Driven {
  readonly requests: readonly SimulatedRequest[];
  readonly isTaken: readonly boolean[];
  readonly iterations: readonly SeenIteration[];
  readonly gaps: readonly { readonly gapMs: number; readonly count: number }[];
  readonly completed: readonly SimulatedRequest[];
  readonly preempted: readonly SimulatedRequest[];
  readonly lost: readonly SimulatedRequest[];
}

/** Sends requests to one replica at their times and lets it finish, or stops it at a time (ms). */
export function drive(
  sizes: readonly PlainRequest[],
  { limits, ...replicaTime }: { limits: ReplicaLimits } & Partial<Times>,
  stopMs?: number,
): Driven {
  const iterations: SeenIteration[] = [];
  const gaps: Driven['gaps'][number][] = [];
  const completed: SimulatedRequest[] = [];
  const preempted: SimulatedRequest[] = [];
  const lost: SimulatedRequest[] = [];
  const time = iterationTime({ alphaMs: 0, betaMsPerToken: 0, gammaMsPerToken2: 0, ...replicaTime });
  const replica = new Replica(limits, time, {
    iterated: (startMs, durationMs, inBatch) => iterations.push({ startMs, durationMs, inBatch }),
    gaps: (gapMs, count) => gaps.push({ gapMs, count }),
    completed: (request) => completed.push(request),
    preempted: (request) => preempted.push(request),
    lost: (request) => lost.push(request),
  });
  const requests = sizes.map(
    ({ arrivalMs, inputTokens, outputTokens, cachedInputTokens }) =>
      new SimulatedRequest(arrivalMs, inputTokens, outputTokens, cachedInputTokens),
  );
  const isTaken = requests.map((request) => {
    replica.advance(request.arrivalMs);
    return replica.offer(request);
  });
  replica.advance(stopMs ?? Number.POSITIVE_INFINITY);
  if (stopMs !== undefined) replica.stop();
  return { requests, isTaken, iterations, gaps, completed, preempted, lost };
}

type Times = Omit<PlainReplica, keyof ReplicaLimits>;

export const UNLIMITED: ReplicaLimits = {
  maxBatchSize: 1e6,
  maxQueueLength: Number.POSITIVE_INFINITY,
  maxBatchTokens: 1e9,
  kvCacheTokens: Number.POSITIVE_INFINITY,
};
