import { Type } from '#typebox';
import { geometricMean, geometricSum } from '../../numerics/truncated-geometric.ts';
import type { Station } from '../../schemas/station.ts';
import type { BatchStates } from '../batch-states.ts';
import { closedFormEstimates, searchedEstimates } from '../estimates.ts';
import { LinearStates } from '../linear-states.ts';
import type { Queue, QueueEstimates, QueueMetrics, QueueModel } from '../queue-model.ts';
import { ServiceLaw } from '../service-law.ts';
import { ServiceRates } from '../service-rates.ts';
import { TabledStates } from '../tabled-states.ts';

const options = Type.Object({}, { additionalProperties: false });

/** Highest stable rate as a share of the full-batch service rate. */
const STABILITY_LIMIT = 0.999;

/** Rates below this (1/ms) would underflow; the latencies there are those of an empty replica anyway. */
const LEAST_RATE = 1e-290;

/** What all batch limits of a station share. */
class SharedStation {
  readonly law: ServiceLaw;
  /** Q; Infinity: unlimited. */
  readonly waitingRoom: number;
  readonly #maxBatchSize: number;
  #rates: ServiceRates | undefined;

  constructor(station: Station) {
    this.law = new ServiceLaw(station);
    this.waitingRoom = station.maxQueueLength ?? Number.POSITIVE_INFINITY;
    this.#maxBatchSize = station.maxBatchSize;
  }

  get rates(): ServiceRates {
    this.#rates ??= new ServiceRates(this.law, this.#maxBatchSize);
    return this.#rates;
  }
}

/**
 * Birth–death chain on n = 0 … N + Q requests with birth rate λ and death rates μ_n = min(n,N)/τ(min(n,N)):
 * continuous batching, where the service rate depends on how many requests run together.
 */
class StateDependentQueue implements Queue {
  readonly maxBatchSize: number;
  readonly minRequestsPerSec: number;
  readonly maxRequestsPerSec: number;
  #estimates: QueueEstimates | undefined;
  readonly #shared: SharedStation;
  readonly #law: ServiceLaw;
  readonly #waitingRoom: number;
  readonly #fullRate: number;
  readonly #linear: LinearStates | null;
  #tabled: TabledStates | undefined;

  constructor(shared: SharedStation, maxBatchSize: number) {
    const { law, waitingRoom } = shared;
    const chunks = law.chunks(1);
    const isLinear = law.chunks(maxBatchSize) === chunks;
    this.#shared = shared;
    this.#law = law;
    this.#waitingRoom = waitingRoom;
    // Where one chunk count serves every batch the time in service is linear in the batch, and closed forms serve.
    this.#linear = isLinear
      ? new LinearStates(law.fixedMs(chunks), law.perRequestMs(chunks), maxBatchSize)
      : null;
    this.#fullRate = maxBatchSize / law.timeInServiceMs(maxBatchSize);
    this.maxBatchSize = maxBatchSize;
    this.maxRequestsPerSec = STABILITY_LIMIT * this.#fullRate * 1000;
    this.minRequestsPerSec = Math.min(1 / law.timeInServiceMs(1), this.maxRequestsPerSec);
  }

  get estimates(): QueueEstimates {
    const law = this.#law;
    this.#estimates ??= this.#linear ? closedFormEstimates(law, law.chunks(1)) : searchedEstimates(law);
    return this.#estimates;
  }

  withMaxBatchSize(maxBatchSize: number): Queue {
    return new StateDependentQueue(this.#shared, maxBatchSize);
  }

  evaluate(requestsPerSec: number, metrics: QueueMetrics): void {
    const lambda = Math.max(requestsPerSec / 1000, LEAST_RATE);
    const full = this.maxBatchSize;
    const waitingRoom = this.#waitingRoom;
    const fullRate = this.#fullRate;

    // From n = N on the weights are geometric with ratio r = λ/μ_N; logRatio = ln r, exact near r = 1.
    const excess = (lambda - fullRate) / fullRate;
    const logRatio = Math.abs(excess) < 0.5 ? Math.log1p(excess) : Math.log(lambda / fullRate);
    if (waitingRoom === Number.POSITIVE_INFINITY && logRatio >= 0) {
      this.#write(metrics, fullRate, 0, full, Number.NaN);
      return;
    }

    // The tail n ≥ N, counted from its heaviest end: N for r ≤ 1, N + Q for r > 1.
    const decay = Math.abs(logRatio);
    const tail = geometricSum(decay, waitingRoom);
    const lightest = Math.exp(-waitingRoom * decay);
    const meanFromHeavyEnd = geometricMean(decay, waitingRoom);
    const meanWaiting = logRatio <= 0 ? meanFromHeavyEnd : waitingRoom - meanFromHeavyEnd;

    const states = this.#statesFor(lambda);
    states.weigh(lambda, tail * (full + meanWaiting));
    let { below, belowInService, weightFull } = states;
    let tailNotLast = tail - lightest;
    let last = lightest;
    if (logRatio > 0) {
      // In units of the heaviest state of the tail, or of the batch where that is heavier still.
      const logTail = states.logWeightFull + waitingRoom * logRatio;
      const batchScale = Math.exp(-Math.max(0, logTail));
      below *= batchScale;
      belowInService *= batchScale;
      weightFull = Math.exp(Math.min(0, logTail));
      tailNotLast *= Math.exp(-decay);
      last = 1;
    }

    const total = below + weightFull * tail;
    const throughput = (lambda * (below + weightFull * tailNotLast)) / total;
    const inService = (belowInService + full * weightFull * tail) / total;
    const waiting = (weightFull * tail * meanWaiting) / total;
    this.#write(metrics, throughput, (weightFull * last) / total, inService, waiting);
    if (metrics.throughputPerSec > requestsPerSec) metrics.throughputPerSec = requestsPerSec;
  }

  #statesFor(lambda: number): BatchStates {
    if (this.#linear?.covers(lambda)) return this.#linear;
    this.#tabled ??= new TabledStates(this.#shared.rates, this.maxBatchSize);
    return this.#tabled;
  }

  #write(
    metrics: QueueMetrics,
    throughput: number,
    lossFraction: number,
    inService: number,
    waiting: number,
  ) {
    const timeInService = inService / throughput;
    const chunks = this.#law.chunks(Math.max(1, Math.round(inService)));
    const prefillMs = this.#law.prefillMs(inService, chunks);
    const itlMs = (timeInService - prefillMs) / this.#law.outputTokens;
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
  }
}

export default {
  name: 'state-dependent',
  summary:
    'Birth–death chain whose service rate depends on the batch in service; exact for Poisson arrivals and exponential work. Means.',
  options,
  isLight: true,
  prepare: (station: Station): Queue =>
    new StateDependentQueue(new SharedStation(station), station.maxBatchSize),
} satisfies QueueModel<typeof options>;
