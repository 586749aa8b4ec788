import type { ServiceTime } from '../schemas/model.ts';

/**
 * How long an iteration takes, from what is done in it: α + β·(tokens computed) + γ·(tokens of context read) + κ·(pairs of a prompt's
 * tokens that attend to each other, counted twice).
 */
export interface IterationTime {
  readonly alphaMs: number;
  readonly betaMsPerToken: number;
  readonly gammaMsPerToken2: number;
  readonly prefillMsPerToken2: number;
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
  return {
    alphaMs,
    betaMsPerToken,
    gammaMsPerToken2,
    prefillMsPerToken2,
    overheadMs: requestOverheadMs,
    ownPrefillMsPerToken: prefillMsPerToken - betaMsPerToken,
  };
}
