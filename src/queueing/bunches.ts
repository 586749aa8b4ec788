import { type IterationTimes, MOST_PREFILL, type Work } from './iteration-times.ts';

// A long iteration brings many in, whose prefills make the next ones long: iterations come in bunches, which the chain, in which prefills are
// spread evenly, does not see.

/** So many steps after the first are told by what is left of the stay alone. */
const FEW_STEPS = 8;

/** Of less than this the logarithm is that of nothing. */
const LEAST_SHARE = 1e-300;

/** Lengths that vary less are all the same. */
const LEAST_CV2 = 1e-3;

/**
 * What bunches add to a stay (ms):
 * - Of those who join with a request λ·Var[T]/E[T] are more than the average. Each brings its prefill and the decode steps that it has beside
 *   the request, and who comes meanwhile as much.
 * - What its own prefill brings in shrinks by λ·w each iteration; what of that comes after its last step the chain counts, and it does not see.
 *
 * @param work of an iteration about it
 * @param times of a batch that is not full
 * @param perMs λ: requests that join
 * @param outputCv coefficient of variation of the output lengths
 */
export function bunchMs(work: Work, times: IterationTimes, perMs: number, outputCv: number): number {
  // Of two with lengths that vary exponentially the one has, on average, half of its steps beside the other.
  const togetherMs = work.prefillMs + (work.outputTokens * work.decodeStepMs) / (1 + outputCv * outputCv);
  const beyond = times.meanMs > 0 ? (perMs * times.variance) / times.meanMs : 0;
  const withIt = (beyond * togetherMs) / (1 - Math.min(perMs * togetherMs, MOST_PREFILL));
  return withIt - afterwardsMs(work, times, perMs) * unseen(work, perMs, outputCv);
}

/** The mean of so few steps after the first that what the prefill brought in is not over (ms); decode steps are those of the mean batch. */
export function fewStepsMs(work: Work, times: IterationTimes, perMs: number, outputCv: number): number {
  const seen = 1 - unseen(work, perMs, outputCv);
  return times.meanMs + (afterwardsMs(work, times, perMs) * seen) / (work.outputTokens - 1);
}

/** Whether what is left of a stay says little of the steps after the first. */
export function areFew(outputTokens: number): boolean {
  return outputTokens - 1 < FEW_STEPS;
}

/** Mean step after the first (ms): from what is left of the stay for all of them, and of a few also from what they are by themselves. */
export function meanStepMs(outputTokens: number, leftMs: number, fewMs: number): number {
  const steps = outputTokens - 1;
  return areFew(outputTokens) ? leftMs / FEW_STEPS + (1 - steps / FEW_STEPS) * fewMs : leftMs / steps;
}

/** What a prefill and those who joined with it add to all iterations after the first decode step (ms). */
function afterwardsMs({ prefillMs, chunks }: Work, times: IterationTimes, perMs: number): number {
  const share = Math.min(perMs * prefillMs, MOST_PREFILL);
  return (Math.max(0, times.prefillMs - chunks * times.meanMs) * share * share) / (1 - share);
}

/** The share of that which comes after the last step: (λ·w)^(m - 1); of lengths that vary the mean, as of a gamma variable. */
function unseen({ prefillMs, outputTokens }: Work, perMs: number, outputCv: number): number {
  const cv2 = outputCv * outputCv;
  const share = Math.max(LEAST_SHARE, Math.min(perMs * prefillMs, MOST_PREFILL));
  const decay = -Math.log(share) * Math.max(0, outputTokens - 1);
  return cv2 > LEAST_CV2 ? (1 + cv2 * decay) ** (-1 / cv2) : Math.exp(-decay);
}
