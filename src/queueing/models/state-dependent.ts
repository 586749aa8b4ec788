import { Type } from '#typebox';
import { sumGeometric } from '../../numerics/truncated-geometric.ts';
import type { Station } from '../../schemas/station.ts';
import { type BatchStates, newWeights } from '../batch-states.ts';
import { SearchedEstimates } from '../estimates.ts';
import { serviceLawOf } from '../law-of.ts';
import type { LinearLaw } from '../laws/linear.ts';
import { LinearEstimates } from '../linear-estimates.ts';
import { LinearStates } from '../linear-states.ts';
import { PiecewiseStates } from '../piecewise-states.ts';
import type { Queue, QueueEstimates, QueueMetrics, QueueModel } from '../queue-model.ts';
import { TabulatedStates } from '../tabulated-states.ts';

const options = Type.Object({}, { additionalProperties: false });

/** Highest stable rate as a share of the full-batch service rate. */
const STABILITY_LIMIT = 0.999;

/** Rates below this (1/ms) would underflow; the latencies there are those of an empty replica anyway. */
const LEAST_RATE = 1e-250;

/** From this batch limit on, and with so many outputs per chunk, the ITL does not fall with the rate. */
const RISING_FROM = { batch: 4, outputsPerChunk: 2 };

/** Where a full batch takes less than this longer than an empty one (relative), rounding decides what rises. */
const LEAST_RISE = 1e-5;

// Scratch of one evaluation: written before it is read in each.
const weights = newWeights();
const tail = { sum: Number.NaN, mean: Number.NaN, last: Number.NaN };

/**
 * Birth–death chain on n = 0 … N + Q requests with birth rate λ and death rates μ_n = min(n,N)/τ(min(n,N)):
 * continuous batching, where the service rate depends on how many requests run together.
 */
class StateDependentQueue implements Queue {
  readonly maxBatchSize: number;
  readonly minRequestsPerSec: number;
  readonly maxRequestsPerSec: number;
  readonly rises: boolean;
  readonly #law: LinearLaw;
  /** Q; Infinity: unlimited. */
  readonly #waitingRoom: number;
  readonly #fullRate: number;
  /** Of a batch of one; of every batch where the states are linear. */
  readonly #chunks: number;
  /** null: the chunk count changes with the batch, or the law is not linear. */
  readonly #linear: LinearStates | null;
  #summed: BatchStates | undefined;

  constructor(law: LinearLaw, waitingRoom: number, maxBatchSize: number) {
    const chunks = law.chunks(1);
    const isLinear = law.isLinear && law.largestBatch(chunks) >= maxBatchSize;
    this.#law = law;
    this.#waitingRoom = waitingRoom;
    this.#chunks = chunks;
    // Where one chunk count serves every batch the time in service is linear in the batch, and closed forms serve.
    this.#linear = isLinear
      ? new LinearStates(law.fixedMs(chunks), law.perRequestMs(chunks), maxBatchSize)
      : null;
    const chunksFull = isLinear ? chunks : law.chunks(maxBatchSize);
    this.#fullRate = maxBatchSize / law.timeInServiceMs(maxBatchSize, chunksFull);
    this.maxBatchSize = maxBatchSize;
    this.maxRequestsPerSec = STABILITY_LIMIT * this.#fullRate * 1000;
    this.minRequestsPerSec = Math.min(1 / law.timeInServiceMs(1, chunks), this.maxRequestsPerSec);
    this.rises =
      isLinear &&
      law.perRequestMs(chunks) * maxBatchSize > LEAST_RISE * law.fixedMs(chunks) &&
      maxBatchSize >= RISING_FROM.batch &&
      law.outputTokens >= RISING_FROM.outputsPerChunk * chunks;
  }

