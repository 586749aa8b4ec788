import { Type } from '#typebox';
import { sumGeometric } from '../../numerics/truncated-geometric.ts';
import type { Station } from '../../schemas/station.ts';
import { newAccepted, othersAt, waitAt } from '../accepted-requests.ts';
import { type BatchStates, newWeights } from '../batch-states.ts';
import { SearchedEstimates } from '../estimates.ts';
import { firstTokenMs, laterFirstTokenMs, tokenGapMs } from '../found-latencies.ts';
import { writeLatencies } from '../latencies.ts';
import { serviceLawOf } from '../law-of.ts';
import type { LinearLaw } from '../laws/linear.ts';
import { LinearEstimates } from '../linear-estimates.ts';
import { LinearStates } from '../linear-states.ts';
import { PercentileEstimates } from '../percentile-estimates.ts';
import { PiecewiseStates } from '../piecewise-states.ts';
import type { Percentiles, Queue, QueueEstimates, QueueMetrics, QueueModel } from '../queue-model.ts';
import { STABILITY_LIMIT } from '../service-law.ts';

const options = Type.Object({}, { additionalProperties: false });

/** Rates below this (1/ms) would underflow; the latencies there are those of an empty replica anyway. */
const LEAST_RATE = 1e-250;

/** From this batch limit on, and with so many outputs per chunk, the ITL does not fall with the rate. */
const RISING_FROM = { batch: 4, outputsPerChunk: 2 };

/** More than there are chunk counts of two latencies apart. */
const SEGMENTS = 1e6;

