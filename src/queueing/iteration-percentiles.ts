import { Mixture, type ShiftedGamma } from '../numerics/mixture.ts';
import type { Work } from './iteration-times.ts';

/** Iterations that bring in fewer prefills than this are told apart, the others are taken together. */
const TOLD_APART = 3;

/** What happens to so few gaps moves no percentile up to 0.999. */
const NEGLIGIBLE = 1e-7;

/** A step that hardly varies still needs some width, for a quantile to be continuous. */
const LEAST_DEVIATION = 1e-3;

/** Prefills that come one by one, as in turn, are binomial; not so much so that none is certain. */
const LEAST_CLUSTER = -0.999;

/** Gaps in a batch below N and at it, by the prefills of others in them. */
const mixture = new Mixture(2 * (TOLD_APART + 1));
const part: ShiftedGamma = { least: Number.NaN, mean: Number.NaN, variance: Number.NaN };

/** Forgets the gaps that were added. */
export function clearGaps(): void {
  mixture.clear();
}

/**
 * Adds gaps between tokens at one level of the batch. The prefills that an iteration brings in are negative binomial: Poisson where
 * iterations do not vary, and more in clusters where one that took longer brings in more.
 *
 * @param share of all gaps
 * @param stepsMs of an iteration without prefills
 * @param stepsVariance the variance of that over the states (ms²)
 * @param joining chunks of prefills in an iteration
 * @param joiningVariance the variance of that, at least the mean
 */
export function addGaps(
  share: number,
  work: Work,
  chunks: number,
  room: number,
  stepsMs: number,
  stepsVariance: number,
  joining: number,
  joiningVariance: number,
): void {
  if (share < NEGLIGIBLE) return;
  const chunkMs = work.prefillMs / chunks;
  // All chunks of a prompt but the last fill the budget, and that one anything of it.
  const filledMs = (room * work.prefillMs) / chunks;
  const told = Math.min(
    Math.max(work.prefillCv2, chunks - 1) * chunkMs * chunkMs,
    (chunks / 3 - 1 / 4) * filledMs * filledMs,
  );
  const variance = told > (LEAST_DEVIATION * stepsMs) ** 2 ? told : 0;
  const leastMs = Math.max(0, chunkMs - Math.sqrt(variance));
  const cluster = joining > 0 ? Math.max(LEAST_CLUSTER, joiningVariance / joining - 1) : 0;
  let probability = Math.exp(
    Math.abs(cluster) > 1e-9 ? (-joining * Math.log1p(cluster)) / cluster : -joining,
  );
  let rest = 1;
  let restCount = joining;
  let restSquare = joining * (1 + cluster) + joining * joining;
  mixture.addNormal(
    share * probability,
    stepsMs,
    Math.max(Math.sqrt(stepsVariance), LEAST_DEVIATION * stepsMs),
  );
  for (let k = 1; k < TOLD_APART; k++) {
    rest -= probability;
    if (share * rest < NEGLIGIBLE) return;
    probability *= Math.max(0, joining + (k - 1) * cluster) / ((1 + cluster) * k);
    restCount -= k * probability;
    restSquare -= k * k * probability;
    part.least = stepsMs + k * leastMs;
    part.mean = stepsMs + k * chunkMs;
    part.variance = k * variance + stepsVariance;
    mixture.addGamma(share * probability, part);
  }
  rest -= probability;
  if (share * rest < NEGLIGIBLE) return;
  const count = Math.max(TOLD_APART, restCount / rest);
  part.least = stepsMs + TOLD_APART * leastMs;
  part.mean = stepsMs + count * chunkMs;
  part.variance =
    Math.max(0, restSquare / rest - count * count) * chunkMs * chunkMs + count * variance + stepsVariance;
  mixture.addGamma(share * rest, part);
}

/** The gap that a share `p` of those added does not exceed. */
export function gapQuantile(p: number): number {
  return mixture.quantile(p);
}

/**
 * The time to first token that a share `p` of requests does not exceed.
 *
 * @param waits share of those that wait for a place
 */
export function ttftQuantile(p: number, waits: number, quick: ShiftedGamma, slow: ShiftedGamma): number {
  mixture.clear();
  mixture.addGamma(1 - waits, quick);
  mixture.addGamma(waits, slow);
  return mixture.quantile(p);
}