  get estimates(): QueueEstimates {
    return this.#linear
      ? new LinearEstimates(this.#law, this.#chunks, this.maxBatchSize, this.#waitingRoom)
      : new SearchedEstimates(this.#law);
  }

  withMaxBatchSize(maxBatchSize: number): Queue {
    return new StateDependentQueue(this.#law, this.#waitingRoom, maxBatchSize);
  }

  evaluate(requestsPerSec: number, metrics: QueueMetrics): void {
    const lambda = Math.max(requestsPerSec / 1000, LEAST_RATE);
    const full = this.maxBatchSize;
    const waitingRoom = this.#waitingRoom;
    const fullRate = this.#fullRate;

    // From n = N on the weights are geometric with ratio r = λ/μ_N; logRatio = ln r, exact near r = 1.
    const excess = (lambda - fullRate) / fullRate;
    const isOver = excess > 0;
    if (waitingRoom === Number.POSITIVE_INFINITY && excess >= 0) {
      this.#write(metrics, fullRate, 0, full, Number.NaN);
      return;
    }
    const logRatio = Math.abs(excess) < 0.5 ? Math.log1p(excess) : Math.log(lambda / fullRate);

    // The tail n ≥ N, counted from its heaviest end: N for r ≤ 1, N + Q for r > 1.
    const ratio = isOver ? fullRate / lambda : lambda / fullRate;
    sumGeometric(Math.abs(logRatio), ratio, isOver ? excess * ratio : -excess, waitingRoom, tail);
    const meanWaiting = isOver ? waitingRoom - tail.mean : tail.mean;

    this.#weigh(lambda);
    let { below, belowInService, full: weightFull } = weights;
    let tailNotLast = tail.sum - tail.last;
    let last = tail.last;
    if (isOver) {
      // In units of the heaviest state of the tail, or of the batch where that is heavier still.
      const logFull = Number.isNaN(weights.logFull) ? Math.log(weightFull) : weights.logFull;
      const logTail = logFull + waitingRoom * logRatio;
      const batchScale = Math.exp(-Math.max(0, logTail));
      below *= batchScale;
      belowInService *= batchScale;
      weightFull = Math.exp(Math.min(0, logTail));
      tailNotLast *= ratio;
      last = 1;
    }

    const weightTail = weightFull * tail.sum;
    const total = below + weightTail;
    const throughput = (lambda * (below + weightFull * tailNotLast)) / total;
    const inService = (belowInService + full * weightTail) / total;
    const waiting = (weightTail * meanWaiting) / total;
    this.#write(metrics, throughput, (weightFull * last) / total, inService, waiting);
    if (metrics.throughputPerSec > requestsPerSec) metrics.throughputPerSec = requestsPerSec;
  }

  #weigh(lambda: number): void {
    if (this.#linear?.covers(lambda, this.#fullRate)) {
      this.#linear.weigh(lambda, weights);
      return;
    }
    const law = this.#law;
    this.#summed ??= law.isLinear
      ? new PiecewiseStates(law, this.maxBatchSize)
      : new TabulatedStates(law, this.maxBatchSize);
    this.#summed.weigh(lambda, weights);
  }

  #write(
    metrics: QueueMetrics,
    throughput: number,
    lossFraction: number,
    inService: number,
    waiting: number,
  ) {
    const timeInService = inService / throughput;
    const law = this.#law;
    const chunks = this.#linear ? this.#chunks : law.chunks(Math.max(1, Math.round(inService)));
    const prefillMs = law.prefillMs(inService, chunks);
    const itlMs = (timeInService - prefillMs) / law.outputTokens;
    const waitMs = waiting / throughput;
    metrics.throughputPerSec = throughput * 1000;
    metrics.lossFraction = lossFraction;
    metrics.waitMs = waitMs;
    metrics.prefillMs = prefillMs;
    metrics.itlMs = itlMs;
    metrics.ttftMs = waitMs + prefillMs + itlMs;
    metrics.responseMs = waitMs + timeInService;
    metrics.inService = inService;
    metrics.segment = chunks;
    if (law.hasFirstTokenTerms) {
      metrics.prefillMs = law.ownPrefillMs(inService, chunks);
      const laterMs = law.beforePrefillMs(inService, chunks) + metrics.prefillMs - prefillMs;
      metrics.ttftMs += laterMs;
      metrics.responseMs += laterMs;
    }
  }
}

/**
 * The queue that a law of service times makes.
 *
 * @param waitingRoom Infinity: unlimited
 */
export function stateDependentQueue(law: LinearLaw, waitingRoom: number, maxBatchSize: number): Queue {
  return new StateDependentQueue(law, waitingRoom, maxBatchSize);
}

export default {
  name: 'state-dependent',
  summary:
    'Birth–death chain whose service rate depends on the batch in service; exact for Poisson arrivals and exponential work. Means.',
  options,
  isLight: true,
  prepare: (station: Station): Queue =>
    new StateDependentQueue(
      serviceLawOf(station),
      station.maxQueueLength ?? Number.POSITIVE_INFINITY,
      station.maxBatchSize,
    ),
} satisfies QueueModel<typeof options>;
