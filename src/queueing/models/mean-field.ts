import { Type } from '#typebox';
import { risingRoot } from '../../numerics/rising-root.ts';
import type { Station } from '../../schemas/station.ts';
import { writeLatencies } from '../latencies.ts';
import { serviceLawOf } from '../law-of.ts';
import type { LinearLaw } from '../laws/linear.ts';
import { fillRoom, newRoomMetrics } from '../limited-wait.ts';
import { LinearEstimates } from '../linear-estimates.ts';
import type { Queue, QueueEstimates, QueueMetrics, QueueModel } from '../queue-model.ts';
import { type ServiceLaw, STABILITY_LIMIT } from '../service-law.ts';

const options = Type.Object({}, { additionalProperties: false });

/** Steps up in the chunk count until it is that of the batch. */
const CHUNK_STEPS = 16;

/** The batch is found within so many requests. */
const TOLERANCE = 1e-9;

// Scratch of one evaluation: written before it is read in each.
const room = newRoomMetrics();
const sought: { law: ServiceLaw; throughput: number; chunks: number } = {
  law: undefined!,
  throughput: Number.NaN,
  chunks: Number.NaN,
};
/** A step of the fixed point: from n to X·τ(n + 1). */
const byItself = (missed: number, others: number) => others - missed;

/**
 * The batch as a fixed point of Little's law, B = λ·τ(B + 1): a request sees the mean batch and itself; with τ(B) = a + b·B that is
 * B = λ·(a + b)/(1 - λ·b), at most N - 1. Waiting by Sakasegawa's formula r^(√(2(N+1)))/(1 - r) (Ann. Inst. Stat. Math. 29,
 * 1977), in which N·τ(N)/a, the variance of the states near a full batch, stands for N.
 */
class MeanFieldQueue implements Queue {
  readonly maxBatchSize: number;
  readonly minRequestsPerSec: number;
  readonly maxRequestsPerSec: number;
  readonly rises: boolean;
  readonly #law: LinearLaw;
  readonly #waitingRoom: number;
  readonly #fullRate: number;
  readonly #leastChunks: number;
  readonly #isLinear: boolean;
  /** The formula is that of one server with so many places in front of the waiting room, a whole number or not. */
  readonly #places: number;

  constructor(law: LinearLaw, waitingRoom: number, maxBatchSize: number) {
    const chunks = law.chunks(maxBatchSize);
    const timeFull = law.timeInServiceMs(maxBatchSize, chunks);
    this.#law = law;
    this.#waitingRoom = waitingRoom;
    this.#leastChunks = law.chunks(1);
    this.#isLinear = law.isLinear && chunks === this.#leastChunks;
    this.#fullRate = maxBatchSize / timeFull;
    const spread = (maxBatchSize * timeFull) / law.fixedMs(chunks);
    this.#places = Math.min(maxBatchSize, Math.sqrt(2 * (spread + 1)) - 1);
    this.maxBatchSize = maxBatchSize;
    this.maxRequestsPerSec = STABILITY_LIMIT * this.#fullRate * 1000;
    this.minRequestsPerSec = Math.min(1 / law.timeInServiceMs(1, this.#leastChunks), this.maxRequestsPerSec);
    this.rises = this.#isLinear && law.growsWithBatch(maxBatchSize, chunks);
  }

  get estimates(): QueueEstimates | undefined {
    if (!this.#isLinear) return undefined;
    return new LinearEstimates(this.#law, this.#leastChunks, this.maxBatchSize, this.#waitingRoom);
  }

  withMaxBatchSize(maxBatchSize: number): Queue {
    return new MeanFieldQueue(this.#law, this.#waitingRoom, maxBatchSize);
  }

  evaluate(requestsPerSec: number, metrics: QueueMetrics): void {
    const lambda = requestsPerSec / 1000;
    const excess = (lambda - this.#fullRate) / this.#fullRate;
    if (this.#waitingRoom === Number.POSITIVE_INFINITY && excess >= 0) {
      metrics.throughputPerSec = this.#fullRate * 1000;
      metrics.lossFraction = 0;
      metrics.waitMs = Number.NaN;
      this.#write(metrics, this.#fullRate);
      return;
    }
    fillRoom(weightBelow(excess, this.#places), excess, this.#waitingRoom, room);
    const throughput = Math.min(lambda * room.servedFraction, this.#fullRate);
    metrics.throughputPerSec = Math.min(1000 * throughput, requestsPerSec);
    metrics.lossFraction = room.lossFraction;
    metrics.waitMs = throughput > 0 ? room.waiting / throughput : 0;
    this.#write(metrics, throughput);
  }

  #write(metrics: QueueMetrics, throughput: number): void {
    const law = this.#law;
    let chunks = this.#leastChunks;
    let others = this.#othersAt(throughput, chunks);
    if (!this.#isLinear) {
      for (let i = 0; i < CHUNK_STEPS; i++) {
        const next = Math.max(chunks, law.chunks(Math.max(1, Math.round(1 + others))));
        if (next === chunks) break;
        chunks = next;
        others = this.#othersAt(throughput, chunks);
      }
    }
    writeLatencies(metrics, law, chunks, 1 + others, others, law.timeInServiceMs(1 + others, chunks));
    metrics.inService = Math.min(metrics.inService, this.maxBatchSize);
  }

  /** The least n with n = X·τ(n + 1), at most N - 1: X·(a + b)/(1 - X·b) where τ is linear. */
  #othersAt(throughput: number, chunks: number): number {
    const law = this.#law;
    const most = this.maxBatchSize - 1;
    if (!law.isLinear) {
      sought.law = law;
      sought.throughput = throughput;
      sought.chunks = chunks;
      return risingRoot(missing, 0, most, TOLERANCE, -missing(0), byItself);
    }
    const perRequest = throughput * law.perRequestMs(chunks);
    const alone = throughput * law.fixedMs(chunks) + perRequest;
    return alone < most * (1 - perRequest) ? alone / (1 - perRequest) : most;
  }
}

/** n - X·τ(n + 1): rises at the least root, under the laws that bend either way. */
function missing(others: number): number {
  return others - sought.throughput * sought.law.timeInServiceMs(others + 1, sought.chunks);
}

/** Weight of the places in front of a full one of weight 1: Σ r^-k, k = 1 … places. */
function weightBelow(excess: number, places: number): number {
  if (Math.abs(excess) < 1e-12) return places;
  const logRatio = Math.abs(excess) < 0.5 ? Math.log1p(excess) : Math.log(1 + excess);
  return -Math.expm1(-places * logRatio) / excess;
}

export default {
  name: 'mean-field',
  summary:
    "The lightest: the mean batch as a fixed point of Little's law and waiting by Sakasegawa's formula, no chain; assumes Poisson arrivals and exponential work. Means; well below a microsecond an evaluation.",
  options,
  assumes:
    'Arrivals that come evenly enough for the batch to stay at its mean; waits only near saturation, in an approximation.',
  cost: 'A tenth of a microsecond.',
  isLight: true,
  prepare: (station: Station): Queue =>
    new MeanFieldQueue(
      serviceLawOf(station),
      station.maxQueueLength ?? Number.POSITIVE_INFINITY,
      station.maxBatchSize,
    ),
} satisfies QueueModel<typeof options>;
