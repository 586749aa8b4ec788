import type { LinearLaw } from './laws/linear.ts';

/** What an iteration takes (ms): see ServiceLaw. */
export interface IterationWork {
  /** α */
  fixedMs: number;
  /** One decode step of a request. */
  decodeStepMs: number;
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
}

export function newWork(): Work {
  const nan = Number.NaN;
  return {
    fixedMs: nan,
    decodeStepMs: nan,
    prefillMs: nan,
    prefillCv2: nan,
    chunks: nan,
    outputTokens: nan,
  };
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
}

/** Means of one request, and of the iterations that it sees. */
export interface IterationTimes {
  /** An iteration, as one that looks at iterations sees them … */
  meanMs: number;
  variance: number;
  /** … and the one that an arrival comes into, which is longer: E[T²]/E[T]. */
  foundMs: number;
  /** From joining the batch to the end of the prefill. */
  prefillMs: number;
  /** The first decode step. */
  firstStepMs: number;
}

export function newIterationTimes(): IterationTimes {
  const nan = Number.NaN;
  return {
    meanMs: nan,
    variance: nan,
    foundMs: nan,
    prefillMs: nan,
    firstStepMs: nan,
  };
}

/** Prefills may take no more than this share of the time; there is no such batch beyond. */
export const MOST_PREFILL = 0.99;

/**
 * A batch that is not full: whoever arrives joins the next iteration, so that an iteration brings in as many prefills as came during the
 * one before. With A = α + n·d and a prefill of w at rate λ its mean is A/(1 - λ·w), its variance λ·E[T]·E[w²]/(1 - (λ·w)²).
 *
 * @param decoding n: requests that decode
 * @param perMs λ: requests that join
 * @param times is overwritten
 */
export function timesBelowFull(work: Work, decoding: number, perMs: number, times: IterationTimes): void {
  const { fixedMs, decodeStepMs, prefillMs, chunks } = work;
  const prefillSquareMs2 = meanSquare(work);
  const steps = fixedMs + decoding * decodeStepMs;
  const share = Math.min(perMs * prefillMs, MOST_PREFILL);
  times.meanMs = steps / (1 - share);
  const spreadMs = (perMs * prefillSquareMs2) / (1 - share * share);
  times.variance = times.meanMs * spreadMs;
  times.foundMs = times.meanMs + spreadMs;
  // Those that came into the same iteration are prefilled beside it; each later chunk sees an iteration as it comes.
  const beside = perMs * times.foundMs;
  times.prefillMs = steps + (1 + beside) * prefillMs + (chunks - 1) * times.meanMs;
  const lastChunkMs = times.prefillMs / chunks;
  times.firstStepMs = steps + (1 + beside) * decodeStepMs + perMs * lastChunkMs * prefillMs;
}

/**
 * A full batch with a line before it: whoever joins takes the place of one that left, and the number that leaves an iteration, n/m on
 * average, does not depend on how long it takes.
 *
 * @param full N
 * @param times is overwritten
 */
export function timesAtFull(work: Work, full: number, times: IterationTimes): void {
  const { fixedMs, decodeStepMs, prefillMs, chunks, outputTokens } = work;
  const steps = chunks + outputTokens;
  const joining = full / steps;
  const beside = (full - 1) / steps;
  const decoding = full - chunks * joining;
  times.meanMs = fixedMs + decoding * decodeStepMs + joining * prefillMs;
  times.variance = joining * meanSquare(work);
  times.foundMs = times.meanMs;
  times.prefillMs =
    fixedMs + decoding * decodeStepMs + (1 + beside) * prefillMs + (chunks - 1) * times.meanMs;
  times.firstStepMs = fixedMs + (decoding + 1) * decodeStepMs + joining * prefillMs;
}

/** Variance of the prefill and the first step of a request that takes a place in a full batch (ms²). */
export function firstTokenVarianceAtFull(work: Work, full: number, times: IterationTimes): number {
  const { prefillMs, prefillCv2, chunks, outputTokens } = work;
  const others = (2 * full - 1) / (chunks + outputTokens);
  return prefillMs * prefillMs * prefillCv2 + others * meanSquare(work) + (chunks - 1) * times.variance;
}

/** E[w²] */
function meanSquare({ prefillMs, prefillCv2 }: Work): number {
  return prefillMs * prefillMs * (1 + prefillCv2);
}
