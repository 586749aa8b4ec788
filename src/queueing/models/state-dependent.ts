import { Type } from 'typebox';
import { geometricMean, geometricSum } from '../../numerics/truncated-geometric.ts';
import type { Station } from '../../schemas/station.ts';
import type { Queue, QueueEstimates, QueueMetrics, QueueModel } from '../queue-model.ts';
import { ServiceLaw } from '../service-law.ts';
import { ServiceRates } from '../service-rates.ts';

const options = Type.Object({}, { additionalProperties: false });

/** Highest stable rate as a share of the full-batch service rate. */
const STABILITY_LIMIT = 0.999;

/** Rates below this (1/ms) would underflow; the latencies there are those of an empty replica anyway. */
const LEAST_RATE = 1e-290;

/** States whose share of every sum is below this are skipped. */
const NEGLIGIBLE = 1e-17;

/**
 * Birth–death chain on n = 0 … N + Q requests with birth rate λ and death rates μ_n = min(n,N)/τ(min(n,N)):
 * continuous batching, where the service rate depends on how many requests run together.
 */
class StateDependentQueue implements Queue {
  readonly maxBatchSize: number;
  readonly minRequestsPerSec: number;
  readonly maxRequestsPerSec: number;
  readonly estimates: QueueEstimates;
  readonly #law: ServiceLaw;
  readonly #rates: ServiceRates;
  /** Q; Infinity: unlimited. */
  readonly #waitingRoom: number;
  readonly #rising: boolean;

  constructor(law: ServiceLaw, rates: ServiceRates, maxBatchSize: number, waitingRoom: number) {
    this.#law = law;
    this.#rates = rates;
    this.#waitingRoom = waitingRoom;
    this.#rising = maxBatchSize <= rates.risingUpTo;
    this.maxBatchSize = maxBatchSize;
    this.estimates = estimates(law);
    this.maxRequestsPerSec = STABILITY_LIMIT * rates.serviceRate[maxBatchSize] * 1000;
    this.minRequestsPerSec = Math.min(0.001 * rates.serviceRate[1] * 1000, this.maxRequestsPerSec);
  }

