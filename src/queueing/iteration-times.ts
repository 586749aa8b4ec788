import { evenedOut, iterationsOf, leftOver, within } from './budget-queue.ts';
import type { LinearLaw } from './laws/linear.ts';
import { clusterAfter, clusterAround } from './variability.ts';

/** What an iteration takes (ms): see ServiceLaw. */
export interface IterationWork {
  /** α */
  fixedMs: number;
  /** One decode step of a request, whatever it has written … */
  decodeStepMs: number;
  /** … its variance (ms²) … */
  stepVariance: number;
  /** … and the first one. */
  freshStepMs: number;
  /** Mean prefill of a request, in all its chunks. */
  prefillMs: number;
}

/** What an iteration does, at some batch: times in ms, rates per ms. */
export interface Work extends IterationWork {
  /** Squared coefficient of variation of a prefill. */
  prefillCv2: number;
  /** Iterations that a prefill takes. */
  chunks: number;
  /** Mean output length. */
  outputTokens: number;
  /** Token budget of an iteration … */
  budgetTokens: number;
  /** … and tokens of the mean prompt that are computed. */
  promptTokens: number;
}

export function newWork(): Work {
  const nan = Number.NaN;
  return {
    fixedMs: nan,
    decodeStepMs: nan,
    stepVariance: nan,
    freshStepMs: nan,
    prefillMs: nan,
    prefillCv2: nan,
    chunks: nan,
    outputTokens: nan,
    budgetTokens: nan,
    promptTokens: nan,
  };
}

/** No prompt is shorter: so many of none fill no budget. */
const LEAST_PROMPT = 1e-9;

/** Prompts that fill what so many that decode leave of the token budget. */
export function roomBeside({ budgetTokens, promptTokens }: Work, decoding: number): number {
  return Math.max(1, budgetTokens - decoding) / Math.max(promptTokens, LEAST_PROMPT);
}

/**
 * What an iteration does near a batch of `batchSize`.
 *
 * @param inputCv coefficient of variation of the prompt lengths
 * @param work is overwritten
 */
export function describeWork(
  work: Work,
  law: LinearLaw,
  batchSize: number,
  chunks: number,
  inputCv: number,
): void {
  law.workNear(batchSize, chunks, work);
  work.prefillCv2 = inputCv * inputCv;
  work.chunks = chunks;
  work.outputTokens = law.outputTokens;
  work.budgetTokens = law.budget;
  work.promptTokens = law.computedTokens;
}

/** Means of one request, and of the iterations that it sees. */
export interface IterationTimes {
  /** An iteration, as one that looks at iterations sees them … */
  meanMs: number;
  variance: number;
  /** … and the one that an arrival comes into, which is longer: E[T²]/E[T]. */
  foundMs: number;
  /** From joining the batch to the end of the prefill, were all that come together prefilled together … */
  prefillMs: number;
  /** … and longer than that, as the token budget has it: mean … */
  queueMs: number;
  /** … variance and third cumulant. */
  queueVariance: number;
  queueThird: number;
  /** Iterations that the prefill takes … */
  chunks: number;
  /** … and those of them that it would take alone. */
  ownChunks: number;
  /** What the token budget takes of the variance of what an iteration prefills (share). */
  evened: number;
  /** The first decode step. */
  firstStepMs: number;
  /** Requests that come during the iteration found, beside the one that looks … */
  beside: number;
  /** … and during its last chunk. */
  later: number;
  /** Variance of the arrivals in an iteration over their mean, less 1 … */
  clusters: number;
  /** … and of those in the one that is found. */
  foundClusters: number;
}

export function newIterationTimes(): IterationTimes {
  const nan = Number.NaN;
  return {
    meanMs: nan,
    variance: nan,
    foundMs: nan,
    prefillMs: nan,
    queueMs: nan,
    queueVariance: nan,
    queueThird: nan,
    chunks: nan,
    ownChunks: nan,
    evened: nan,
    firstStepMs: nan,
    beside: nan,
    later: nan,
    clusters: nan,
    foundClusters: nan,
  };
}

/** Prefills may take no more than this share of the time; there is no such batch beyond. */
export const MOST_PREFILL = 0.99;

/**
 * Iterations of a batch that is not full: whoever arrives joins the next, so that an iteration brings in as many prefills as came during
 * the one before. With A = α + n·d and a prefill of w at rate λ its mean is A/(1 - λ·w), its variance λ·E[T]·E[w²]/(1 - (λ·w)²), of which
 * the token budget evens some out.
 *
 * @param decoding n: requests that decode
 * @param perMs λ: requests that join
 * @param times its mean, variance, clusters, own chunks and what is evened out are overwritten
 * @returns variance over mean (ms)
 */
export function iterationsBelowFull(
  work: Work,
  decoding: number,
  perMs: number,
  arrivalCv2: number,
  times: IterationTimes,
): number {
  const { prefillMs, prefillCv2 } = work;
  const steps = work.fixedMs + decoding * work.decodeStepMs;
  const share = Math.min(perMs * prefillMs, MOST_PREFILL);
  const room = roomBeside(work, decoding);
  times.meanMs = steps / (1 - share);
  times.clusters = clusterAround(arrivalCv2, perMs * times.meanMs);
  times.ownChunks = iterationsOf(1 / room, prefillCv2);
  times.evened = evenedOut(room, perMs * (prefillMs + steps / room), prefillCv2);
  const spreadMs = ((1 - times.evened) * perMs * meanSquare(work, times.clusters)) / (1 - share * share);
  times.variance = times.meanMs * spreadMs;
  return spreadMs;
}

