import { type Static, Type } from '#typebox';
import type { ShiftedGamma } from '../../numerics/mixture.ts';
import type { Station } from '../../schemas/station.ts';
import { describeFirstToken, describeFirstTokenAtFull } from '../first-token-times.ts';
import { addGaps, clearGaps, gapQuantile, ttftQuantile } from '../iteration-percentiles.ts';
import {
  describeWork,
  newIterationTimes,
  newWork,
  roomBeside,
  timesAtFull,
  timesBelowFull,
  type Work,
} from '../iteration-times.ts';
import { serviceLawOf } from '../law-of.ts';
import type { LinearLaw } from '../laws/linear.ts';
import type { Percentiles, Queue, QueueEstimates, QueueMetrics, QueueModel } from '../queue-model.ts';
import { exponentialService, variabilityOf } from '../variability.ts';
import { describeWait, type Places, type Wait } from '../waiting-moments.ts';
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
const quick: ShiftedGamma = { least: Number.NaN, mean: Number.NaN, variance: Number.NaN };
const slow: ShiftedGamma = { least: Number.NaN, mean: Number.NaN, variance: Number.NaN };

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
  readonly #chain: Queue;
  readonly #law: LinearLaw;
  readonly #options: Options;
  readonly #percentiles: Percentiles;
  /** At a full batch; under a linear law at any. */
  readonly #workAtFull: Work;
  readonly #atFull = newIterationTimes();
  readonly #places: Places;

  constructor(
    law: LinearLaw,
    waitingRoom: number,
    maxBatchSize: number,
    options: Options,
    percentiles: Percentiles,
  ) {
    const { inputCv, outputCv, arrivalCv } = options;
    const chain =
      arrivalCv === 1
        ? stateDependentQueue(law, waitingRoom, maxBatchSize)
        : twoMomentQueue(
            law,
            waitingRoom,
            maxBatchSize,
            exponentialService(variabilityOf(arrivalCv, outputCv)),
          );
    const chunks = law.chunks(maxBatchSize);
    this.maxBatchSize = maxBatchSize;
    this.minRequestsPerSec = chain.minRequestsPerSec;
    this.maxRequestsPerSec = chain.maxRequestsPerSec;
    this.#chain = chain;
    this.#law = law;
    this.#options = options;
    this.#percentiles = percentiles;
    this.#workAtFull = newWork();
    // The chain spreads all prompts over as many iterations; one prompt takes fewer, of what half a batch leaves of the budget.
    const own = Math.min(chunks, law.chunksBeside((maxBatchSize - 1) / 2));
    describeWork(this.#workAtFull, law, maxBatchSize, own, inputCv);
    timesAtFull(this.#workAtFull, maxBatchSize, Math.max(own, law.chunksWaited(maxBatchSize)), this.#atFull);
    const fullRate = maxBatchSize / law.timeInServiceMs(maxBatchSize, chunks);
    // Between two that leave lie decode steps, as many as chance has it, and the prefill of the one that takes the place.
    const prefillShare = Math.min(1, this.#workAtFull.prefillMs * fullRate);
    const serviceCv2 = ((1 - prefillShare) * outputCv) ** 2 + (prefillShare * inputCv) ** 2;
    this.#places = { full: maxBatchSize, fullRate, waitingRoom, arrivalCv, serviceCv2 };
  }

  get estimates(): QueueEstimates | undefined {
    return this.#chain.atPercentiles?.(this.#percentiles).estimates;
  }

  withMaxBatchSize(maxBatchSize: number): Queue {
    return new IterationQueue(
      this.#law,
      this.#places.waitingRoom,
      maxBatchSize,
      this.#options,
      this.#percentiles,
    );
  }

  atPercentiles(percentiles: Percentiles): Queue {
    return new IterationQueue(
      this.#law,
      this.#places.waitingRoom,
      this.maxBatchSize,
      this.#options,
      percentiles,
    );
  }

  evaluate(requestsPerSec: number, metrics: QueueMetrics): void {
    const law = this.#law;
    const full = this.maxBatchSize;
    this.#chain.evaluate(requestsPerSec, metrics);
    const perMs = metrics.throughputPerSec / 1000;
    const serviceMs = perMs > LEAST_RATE ? metrics.inService / perMs : law.timeInServiceMs(1);
    const utilization = requestsPerSec / 1000 / this.#places.fullRate;
    describeWait(this.#places, utilization, metrics.waitMs, wait);
    const { share: waits, meanMs: waitMs } = wait;

    // Those that do not wait find the batch below N. With n in it on average no iteration runs with probability e^-n.
    const isFull = waits + metrics.lossFraction * (1 - waits);
    const found = isFull < 1 ? (metrics.inService - full * isFull) / (1 - isFull) : full - 1;
    const inBatch = Math.max(0, Math.min(full - 1, found));
    const isRunning = -Math.expm1(-inBatch);
    const work = this.#workBeside(inBatch);
    const atFull = this.#atFull;
    timesBelowFull(work, inBatch, perMs, this.#options.arrivalCv ** 2, below);
    const besideMs = law.overheadMs + law.ownBesideMs;
    const residualMs = (isRunning * below.foundMs) / 2;
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
    // Of outputs of a token or two the difference says little; no step is shorter than one of a request alone.
    const stepMs = law.outputTokens > 1 ? (serviceMs - prefillMs) / law.outputTokens : firstStepMs;
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
    const spread = Math.min(inBatch / Math.max(free, 1e-9), inBatch * (full - 1 - inBatch));
    if (ttft !== undefined)
      metrics.ttftMs = this.#ttftAt(ttft, work, perMs, inBatch, isRunning, spread, quickMs) + law.overheadMs;
    if (itl !== undefined) {
      const ofFull = Math.min(1, (full * isFull) / metrics.inService);
      metrics.itlMs = this.#gapAt(itl, work, perMs, inBatch, spread, ofFull);
    }
  }

  /** What an iteration takes about a request that finds so many others in the batch. */
  #workBeside(others: number): Work {
    if (this.#law.isLinear) return this.#workAtFull;
    describeWork(workBelow, this.#law, others + 1, this.#workAtFull.chunks, this.#options.inputCv);
    return workBelow;
  }

  /** @param quickMs mean TTFT of those that find a place, without the overhead and what the own prefill costs more */
  #ttftAt(
    p: number,
    work: Work,
    perMs: number,
    inBatch: number,
    isRunning: number,
    spread: number,
    quickMs: number,
  ): number {
    const waits = wait.share;
    if (Number.isNaN(wait.meanMs)) return Number.NaN;
    const besideMs = this.#law.ownBesideMs;
    describeFirstToken(work, below, perMs, inBatch, spread, isRunning, quickMs + besideMs, besideMs, quick);
    if (waits > 0)
      describeFirstTokenAtFull(this.#workAtFull, this.#atFull, this.maxBatchSize, wait, besideMs, slow);
    return ttftQuantile(p, waits, quick, slow);
  }

  #gapAt(p: number, work: Work, perMs: number, inBatch: number, spread: number, ofFull: number): number {
    // A token sees a batch as often as there are tokens in it.
    const full = this.maxBatchSize;
    const seen = inBatch > 0 ? Math.min(full - 1, Math.max(1, inBatch + spread / inBatch)) : 1;
    timesBelowFull(work, seen, perMs, this.#options.arrivalCv ** 2, below);
    clearGaps();
    const step = work.decodeStepMs;
    const { ownChunks, evened } = below;
    const joining = perMs * ownChunks * below.meanMs;
    const clusters = Math.max(0, perMs * perMs * below.variance + joining * below.clusters);
    const joiningVariance = joining + (1 - evened) * clusters - evened * joining * joining;
    const room = roomBeside(work, seen);
    const stepsMs = work.fixedMs + seen * step;
    addGaps(1 - ofFull, work, ownChunks, room, stepsMs, step * step * spread, joining, joiningVariance);
    // The one that joins a full batch took the place of another: of N there are N - 1 that see its prefill.
    const { fixedMs, decodeStepMs, chunks, outputTokens, prefillMs } = this.#workAtFull;
    const iterations = this.#atFull.chunks + outputTokens;
    const decoding = (outputTokens * full) / iterations;
    const beside = (chunks * (full - 1)) / iterations;
    const variance = decodeStepMs * decodeStepMs * beside;
    const roomAtFull = roomBeside(this.#workAtFull, decoding);
    const stepsAtFull = fixedMs + decoding * decodeStepMs;
    addGaps(ofFull, this.#workAtFull, chunks, roomAtFull, stepsAtFull, variance, beside, beside);
    // No iteration takes longer than one that the token budget fills.
    const filledMs = stepsMs + room * work.prefillMs;
    const longerAtFull = Math.max(0, stepsAtFull + roomAtFull * prefillMs - filledMs);
    return Math.min(gapQuantile(p), filledMs + Math.min(1, ofFull / (1 - p)) * longerAtFull);
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
      serviceLawOf(station, outputCv, inputCv, true),
      station.maxQueueLength ?? Number.POSITIVE_INFINITY,
      station.maxBatchSize,
      { inputCv, outputCv, arrivalCv },
      {},
    ),
} satisfies QueueModel<typeof options>;