  withMaxBatchSize(maxBatchSize: number): Queue {
    return new StateDependentQueue(this.#law, this.#rates, maxBatchSize, this.#waitingRoom);
  }

  evaluate(requestsPerSec: number, metrics: QueueMetrics): void {
    const lambda = Math.max(requestsPerSec / 1000, LEAST_RATE);
    const full = this.maxBatchSize;
    const waitingRoom = this.#waitingRoom;
    const { serviceRate, interval } = this.#rates;
    const fullRate = serviceRate[full];

    // From n = N on the weights are geometric with ratio r = λ/μ_N; logRatio = ln r, exact near r = 1.
    const excess = (lambda - fullRate) / fullRate;
    const logRatio = Math.abs(excess) < 0.5 ? Math.log1p(excess) : Math.log(lambda * interval[full]);
    if (waitingRoom === Number.POSITIVE_INFINITY && logRatio >= 0) {
      this.#saturated(metrics);
      return;
    }

    // Sums over the states n < N, and the weight of N, relative to the heaviest state of n ≤ N.
    let below = 0;
    let belowInService = 0;
    let weightFull = 0;
    // Weight of the heaviest state of the tail n ≥ N relative to the heaviest state of n ≤ N.
    let tailScale = 1;
    let batchScale = 1;

    // The tail, counted from its heaviest end (n = N for r ≤ 1, n = N + Q for r > 1).
    const decay = Math.abs(logRatio);
    const tail = geometricSum(decay, waitingRoom);
    const tailNotLast = geometricSum(decay, waitingRoom - 1) * (logRatio <= 0 ? 1 : Math.exp(-decay));
    const meanFromHeavyEnd = geometricMean(decay, waitingRoom);
    const meanWaiting = logRatio <= 0 ? meanFromHeavyEnd : waitingRoom - meanFromHeavyEnd;

    if (this.#rising) {
      // μ_n rises with n, so the weights rise up to the last n with μ_n ≤ λ and fall after it: walk both ways from there.
      const mode = lastAtMost(serviceRate, full, lambda);
      let weight = 1;
      if (mode === full) {
        weightFull = 1;
      } else {
        below = 1;
        belowInService = mode;
        // What a unit of weight at n can still add to any sum above n.
        const guard = (full * full + tail * (full + meanWaiting)) / NEGLIGIBLE;
        let n = mode + 1;
        for (; n < full; n++) {
          weight *= lambda * interval[n];
          below += weight;
          belowInService += n * weight;
          if (weight * guard < belowInService) break;
        }
        weightFull = n === full ? weight * lambda * interval[full] : 0;
      }
      weight = 1;
      const perLambda = 1 / lambda;
      const guard = full / NEGLIGIBLE;
      for (let n = mode; n > 0; n--) {
        weight *= serviceRate[n] * perLambda;
        below += weight;
        belowInService += (n - 1) * weight;
        if (weight * guard < below) break;
      }
      if (logRatio > 0) batchScale = Math.exp(-waitingRoom * logRatio);
    } else {
      // Chunked prefill can make μ_n fall again, and the chain have several modes: weights by their logarithms.
      const logWeight = this.#rates.logWeights();
      const logLambda = Math.log(lambda);
      let heaviest = 0;
      for (let n = 1; n <= full; n++) {
        const w = n * logLambda + logWeight[n];
        if (w > heaviest) heaviest = w;
      }
      for (let n = 0; n < full; n++) {
        const weight = Math.exp(n * logLambda + logWeight[n] - heaviest);
        below += weight;
        belowInService += n * weight;
      }
      const logTail = full * logLambda + logWeight[full] - heaviest + Math.max(0, waitingRoom * logRatio);
      weightFull = 1;
      tailScale = Math.exp(Math.min(0, logTail));
      batchScale = Math.exp(-Math.max(0, logTail));
    }

    below *= batchScale;
    belowInService *= batchScale;
    weightFull *= tailScale;
    const total = below + weightFull * tail;
    const last = logRatio <= 0 ? Math.exp(-waitingRoom * decay) : 1;
    const throughput = (lambda * (below + weightFull * tailNotLast)) / total;
    const inService = (belowInService + full * weightFull * tail) / total;
    const waiting = (weightFull * tail * meanWaiting) / total;
    this.#write(metrics, throughput, (weightFull * last) / total, inService, waiting);
    if (metrics.throughputPerSec > requestsPerSec) metrics.throughputPerSec = requestsPerSec;
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

  /** Unlimited waiting room at r ≥ 1: the batch is full and the queue grows without bound. */
  #saturated(metrics: QueueMetrics): void {
    this.#write(metrics, this.#rates.serviceRate[this.maxBatchSize], 0, this.maxBatchSize, Number.NaN);
  }
}

/** Largest n in 0 … last with values[n] ≤ limit, for rising values. */
function lastAtMost(values: Float64Array, last: number, limit: number): number {
  let low = 0;
  let high = last + 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (values[middle] <= limit) low = middle;
    else high = middle;
  }
  return low;
}

function estimates(law: ServiceLaw): QueueEstimates {
  return {
    // α + (B-1)·δ + β + γ·(L + (m+1)/2) ≤ target
    batchSizeForItl: (itlMs, ceiling) =>
      largest(ceiling, (batch) => {
        const work = law.workPerIterationMs(law.chunks(batch));
        return law.alphaMs + (batch - 1) * work + law.decodeStepMs <= itlMs;
      }),
    batchSizeForTtft: (ttftMs, ceiling) =>
      largest(ceiling, (batch) => law.prefillMs(batch, law.chunks(batch)) <= ttftMs),
    serviceRatePerSec: (batchSize) => (1000 * batchSize) / law.timeInServiceMs(batchSize),
  };
}

/** Largest n in 1 … ceiling that holds, 1 when none does; `holds` is true up to some n. */
function largest(ceiling: number, holds: (n: number) => boolean): number {
  if (holds(ceiling)) return ceiling;
  let low = 1;
  let high = ceiling;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

export default {
  name: 'state-dependent',
  summary:
    'Birth–death chain whose service rate depends on the batch in service; exact for Poisson arrivals and exponential work. Means.',
  options,
  prepare(station: Station): Queue {
    const law = new ServiceLaw(station);
    return new StateDependentQueue(
      law,
      new ServiceRates(law, station.maxBatchSize),
      station.maxBatchSize,
      station.maxQueueLength ?? Number.POSITIVE_INFINITY,
    );
  },
} satisfies QueueModel<typeof options>;