/** The same, and what a request sees of such iterations: all of `times` is overwritten. */
export function timesBelowFull(
  work: Work,
  decoding: number,
  perMs: number,
  arrivalCv2: number,
  times: IterationTimes,
): void {
  const spreadMs = iterationsBelowFull(work, decoding, perMs, arrivalCv2, times);
  const { fixedMs, decodeStepMs, stepVariance, freshStepMs, prefillMs, prefillCv2 } = work;
  const { evened } = times;
  const steps = fixedMs + decoding * decodeStepMs;
  const room = roomBeside(work, decoding);
  const share = Math.min(perMs * prefillMs, MOST_PREFILL);
  const before = clusterAfter(arrivalCv2, perMs * (1.5 * times.meanMs + prefillMs)) - times.clusters / 2;
  // Long contexts make long iterations, which are found more often, and stay.
  const foundSteps = steps > 0 ? steps + (decoding * stepVariance) / steps : 0;
  const clusteredMs = (1 - evened) * before * prefillMs;
  times.foundMs = times.meanMs + (foundSteps - steps) / (1 - share) + spreadMs + clusteredMs;
  // Those that came into the same iteration are prefilled beside it; each later chunk sees an iteration as it comes.
  const clusters = clusterAround(arrivalCv2, perMs * times.foundMs);
  times.foundClusters = clusters;
  const beside = Math.max(0, perMs * times.foundMs + clusters);
  times.prefillMs = foundSteps + (1 + beside) * prefillMs + (work.chunks - 1) * times.meanMs;

  // In turn: what is left over and half of those that came with it are before it, the others, and who comes later, fill up its last iteration.
  const promptMs = prefillMs + steps / room;
  const left = Math.min(leftOver(evened, perMs * promptMs, prefillCv2), decoding);
  const prompts = 1 + beside / 2 + left;
  const chunks = iterationsOf(prompts / room, prefillCv2);
  const behind = beside / 2 + perMs * (chunks - 1) * times.meanMs;
  const joined = within(behind, Math.max(0, chunks * room - prompts), prefillCv2);
  const inTurnMs = foundSteps + (chunks - 1) * steps + (prompts + joined) * prefillMs;
  times.queueMs = inTurnMs - times.prefillMs;
  // Takács: E[W²] = 2·E[W]² + λ·E[S³]/(3·(1 - ρ)); skewed as a gamma variable of that mean and variance.
  const scaleMs = (left + (2 / 3) * (1 + 2 * prefillCv2)) * promptMs;
  times.queueVariance = left * promptMs * scaleMs;
  times.queueThird = 2 * times.queueVariance * scaleMs;
  times.chunks = chunks;

  const lastChunkMs = inTurnMs / chunks;
  const after = clusterAfter(arrivalCv2, perMs * (times.foundMs / 2 + lastChunkMs)) - clusters / 2;
  const later = Math.max(0, perMs * lastChunkMs + after);
  times.beside = beside;
  times.later = later;
  times.firstStepMs =
    foundSteps + (1 + beside) * freshStepMs + within(later + behind - joined, room, prefillCv2) * prefillMs;
}

/**
 * A full batch with a line before it: whoever joins takes the place of one that left, and the number that leaves an iteration, n/m on
 * average, does not depend on how long it takes.
 *
 * @param full N
 * @param chunks iterations of a prefill, those that it waits for the token budget among them
 * @param times is overwritten
 */
export function timesAtFull(work: Work, full: number, chunks: number, times: IterationTimes): void {
  const { fixedMs, decodeStepMs, freshStepMs, prefillMs, outputTokens } = work;
  const steps = chunks + outputTokens;
  const joining = full / steps;
  const beside = (full - 1) / steps;
  const decoding = full - chunks * joining;
  times.meanMs = fixedMs + decoding * decodeStepMs + joining * prefillMs;
  times.variance = joining * meanSquare(work);
  times.foundMs = times.meanMs;
  times.prefillMs =
    fixedMs + decoding * decodeStepMs + (1 + beside) * prefillMs + (chunks - 1) * times.meanMs;
  times.queueMs = 0;
  times.queueVariance = 0;
  times.queueThird = 0;
  times.chunks = chunks;
  times.ownChunks = chunks;
  times.evened = 0;
  times.firstStepMs = fixedMs + decoding * decodeStepMs + freshStepMs + joining * prefillMs;
}

/**
 * E[w²] of a prefill, and with clusters what each arrival adds to the variance of a sum over a time, never below 0.
 *
 * @param clusters variance of the arrivals over their mean, less 1; 0: Poisson arrivals
 */
export function meanSquare({ prefillMs, prefillCv2 }: Work, clusters = 0): number {
  return prefillMs * prefillMs * Math.max(0, 1 + prefillCv2 + clusters);
}
