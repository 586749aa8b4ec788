import { type Static, Type } from '#typebox';
import type { ShiftedGamma } from '../../numerics/mixture.ts';
import type { Station } from '../../schemas/station.ts';
import { areFew, bunchMs, fewStepsMs, meanStepMs } from '../bunches.ts';
import { describeFirstToken, describeFirstTokenAtFull, newFound } from '../first-token-times.ts';
import { type FullBatch, fullBatchOf } from '../full-batch.ts';
import {
  addFirstTokens,
  addGapsAtFull,
  addGapsBelowFull,
  clear,
  percentileMs,
} from '../iteration-percentiles.ts';
import {
  describeWork,
  iterationsBelowFull,
  newIterationTimes,
  newWork,
  timesBelowFull,
  type Work,
} from '../iteration-times.ts';
import type { Bounds } from '../latency-bounds.ts';
import { serviceLawOf } from '../law-of.ts';
import type { LinearLaw } from '../laws/linear.ts';
import type { Percentiles, Queue, QueueEstimates, QueueMetrics, QueueModel } from '../queue-model.ts';
import { exponentialService, variabilityOf } from '../variability.ts';
import { describeWait, type Wait } from '../waiting-moments.ts';
import { stateDependentQueue } from './state-dependent.ts';
import { twoMomentQueue } from './two-moment.ts';

const Cv = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 5, default: 1, description }));

const options = Type.Object(
  {
    inputCv: Cv('Coefficient of variation of the prompt lengths: 0 all the same, 1 exponential.'),
    outputCv: Cv('Coefficient of variation of the output lengths: 0 all the same, 1 exponential.'),
    arrivalCv: Cv('Coefficient of variation of the times between arrivals: 0 constant, 1 Poisson arrivals.'),
  },
  { additionalProperties: false },
);
type Options = Required<Static<typeof options>>;

/** At rates below this (1/ms) all requests are alone. */
const LEAST_RATE = 1e-200;

// Scratch of one evaluation: written before it is read in each.
const workBelow = newWork();
const below = newIterationTimes();
const wait: Wait = { share: Number.NaN, meanMs: Number.NaN, variance: Number.NaN };
const found = newFound();
const quick: ShiftedGamma = { least: Number.NaN, mean: Number.NaN, variance: Number.NaN };
const slow: ShiftedGamma = { least: Number.NaN, mean: Number.NaN, variance: Number.NaN };

/** What rates and percentiles share. */
interface Prepared extends FullBatch {
  readonly chain: Queue;
  readonly law: LinearLaw;
  readonly options: Options;
}

function prepare(law: LinearLaw, waitingRoom: number, maxBatchSize: number, options: Options): Prepared {
  const { arrivalCv, outputCv } = options;
  const chain =
    arrivalCv === 1
      ? stateDependentQueue(law, waitingRoom, maxBatchSize)
      : twoMomentQueue(
          law,
          waitingRoom,
          maxBatchSize,
          exponentialService(variabilityOf(arrivalCv, outputCv)),
        );
  return { chain, law, options, ...fullBatchOf(law, waitingRoom, maxBatchSize, options) };
}

/**
 * The chain of `state-dependent`, and beside it what the iterations do to one request. An arrival waits for the end of the iteration that
 * runs, joins the next together with all who came meanwhile, and sees their prefills in its own and in its first decode step. Whoever has
 * to wait for a place is helped by lengths that vary less than the chain's. Where arrivals are not Poisson the chain is that of
 * `two-moment`, and others come together with the request, or do not, as their gaps vary.
 */
class IterationQueue implements Queue {
  readonly maxBatchSize: number;
  readonly minRequestsPerSec: number;
  readonly maxRequestsPerSec: number;
  readonly #prepared: Prepared;
  readonly #percentiles: Percentiles;
  /** What percentiles are told against; null: they are told themselves. */
  readonly #bounds: Bounds | null;
  #estimates: QueueEstimates | undefined;

  constructor(
    prepared: Prepared,
    percentiles: Percentiles,
    bounds: Bounds | null = null,
    estimates?: QueueEstimates,
  ) {
    const { chain } = prepared;
    this.maxBatchSize = chain.maxBatchSize;
    this.minRequestsPerSec = chain.minRequestsPerSec;
    this.maxRequestsPerSec = chain.maxRequestsPerSec;
    this.#prepared = prepared;
    this.#percentiles = percentiles;
    this.#bounds = bounds;
    this.#estimates = estimates;
  }

