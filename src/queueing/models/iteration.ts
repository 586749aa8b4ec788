import { type Static, Type } from '#typebox';
import type { ShiftedGamma } from '../../numerics/mixture.ts';
import type { Station } from '../../schemas/station.ts';
import { deterministicWaitShare } from '../deterministic-service.ts';
import { describeGaps, gapQuantile, newGaps, ttftQuantile } from '../iteration-percentiles.ts';
import { newIterationTimes, timesAtFull, timesBelowFull, type Work } from '../iteration-times.ts';
import { serviceLawOf } from '../law-of.ts';
import type { LinearLaw } from '../laws/linear.ts';
import type { Percentiles, Queue, QueueMetrics, QueueModel } from '../queue-model.ts';
import { lineBefore } from '../waiting-moments.ts';
import { stateDependentQueue } from './state-dependent.ts';

const Cv = (of: string) =>
  Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 5,
      default: 1,
      description: `Coefficient of variation of the ${of} lengths: 0 all the same, 1 exponential.`,
    }),
  );

const options = Type.Object(
  { inputCv: Cv('prompt'), outputCv: Cv('output') },
  { additionalProperties: false },
);
type Options = Required<Static<typeof options>>;

/** At rates below this (1/ms) all requests are alone. */
const LEAST_RATE = 1e-200;

// Scratch of one evaluation: written before it is read in each.
const below = newIterationTimes();
const atFull = newIterationTimes();
const wait = { share: Number.NaN, meanMs: Number.NaN, variance: Number.NaN };
const line = { mean: Number.NaN, variance: Number.NaN };
const quick: ShiftedGamma = { least: Number.NaN, mean: Number.NaN, variance: Number.NaN };
const slow: ShiftedGamma = { least: Number.NaN, mean: Number.NaN, variance: Number.NaN };
const gapsBelow = newGaps();
const gapsAtFull = newGaps();

/**
 * The chain of `state-dependent`, and beside it what the iterations do to one request. An arrival waits for the end of the iteration that
 * runs, joins the next together with all who came meanwhile, and sees their prefills in its own and in its first decode step. Whoever has
 * to wait for a place is helped by lengths that vary less than the chain's.
 */
class IterationQueue implements Queue {
  readonly maxBatchSize: number;
  readonly minRequestsPerSec: number;
  readonly maxRequestsPerSec: number;
  readonly #chain: Queue;
  readonly #law: LinearLaw;
  readonly #waitingRoom: number;
  readonly #options: Options;
  readonly #percentiles: Percentiles;
  readonly #work: Work;
  /** μ_N (1/ms). */
  readonly #fullRate: number;
  /** Squared coefficient of variation of the time between two that leave a full batch. */
  readonly #serviceCv2: number;

  constructor(
    law: LinearLaw,
    waitingRoom: number,
    maxBatchSize: number,
    options: Options,
    percentiles: Percentiles,
  ) {
    const chain = stateDependentQueue(law, waitingRoom, maxBatchSize);
    const chunks = law.chunks(maxBatchSize);
    const prefillMs = law.prefillWorkMs(chunks);
    this.maxBatchSize = maxBatchSize;
    this.minRequestsPerSec = chain.minRequestsPerSec;
    this.maxRequestsPerSec = chain.maxRequestsPerSec;
    this.#chain = chain;
    this.#law = law;
    this.#waitingRoom = waitingRoom;
    this.#options = options;
    this.#percentiles = percentiles;
    this.#fullRate = maxBatchSize / law.timeInServiceMs(maxBatchSize, chunks);
    this.#work = {
      fixedMs: law.alphaMs,
      decodeStepMs: law.decodeStepMs,
      prefillMs,
      prefillSquareMs2: prefillMs * prefillMs * (1 + options.inputCv ** 2),
      chunks,
      outputTokens: law.outputTokens,
    };
    // Between two that leave lie decode steps, as many as chance has it, and the prefill of the one that takes the place.
    const prefillShare = Math.min(1, prefillMs * this.#fullRate);
    const stepsCv = (1 - prefillShare) * options.outputCv;
    this.#serviceCv2 = stepsCv ** 2 + (prefillShare * options.inputCv) ** 2;
  }