// Scratch of one evaluation: written before it is read in each.
const weights = newWeights();
const tail = { sum: Number.NaN, mean: Number.NaN, last: Number.NaN };
const seen = newAccepted();

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
  /** null: means. */
  readonly #percentiles: Percentiles | null;
  /** Closed forms where one chunk count serves every batch and the law is linear; null: they do not serve. */
  readonly #linear: LinearStates | null;
  #summed: BatchStates | undefined;

  constructor(
    law: LinearLaw,
    waitingRoom: number,
    maxBatchSize: number,
    percentiles: Percentiles | null = null,
    linear: LinearStates | null = null,
  ) {
    const chunks = law.chunks(1);
    const isLinear = law.isLinear && law.largestBatch(chunks) >= maxBatchSize;
    this.#law = law;
    this.#waitingRoom = waitingRoom;
    this.#chunks = chunks;
    this.#percentiles = percentiles;
    this.#linear = isLinear
      ? (linear ?? new LinearStates(law.fixedMs(chunks), law.perRequestMs(chunks), maxBatchSize))
      : null;
    const chunksFull = isLinear ? chunks : law.chunks(maxBatchSize);
    this.#fullRate = maxBatchSize / law.timeInServiceMs(maxBatchSize, chunksFull);
    this.maxBatchSize = maxBatchSize;
    this.maxRequestsPerSec = STABILITY_LIMIT * this.#fullRate * 1000;
    this.minRequestsPerSec = Math.min(1 / law.timeInServiceMs(1, chunks), this.maxRequestsPerSec);
    this.rises =
      isLinear &&
      law.growsWithBatch(maxBatchSize, chunks) &&
      maxBatchSize >= RISING_FROM.batch &&
      law.outputTokens >= RISING_FROM.outputsPerChunk * chunks;
  }

  get estimates(): QueueEstimates {
    if (!this.#linear) return new SearchedEstimates(this.#law);
    const ofMeans = new LinearEstimates(this.#law, this.#chunks, this.maxBatchSize, this.#waitingRoom);
    return this.#percentiles
      ? new PercentileEstimates(
          ofMeans,
          this.#percentiles,
          this.#law,
          this.#chunks,
          this.maxBatchSize,
          this.#waitingRoom,
        )
      : ofMeans;
  }

  withMaxBatchSize(maxBatchSize: number): Queue {
    return new StateDependentQueue(this.#law, this.#waitingRoom, maxBatchSize, this.#percentiles);
  }

  atPercentiles(percentiles: Percentiles): Queue {
    return new StateDependentQueue(
      this.#law,
      this.#waitingRoom,
      this.maxBatchSize,
      percentiles,
      this.#linear,
    );
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
      if (this.#percentiles) this.#writeOverloaded(metrics, this.#percentiles);
      return;
    }
    const logRatio = Math.abs(excess) < 0.5 ? Math.log1p(excess) : Math.log(lambda / fullRate);

    // The tail n ≥ N, counted from its heaviest end: N for r ≤ 1, N + Q for r > 1.
    const ratio = isOver ? fullRate / lambda : lambda / fullRate;
    sumGeometric(Math.abs(logRatio), ratio, isOver ? excess * ratio : -excess, waitingRoom, tail);
    const meanWaiting = isOver ? waitingRoom - tail.mean : tail.mean;

    this.#statesAt(lambda).weigh(lambda, weights);
    let { below, belowInService, full: weightFull } = weights;
    let tailNotLast = tail.sum - tail.last;
    let last = tail.last;
    let batchScale = 1;
    if (isOver) {
      // In units of the heaviest state of the tail, or of the batch where that is heavier still.
      const logFull = Number.isNaN(weights.logFull) ? Math.log(weightFull) : weights.logFull;
      const logTail = logFull + waitingRoom * logRatio;
      batchScale = Math.exp(-Math.max(0, logTail));
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
    if (this.#percentiles) {
      seen.lambda = lambda;
      seen.excess = excess;
      seen.logRatio = logRatio;
      seen.waits = weightFull * tailNotLast;
      seen.accepted = below + seen.waits;
      seen.unit = 1 / batchScale;
      this.#writePercentiles(metrics, this.#percentiles);
    }
  }

  #statesAt(lambda: number): BatchStates {
    if (this.#linear?.covers(lambda, this.#fullRate)) return this.#linear;
    this.#summed ??= new PiecewiseStates(this.#law, this.maxBatchSize);
    return this.#summed;
  }

  #writePercentiles(metrics: QueueMetrics, { ttft, itl }: Percentiles): void {
    const law = this.#law;
    const states = this.#statesAt(seen.lambda);
    const most = this.maxBatchSize - 1;
    let segment = 0;
    let others = Number.NaN;
    if (ttft !== undefined) {
      others = othersAt(ttft, seen, states, weights);
      const wait = others > most ? waitAt(ttft, seen, this.#waitingRoom) : 0;
      const found = Math.min(others, most);
      segment = this.#chunksBeside(found);
      metrics.ttftMs = wait / this.#fullRate + firstTokenMs(law, found, segment);
      if (law.hasFirstTokenTerms)
        metrics.ttftMs += laterFirstTokenMs(law, found, segment, ttft, metrics.inService);
    }
    if (itl !== undefined) {
      if (itl !== ttft) others = othersAt(itl, seen, states, weights);
      const found = Math.min(others, most);
      const chunks = this.#chunksBeside(found);
      segment = segment * SEGMENTS + chunks;
      metrics.itlMs = tokenGapMs(law, found, chunks);
    }
    // Where a mean is left it jumps where it did.
    const hasMean = ttft === undefined || itl === undefined;
    metrics.segment = hasMean ? metrics.segment * SEGMENTS + segment : segment;
  }

  #writeOverloaded(metrics: QueueMetrics, { itl }: Percentiles): void {
    const others = this.maxBatchSize - 1;
    if (itl !== undefined) metrics.itlMs = tokenGapMs(this.#law, others, this.#chunksBeside(others));
  }

  #chunksBeside(others: number): number {
    return this.#linear ? this.#chunks : this.#law.chunks(Math.max(1, Math.round(others + 1)));
  }

  #write(
    metrics: QueueMetrics,
    throughput: number,
    lossFraction: number,
    inService: number,
    waiting: number,
  ) {
    const law = this.#law;
    const chunks = this.#linear ? this.#chunks : law.chunks(Math.max(1, Math.round(inService)));
    metrics.throughputPerSec = throughput * 1000;
    metrics.lossFraction = lossFraction;
    metrics.waitMs = waiting / throughput;
    writeLatencies(metrics, law, chunks, inService, inService, inService / throughput);
    metrics.inService = inService;
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
    'Birth–death chain whose service rate depends on the batch in service; exact for Poisson arrivals and exponential work. Means and percentiles.',
  options,
  assumes:
    'Poisson arrivals; exponential work of a request, of which prefill and decoding are spread evenly over its iterations; arrivals that find no iteration under way.',
  cost: 'A fifth of a microsecond; half to two at percentiles.',
  isLight: true,
  tellsPercentiles: true,
  prepare: (station: Station): Queue =>
    new StateDependentQueue(
      serviceLawOf(station),
      station.maxQueueLength ?? Number.POSITIVE_INFINITY,
      station.maxBatchSize,
    ),
} satisfies QueueModel<typeof options>;
