import type { Arrivals, Lengths } from '../schemas/simulation-process.ts';
import { arrivalTimes } from './arrivals.ts';
import type { Uniform } from './random.ts';
import { SimulatedRequest } from './request.ts';
import { cachedShareOf, type MeanTokens, type RequestSizes, requestSizes } from './token-lengths.ts';

/** What requests are made of; the mean rate is of arrivals that have none of their own. */
export interface Stream {
  readonly arrivals: Arrivals;
  readonly requestsPerSec: number;
  readonly lengths: Lengths;
  readonly means: MeanTokens;
}

/** The requests in the order in which they arrive; null: no more do. */
export function requestsOf(
  { arrivals, requestsPerSec, lengths, means }: Stream,
  ofTimes: Uniform,
  ofInputs: Uniform,
  ofOutputs: Uniform,
): () => SimulatedRequest | null {
  if (arrivals.kind === 'trace') {
    let next = 0;
    const cachedShare = cachedShareOf(means);
    return () => {
      const traced = arrivals.requests[next++];
      if (!traced) return null;
      const { atSec, inputTokens, outputTokens } = traced;
      return new SimulatedRequest(
        1000 * atSec,
        inputTokens,
        outputTokens,
        Math.floor(cachedShare * inputTokens),
      );
    };
  }
  const arrival = arrivalTimes(arrivals, requestsPerSec, ofTimes);
  const sizes = requestSizes(lengths, means, ofInputs, ofOutputs);
  return () => {
    const atMs = arrival();
    return atMs === Number.POSITIVE_INFINITY ? null : nextRequest(sizes, atMs);
  };
}

/** The next request of some sizes. */
export function nextRequest(sizes: RequestSizes, atMs: number): SimulatedRequest {
  sizes.next();
  return new SimulatedRequest(atMs, sizes.inputTokens, sizes.outputTokens, sizes.cachedInputTokens);
}