  get estimates(): QueueEstimates | undefined {
    this.#estimates ??= this.#prepared.chain.atPercentiles?.(this.#percentiles).estimates;
    return this.#estimates;
  }

  withMaxBatchSize(maxBatchSize: number): Queue {
    const { law, places, options } = this.#prepared;
    const prepared = prepare(law, places.waitingRoom, maxBatchSize, options);
    return new IterationQueue(prepared, this.#percentiles, this.#bounds);
  }

  atPercentiles(percentiles: Percentiles): Queue {
    return new IterationQueue(this.#prepared, percentiles);
  }

  against(bounds: Bounds): Queue {
    const { ttft, itl } = this.#percentiles;
    return ttft === undefined && itl === undefined
      ? this
      : new IterationQueue(this.#prepared, this.#percentiles, bounds, this.estimates);
  }

  evaluate(requestsPerSec: number, metrics: QueueMetrics): void {
    const { chain, law, options, places, atFull } = this.#prepared;
    const full = this.maxBatchSize;
    chain.evaluate(requestsPerSec, metrics);
    const perMs = metrics.throughputPerSec / 1000;
    const chainMs = perMs > LEAST_RATE ? metrics.inService / perMs : law.timeInServiceMs(1);
    const utilization = requestsPerSec / 1000 / places.fullRate;
    describeWait(places, utilization, metrics.waitMs, wait);
    const { share: waits, meanMs: waitMs } = wait;

    // Those that do not wait find the batch below N. With n in it on average no iteration runs with probability e^-n.
    const isFull = waits + metrics.lossFraction * (1 - waits);
    const others = isFull < 1 ? (metrics.inService - full * isFull) / (1 - isFull) : full - 1;
    const inBatch = Math.max(0, Math.min(full - 1, others));
    const isRunning = -Math.expm1(-inBatch);
    const work = this.#workBeside(inBatch);
    timesBelowFull(work, inBatch, perMs, options.arrivalCv ** 2, below);
    const besideMs = law.overheadMs + law.ownBesideMs;
    const residualMs = (isRunning * below.foundMs) / 2;
    const serviceMs = chainMs + (1 - waits) * bunchMs(work, below, perMs, options.outputCv);
    // Whoever waits for the token budget has a place.
    const { queueMs } = below;
    const placeMs = serviceMs + (1 - waits) * Math.max(0, queueMs);
    const inServiceMs = perMs > LEAST_RATE ? Math.min(full / perMs, placeMs) : serviceMs;
    if (perMs > LEAST_RATE) metrics.inService = perMs * inServiceMs;
    const quickMs = residualMs + below.prefillMs + queueMs + below.firstStepMs;
    // Whoever waits for a place is not served sooner than one that finds some.
    const slowMs = waits > 0 ? Math.max(quickMs, waitMs + atFull.prefillMs + atFull.firstStepMs) : 0;
    const prefillMs = (1 - waits) * below.prefillMs + waits * atFull.prefillMs;
    const firstStepMs = (1 - waits) * below.firstStepMs + waits * atFull.firstStepMs;

    // It waits for a place, or for the iteration that runs.
    metrics.waitMs = (waits > 0 ? waits * waitMs : 0) + (1 - waits) * residualMs;
    metrics.ttftMs = (1 - waits) * quickMs + waits * slowMs + besideMs;
    const leftMs = Math.min(
      serviceMs - prefillMs - firstStepMs,
      full / places.fullRate - atFull.prefillMs - atFull.firstStepMs,
    );
    const fewMs = areFew(law.outputTokens)
      ? (1 - waits) * Math.min(fewStepsMs(work, below, perMs, options.outputCv), atFull.meanMs) +
        waits * atFull.meanMs
      : Number.NaN;
    const stepMs = law.outputTokens < 2 ? firstStepMs : meanStepMs(law.outputTokens, leftMs, fewMs);
    metrics.itlMs = Math.max(stepMs, law.alphaMs + law.decodeStepMs);
    const isUnbounded = Number.isNaN(metrics.waitMs);
    const toFirstTokenMs = isUnbounded ? prefillMs + firstStepMs + besideMs : metrics.ttftMs - metrics.waitMs;
    // The first step is longer than most: what it is longer by counts as prefill, of others.
    metrics.prefillMs = Math.max(0, toFirstTokenMs - metrics.itlMs);
    metrics.responseMs = metrics.waitMs + inServiceMs + besideMs;

    const { ttft, itl } = this.#percentiles;
    if (ttft === undefined && itl === undefined) return;
    // The spread of the batch: that of a negative binomial, within what a batch below N can have.
    const free = 1 - perMs * (work.prefillMs + work.outputTokens * work.decodeStepMs);
    found.batchVariance = Math.min(inBatch / Math.max(free, 1e-9), inBatch * (full - 1 - inBatch));
    found.perMs = perMs;
    found.inBatch = inBatch;
    found.isRunning = isRunning;
    if (ttft !== undefined) metrics.ttftMs = this.#ttftAt(ttft, work, quickMs);
    if (itl !== undefined) {
      const ofFull = Math.min(1, (full * isFull) / metrics.inService);
      metrics.itlMs = this.#gapAt(itl, work, ofFull);
    }
  }

  /** What an iteration takes about a request that finds so many others in the batch. */
  #workBeside(others: number): Work {
    const { law, workAtFull, options } = this.#prepared;
    if (law.isLinear) return workAtFull;
    describeWork(workBelow, law, others + 1, workAtFull.chunks, options.inputCv);
    return workBelow;
  }

  /** @param quickMs mean TTFT of those that find a place, without the overhead and what the own prefill costs more */
  #ttftAt(p: number, work: Work, quickMs: number): number {
    const waits = wait.share;
    if (Number.isNaN(wait.meanMs)) return Number.NaN;
    const { law, workAtFull, atFull } = this.#prepared;
    const besideMs = law.ownBesideMs;
    describeFirstToken(work, below, found, quickMs + besideMs, besideMs, quick);
    if (waits > 0) describeFirstTokenAtFull(workAtFull, atFull, this.maxBatchSize, wait, besideMs, slow);
    clear();
    addFirstTokens(waits, quick, slow);
    // Cumulants know of no least: a prefill and a first step take two iterations.
    const leastMs = law.overheadMs + 2 * work.fixedMs + work.freshStepMs;
    return Math.max(leastMs, percentileMs(p, law.overheadMs, this.#bounds?.ttftMs));
  }

  /** @param ofFull share of the gaps that are those of a full batch */
  #gapAt(p: number, work: Work, ofFull: number): number {
    // A token sees a batch as often as there are tokens in it.
    const { workAtFull, atFull, options } = this.#prepared;
    const { perMs, inBatch, batchVariance } = found;
    const full = this.maxBatchSize;
    const seen = inBatch > 0 ? Math.min(full - 1, Math.max(1, inBatch + batchVariance / inBatch)) : 1;
    iterationsBelowFull(work, seen, perMs, options.arrivalCv ** 2, below);
    clear();
    const filledMs = addGapsBelowFull(1 - ofFull, work, below, perMs, seen, batchVariance);
    const filledAtFullMs = addGapsAtFull(ofFull, workAtFull, atFull, full);
    // No iteration takes longer than one that the token budget fills.
    const longestMs = filledMs + Math.min(1, ofFull / (1 - p)) * Math.max(0, filledAtFullMs - filledMs);
    return Math.min(longestMs, percentileMs(p, 0, this.#bounds?.itlMs));
  }
}

export default {
  name: 'iteration',
  summary:
    'The chain of `state-dependent`, and beside it the iterations of one request: the rest of the one that runs, prefills of others beside its own, bursts, lengths that vary. Means and percentiles, held against simulation.',
  options,
  assumes:
    'Independent gaps between arrivals and lengths that vary as `arrivalCv`, `inputCv` and `outputCv` say; prompts up to a few token budgets of an iteration; under the law `two-regime` no prompts beyond the knee in batches near saturation.',
  cost: 'Half a microsecond; one or two at percentiles, or where arrivals are not Poisson.',
  isLight: true,
  knowsResidual: true,
  roughnessFraction: 0.02,
  tellsPercentiles: true,
  prepare: (station: Station, { inputCv = 1, outputCv = 1, arrivalCv = 1 }: Partial<Options>): Queue =>
    new IterationQueue(
      prepare(
        serviceLawOf(station, outputCv, inputCv, true),
        station.maxQueueLength ?? Number.POSITIVE_INFINITY,
        station.maxBatchSize,
        { inputCv, outputCv, arrivalCv },
      ),
      {},
    ),
} satisfies QueueModel<typeof options>;
