import type { ServiceTime } from '../schemas/model.ts';

/** How long an iteration takes, from what is done in it: see iterationMs. */
export interface IterationTime {
  readonly alphaMs: number;
  readonly betaMsPerToken: number;
  readonly gammaMsPerToken2: number;
  readonly prefillMsPerToken2: number;
  /** β_d - β: what a token that is decoded takes beyond one of a prompt, ms/token. */
  readonly ownDecodeMsPerToken: number;
  /** p - 1 of the law `power`: the work of a batch grows as a power of its requests; absent: 0. */
  readonly excessExponent?: number;
  /** K of the law `two-regime`, from which on each token computed costs β' more; absent: no such knee. */
  readonly kneeTokens?: number;
  readonly betaBeyondKneeMsPerToken?: number;
  /** What a request takes beside the iterations, before its first token: its overhead, ms … */
  readonly overheadMs: number;
  /** … and for each computed prompt token, ms/token. */
  readonly ownPrefillMsPerToken: number;
}

/**
 * The law of an iteration by the parameters of a profile. `residualIterations` is left out: the wait for the iteration under way is
 * simulated. `prefillMsPerToken` is, as in the queue models, a matter of the request alone, not of the others in its batch.
 */
export function iterationTime(serviceTime: ServiceTime): IterationTime {
  const { alphaMs, betaMsPerToken, gammaMsPerToken2 } = serviceTime;
  const { prefillMsPerToken2 = 0, prefillMsPerToken = betaMsPerToken, requestOverheadMs = 0 } = serviceTime;
  const { decodeMsPerToken = betaMsPerToken } = serviceTime;
  return {
    alphaMs,
    betaMsPerToken,
    gammaMsPerToken2,
    prefillMsPerToken2,
    ownDecodeMsPerToken: decodeMsPerToken - betaMsPerToken,
    ...ofLaw(serviceTime),
    overheadMs: requestOverheadMs,
    ownPrefillMsPerToken: prefillMsPerToken - betaMsPerToken,
  };
}

/** What a law has beside the parameters of all of them. */
function ofLaw({ law, batchExponent, kneeTokens, betaBeyondKneeMsPerToken }: ServiceTime) {
  if (law === 'power') return { excessExponent: batchExponent! - 1 };
  if (law === 'two-regime') {
    return { kneeTokens: kneeTokens!, betaBeyondKneeMsPerToken: betaBeyondKneeMsPerToken! };
  }
  return {};
}

/**
 * α + (β·computed + (β_d - β)·decoded + γ·read + κ·attended)·B^(p-1) + β'·max(0, computed - K)
 *
 * @param computed tokens computed
 * @param decoded how many of them are decoded: of decode steps, not of prompts
 * @param read tokens of context read
 * @param attended pairs of a prompt's tokens that attend to each other, counted twice
 * @param inBatch B: requests in the batch, at least 1
 */
export function iterationMs(
  time: IterationTime,
  computed: number,
  decoded: number,
  read: number,
  attended: number,
  inBatch: number,
): number {
  const { alphaMs, betaMsPerToken, gammaMsPerToken2, prefillMsPerToken2, ownDecodeMsPerToken } = time;
  const { excessExponent = 0, kneeTokens, betaBeyondKneeMsPerToken = 0 } = time;
  const tokensMs = betaMsPerToken * computed + ownDecodeMsPerToken * decoded;
  const workMs = tokensMs + gammaMsPerToken2 * read + prefillMsPerToken2 * attended;
  const scaledMs = excessExponent === 0 ? workMs : workMs * inBatch ** excessExponent;
  const beyond = kneeTokens === undefined ? 0 : Math.max(0, computed - kneeTokens);
  return alphaMs + scaledMs + betaBeyondKneeMsPerToken * beyond;
}
