import { Mixture, type ShiftedGamma } from '../numerics/mixture.ts';
import { type IterationTimes, roomBeside, type Work } from './iteration-times.ts';

/** Iterations that bring in fewer prefills than this are told apart, the others are taken together. */
const TOLD_APART = 3;

/** What happens to so few gaps moves no percentile up to 0.999. */
const NEGLIGIBLE = 1e-7;

/** A step that hardly varies still needs some width, for a quantile to be continuous. */
const LEAST_DEVIATION = 1e-3;

/** -ln of a share that is all, and of one that is next to nothing. */
const LEAST_DECAY = 1e-9;
const MOST_DECAY = 50;

/** Gaps in a batch below N and at it, by the prefills of others in them. */
const mixture = new Mixture(2 * (TOLD_APART + 1));
const part: ShiftedGamma = { least: Number.NaN, mean: Number.NaN, variance: Number.NaN };

/** Forgets what was added. */
export function clear(): void {
  mixture.clear();
}

/**
 * Adds gaps between tokens at one level of the batch. The prefills that an iteration brings in are negative binomial: Poisson where
 * iterations do not vary, and more in clusters where one that took longer brings in more. Where the token budget evens them out, as many of
 * the iterations as the variance tells bring in the mean: a whole number next to it.
 *
 * @param share of all gaps
 * @param chunks iterations of a prefill
 * @param decoding requests that decode
 * @param decodingVariance the variance of that over the states
 * @param joining chunks of prefills in an iteration
 * @param joiningVariance the variance of that
 * @returns an iteration that the token budget fills (ms)
 */
function addGaps(
  share: number,
  work: Work,
  chunks: number,
  decoding: number,
  decodingVariance: number,
  joining: number,
  joiningVariance: number,
): number {
  const { decodeStepMs } = work;
  const stepsMs = work.fixedMs + decoding * decodeStepMs;
  const fillMs = roomBeside(work, decoding) * work.prefillMs;
  const filledMs = stepsMs + fillMs;
  if (share < NEGLIGIBLE) return filledMs;
  const stepsVariance = decodeStepMs * decodeStepMs * decodingVariance;
  const chunkMs = work.prefillMs / chunks;
  // All chunks of a prompt but the last fill the budget, and that one anything of it.
  const chunkRoomMs = fillMs / chunks;
  const told = Math.min(
    Math.max(work.prefillCv2, chunks - 1) * chunkMs * chunkMs,
    (chunks / 3 - 1 / 4) * chunkRoomMs * chunkRoomMs,
  );
  const variance = told > (LEAST_DEVIATION * stepsMs) ** 2 ? told : 0;
  const leastMs = Math.max(0, chunkMs - Math.sqrt(variance));
  const cluster = joining > 0 ? Math.max(0, joiningVariance / joining - 1) : 0;
  const partly = joining % 1;
  const evenVariance = partly * (1 - partly);
  const lacking = joining - joiningVariance;
  const even = lacking > 0 ? Math.min(1, lacking / (joining - evenVariance)) : 0;
  let chance = (1 - even) * Math.exp(cluster > 1e-9 ? (-joining * Math.log1p(cluster)) / cluster : -joining);
  let probability = chance + even * Math.max(0, 1 - joining);
  let rest = 1;
  let restCount = joining;
  let restSquare = Math.max(joiningVariance, evenVariance) + joining * joining;
  mixture.addNormal(
    share * probability,
    stepsMs,
    Math.max(Math.sqrt(stepsVariance), LEAST_DEVIATION * stepsMs),
  );
  for (let k = 1; k < TOLD_APART; k++) {
    rest -= probability;
    if (share * rest < NEGLIGIBLE) return filledMs;
    chance *= (joining + (k - 1) * cluster) / ((1 + cluster) * k);
    probability = chance + even * Math.max(0, 1 - Math.abs(joining - k));
    restCount -= k * probability;
    restSquare -= k * k * probability;
    part.least = stepsMs + k * leastMs;
    part.mean = stepsMs + k * chunkMs;
    part.variance = k * variance + stepsVariance;
    mixture.addGamma(share * probability, part);
  }
  rest -= probability;
  if (share * rest < NEGLIGIBLE) return filledMs;
  const count = Math.max(TOLD_APART, restCount / rest);
  part.least = stepsMs + TOLD_APART * leastMs;
  part.mean = stepsMs + count * chunkMs;
  part.variance =
    Math.max(0, restSquare / rest - count * count) * chunkMs * chunkMs + count * variance + stepsVariance;
  mixture.addGamma(share * rest, part);
  return filledMs;
}

/**
 * Adds the gaps in a batch below N, which brings in more where iterations vary, and arrivals come in clusters.
 *
 * @param share of all gaps
 * @param times of the iterations that a token sees
 * @param perMs requests that join
 * @returns an iteration that the token budget fills (ms)
 */
export function addGapsBelowFull(
  share: number,
  work: Work,
  times: IterationTimes,
  perMs: number,
  decoding: number,
  decodingVariance: number,
): number {
  const { ownChunks, evened } = times;
  const joining = perMs * ownChunks * times.meanMs;
  const clusters = Math.max(0, perMs * perMs * times.variance + joining * times.clusters);
  const joiningVariance = joining + (1 - evened) * clusters - evened * joining * joining;
  return addGaps(share, work, ownChunks, decoding, decodingVariance, joining, joiningVariance);
}

/**
 * Adds the gaps in a full batch: who joins took the place of another, and of N there are N - 1 that see its prefill.
 *
 * @param share of all gaps
 * @param times of the full batch
 * @param full N
 * @returns an iteration that the token budget fills (ms)
 */
export function addGapsAtFull(share: number, work: Work, times: IterationTimes, full: number): number {
  const { chunks, outputTokens } = work;
  const iterations = times.chunks + outputTokens;
  const decoding = (outputTokens * full) / iterations;
  const beside = (chunks * (full - 1)) / iterations;
  return addGaps(share, work, chunks, decoding, beside, beside, beside);
}

/**
 * Adds the times to first token.
 *
 * @param waits share of those that wait for a place
 */
export function addFirstTokens(waits: number, quick: ShiftedGamma, slow: ShiftedGamma): void {
  mixture.addGamma(1 - waits, quick);
  mixture.addGamma(waits, slow);
}

/**
 * What a share `p` of those added does not exceed, and `laterMs` more; against a bound, what it would be if the share beyond fell
 * exponentially up to there: on the same side of the bound, and without a search.
 *
 * @param boundMs undefined or Infinity: none
 */
export function percentileMs(p: number, laterMs: number, boundMs = Number.POSITIVE_INFINITY): number {
  if (boundMs === Number.POSITIVE_INFINITY) return laterMs + mixture.quantile(p);
  const decay = -Math.log(mixture.tail(boundMs - laterMs));
  return (boundMs * -Math.log1p(-p)) / Math.min(MOST_DECAY, Math.max(LEAST_DECAY, decay));
}
