import { serviceLawOf } from '../../src/queueing/law-of.ts';
import { replicaLimits } from '../../src/queueing/replica-limits.ts';
import type { Station } from '../../src/schemas/station.ts';
import { arrivalsOfCv } from '../../src/simulator/arrivals.ts';
import { iterationTime } from '../../src/simulator/iteration-time.ts';
import { simulate } from '../../src/simulator/simulator.ts';
import { lengthOfCv } from '../../src/simulator/token-lengths.ts';
import { SERVICE_TIME, type Situation } from './grid.ts';

/** What a simulation saw; latencies in ms, half widths of 95 % confidence intervals as shares of the value before them. */
export interface Truth {
  readonly requestsPerSec: number;
  readonly requests: number;
  readonly throughputPerSec: number;
  readonly residualMs: number;
  readonly ttftMs: number;
  readonly ttftWidth: number;
  readonly ttftP95Ms: number;
  readonly ttftP95Width: number;
  readonly ttftP99Ms: number;
  readonly ttftP99Width: number;
  readonly itlMs: number;
  readonly itlWidth: number;
  readonly itlP95Ms: number;
  readonly itlP95Width: number;
  readonly itlP99Ms: number;
  readonly itlP99Width: number;
}

const SEED = 20;
interface Effort {
  readonly requests: number;
  /** Of a batch that is full. */
  readonly iterations: number;
}

/** So much is simulated at most … */
const USUAL: Effort = { requests: 150_000, iterations: 3e6 };
/** … or, where the mean TTFT is not sure then, so much. */
const LONG: Effort = { requests: 4e6, iterations: 4e7 };
const PRECISION = 0.007;

/** What simulation itself does not know as well as this (relative) judges nobody. */
export const SURE_WITHIN = 0.05;

export function stationOf(situation: Situation): Station {
  const { inputTokens, outputTokens, maxBatchSize, maxBatchTokens, utilization } = situation;
  return {
    serviceTime: SERVICE_TIME,
    inputTokens,
    outputTokens,
    maxBatchSize,
    maxBatchTokens,
    ...(utilization > 1 && { maxQueueLength: maxBatchSize }),
  };
}

export function rateOf(situation: Situation): number {
  const { maxBatchSize, utilization, tokenCv } = situation;
  const law = serviceLawOf(stationOf(situation), tokenCv);
  return (1000 * utilization * maxBatchSize) / law.timeInServiceMs(maxBatchSize);
}

/** Simulates a situation; the same one gives the same figures. */
export function truthOf(situation: Situation): Truth {
  const truth = simulated(situation, USUAL);
  return truth.ttftWidth <= SURE_WITHIN ? truth : simulated(situation, LONG);
}

function simulated(situation: Situation, effort: Effort): Truth {
  const { arrivalCv, tokenCv, inputTokens, outputTokens } = situation;
  const requestsPerSec = rateOf(situation);
  const kind = {
    limits: replicaLimits(stationOf(situation)),
    time: iterationTime(SERVICE_TIME),
    weight: 1,
  };
  const seen = simulate({
    replicas: [{ kind, replicas: 1 }],
    changes: [],
    balancer: 'round-robin',
    arrivals: arrivalsOfCv(arrivalCv),
    requestsPerSec,
    lengths: lengthOfCv(tokenCv),
    means: { inputTokens, outputTokens },
    seed: SEED,
    budget: { requests: mostRequests(situation, effort), ms: Number.POSITIVE_INFINITY },
    precisionFraction: PRECISION,
  });
  const { ttftMs: ttft, itlMs: itl } = seen;
  return {
    requestsPerSec,
    requests: seen.requests,
    throughputPerSec: seen.throughputPerSec,
    residualMs: seen.residualMs.mean,
    ttftMs: ttft.mean,
    ttftWidth: ttft.halfWidth / ttft.mean,
    ttftP95Ms: ttft.p95,
    ttftP95Width: ttft.halfWidths.p95 / ttft.p95,
    ttftP99Ms: ttft.p99,
    ttftP99Width: ttft.halfWidths.p99 / ttft.p99,
    itlMs: itl.mean,
    itlWidth: itl.halfWidth / itl.mean,
    itlP95Ms: itl.p95,
    itlP95Width: itl.halfWidths.p95 / itl.p95,
    itlP99Ms: itl.p99,
    itlP99Width: itl.halfWidths.p99 / itl.p99,
  };
}

function mostRequests({ maxBatchSize, outputTokens }: Situation, { requests, iterations }: Effort): number {
  return Math.min(requests, Math.floor((iterations * maxBatchSize) / outputTokens));
}