  get estimates() {
    return this.#chain.atPercentiles!(this.#percentiles).estimates!;
  }

  withMaxBatchSize(maxBatchSize: number): Queue {
    return new IterationQueue(this.#law, this.#waitingRoom, maxBatchSize, this.#options, this.#percentiles);
  }

  atPercentiles(percentiles: Percentiles): Queue {
    return new IterationQueue(this.#law, this.#waitingRoom, this.maxBatchSize, this.#options, percentiles);
  }

  evaluate(requestsPerSec: number, metrics: QueueMetrics): void {
    const law = this.#law;
    const full = this.maxBatchSize;
    this.#chain.evaluate(requestsPerSec, metrics);
    const perMs = metrics.throughputPerSec / 1000;
    const serviceMs = perMs > LEAST_RATE ? metrics.inService / perMs : law.timeInServiceMs(1);
    const utilization = requestsPerSec / 1000 / this.#fullRate;
    this.#describeWaits(utilization, metrics.waitMs);
    const { share: waits, meanMs: waitMs } = wait;

    // Those that do not wait find the batch below N. With n in it on average no iteration runs with probability e^-n.
    const isFull = waits + metrics.lossFraction * (1 - waits);
    const found = isFull < 1 ? (metrics.inService - full * isFull) / (1 - isFull) : full - 1;
    const inBatch = Math.max(0, Math.min(full - 1, found));
    const isRunning = -Math.expm1(-inBatch);
    timesBelowFull(this.#work, inBatch, perMs, below);
    timesAtFull(this.#work, full, atFull);
    const besideMs = law.besideBatchMs;
    const residualMs = (isRunning * below.foundMs) / 2;
    const quickMs = residualMs + below.prefillMs + below.firstStepMs;
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
    metrics.responseMs = metrics.waitMs + serviceMs + besideMs;

    const { ttft, itl } = this.#percentiles;
    if (ttft === undefined && itl === undefined) return;
    // The spread of the batch: that of a negative binomial, within what a batch below N can have.
    const free = 1 - perMs * law.perRequestMs(this.#work.chunks);
    const spread = Math.min(inBatch / Math.max(free, 1e-9), inBatch * (full - 1 - inBatch));
    if (ttft !== undefined) metrics.ttftMs = this.#ttftAt(ttft, perMs, inBatch, isRunning, spread) + besideMs;
    if (itl !== undefined) {
      const ofFull = Math.min(1, (full * isFull) / metrics.inService);
      metrics.itlMs = this.#gapAt(itl, perMs, inBatch, spread, ofFull);
    }
  }

  /** Of those accepted, the share that finds the batch full, and how long they wait then. */
  #describeWaits(utilization: number, chainWaitMs: number): void {
    const waitingRoom = this.#waitingRoom;
    if (Number.isNaN(chainWaitMs)) {
      wait.share = 1;
      wait.meanMs = Number.NaN;
      wait.variance = Number.NaN;
      return;
    }
    wait.share = 0;
    wait.meanMs = 0;
    wait.variance = 0;
    if (waitingRoom === 0) return;
    lineBefore(utilization, waitingRoom, line);
    const placeMs = 1 / this.#fullRate;
    // Where the waiting room is all but full, its length decides, not how evenly the batch empties.
    const filled = Math.min(1, (2 * line.mean) / waitingRoom);
    const even = deterministicWaitShare(this.maxBatchSize, utilization);
    const cv2 = this.#serviceCv2;
    const factor = 1 + (cv2 + (1 - cv2) * even - 1) * (1 - filled);
    wait.share = Math.min(1, chainWaitMs / ((line.mean + 1) * placeMs));
    wait.meanMs = factor * (line.mean + 1) * placeMs;
    wait.variance = factor * factor * (line.mean + 1 + line.variance) * placeMs * placeMs;
  }

  #ttftAt(p: number, perMs: number, inBatch: number, isRunning: number, spread: number): number {
    const { fixedMs, decodeStepMs, prefillMs } = this.#work;
    const waits = wait.share;
    if (Number.isNaN(wait.meanMs)) return Number.NaN;
    const least = Math.max(0, 1 - this.#options.inputCv) * prefillMs + 2 * fixedMs + decodeStepMs;
    const share = Math.min(0.99, perMs * prefillMs);
    const foundMs = below.foundMs;
    // Residual, prefill and first step all grow with the batch that is found.
    const perOther = (2.5 * decodeStepMs) / (1 - share);
    const lowest = Math.max(0, inBatch - 2 * Math.sqrt(spread));
    quick.mean = (isRunning * foundMs) / 2 + below.prefillMs + below.firstStepMs;
    quick.variance =
      isRunning * ((foundMs * foundMs) / 12 + below.variance / 3) +
      isRunning * (1 - isRunning) * (foundMs / 2) ** 2 +
      below.firstTokenVariance +
      isRunning * share * below.variance * (1 + share) +
      perOther * perOther * spread;
    quick.least = Math.min(0.98 * quick.mean, least + 2 * lowest * decodeStepMs);
    if (waits === 0) return ttftQuantile(p, 0, quick, quick);
    slow.mean = wait.meanMs + atFull.prefillMs + atFull.firstStepMs;
    slow.variance = wait.variance + atFull.firstTokenVariance;
    slow.least = Math.min(0.98 * slow.mean, least + 2 * (this.maxBatchSize - 1) * decodeStepMs);
    return ttftQuantile(p, waits, quick, slow);
  }

  #gapAt(p: number, perMs: number, inBatch: number, spread: number, ofFull: number): number {
    const { fixedMs, decodeStepMs, prefillMs, chunks, outputTokens } = this.#work;
    const full = this.maxBatchSize;
    const leastPrefill = Math.max(0, 1 - this.#options.inputCv) * prefillMs;
    // A token sees a batch as often as there are tokens in it.
    const seen = inBatch > 0 ? Math.min(full - 1, Math.max(1, inBatch + spread / inBatch)) : 1;
    timesBelowFull(this.#work, seen, perMs, below);
    describeGaps(
      gapsBelow,
      1 - ofFull,
      fixedMs + seen * decodeStepMs,
      decodeStepMs * decodeStepMs * spread,
      below.meanMs,
      below.variance,
      perMs * below.meanMs,
      leastPrefill,
    );
    const joining = full / (chunks + outputTokens);
    const decoding = full - chunks * joining;
    describeGaps(
      gapsAtFull,
      ofFull,
      fixedMs + decoding * decodeStepMs,
      decodeStepMs * decodeStepMs * joining,
      atFull.meanMs,
      atFull.variance,
      joining,
      leastPrefill,
    );
    return gapQuantile(p, gapsBelow, gapsAtFull);
  }
}

export default {
  name: 'iteration',
  summary:
    'The chain of `state-dependent`, and beside it the iterations of one request: the rest of the one that runs, prefills of others beside its own, lengths that vary. Means and percentiles, held against simulation.',
  options,
  assumes:
    'Poisson arrivals; lengths that vary as `inputCv` and `outputCv` say; the law `linear` of service times (under the others its TTFT may be off by half, its ITL is not); prompts within the token budget of an iteration, or not far above.',
  cost: 'Half a microsecond; one or two at percentiles.',
  isLight: true,
  knowsResidual: true,
  roughnessFraction: 0.02,
  tellsPercentiles: true,
  prepare: (station: Station, { inputCv = 1, outputCv = 1 }: Partial<Options>): Queue =>
    new IterationQueue(
      serviceLawOf(station, outputCv),
      station.maxQueueLength ?? Number.POSITIVE_INFINITY,
      station.maxBatchSize,
      { inputCv, outputCv },
      {},
    ),
} satisfies QueueModel<typeof options>;
