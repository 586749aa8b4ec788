import type { Observation, Rejection } from '../schemas/observation.ts';
import type { Sighting } from '../schemas/tune-state.ts';
import type { Track } from './estimator.ts';
import type { Expectation } from './expectation.ts';

/** Batch limit of a replica that does not tell its own. */
const DEFAULT_BATCH_SIZE = 256;

/** Below this share of what was offered, what was completed says that the replica fell behind. */
const LEAST_COMPLETED = 0.9;
/** At this share of the batch limit, so does the concurrency. */
const FULL_BATCH = 0.98;
/** A rate above this share of the highest stable one overloads the replica, if its TTFT is beyond what it would be there. */
const STABLE_SHARE = 0.97;

const MEASURED = ['requestsPerSec', 'inputTokens', 'outputTokens', 'ttftMs', 'itlMs'] as const;

/** What was seen, if its figures are sound; else why not. What is not known is never 0, and 0 is never a latency. */
export function screened(
  observation: Observation,
  seenUntil: string | null,
  maxAgeSec: number,
): Sighting | Rejection {
  const figures = MEASURED.map((name) => observation[name]);
  if (figures.some((value) => value === null || value === undefined)) return 'missing';
  const optional = [observation.throughputPerSec, observation.meanConcurrency, observation.ageSec];
  if (![...figures, ...optional.filter((value) => value != null)].every(Number.isFinite))
    return 'not-a-number';
  const [requestsPerSec, inputTokens, outputTokens, ttftMs, itlMs] = figures as number[];
  if (requestsPerSec === 0 || outputTokens < 1 || ttftMs === 0 || itlMs === 0) return 'zero';
  const { cachedInputTokens, maxQueueLength, maxBatchTokens, ageSec, observedAt } = observation;
  const { maxBatchSize = DEFAULT_BATCH_SIZE, throughputPerSec, meanConcurrency } = observation;
  if ([requestsPerSec, ttftMs, itlMs].some((value) => value < 0) || (cachedInputTokens ?? 0) > inputTokens) {
    return 'impossible';
  }
  if ((ageSec ?? 0) > maxAgeSec) return 'stale';
  if (observedAt !== undefined && seenUntil !== null && Date.parse(observedAt) <= Date.parse(seenUntil)) {
    return 'stale';
  }
  const fellBehind = throughputPerSec != null && throughputPerSec < LEAST_COMPLETED * requestsPerSec;
  if (fellBehind || (meanConcurrency != null && meanConcurrency >= FULL_BATCH * maxBatchSize))
    return 'overloaded';
  return {
    requestsPerSec,
    inputTokens,
    outputTokens,
    maxBatchSize,
    ...(maxQueueLength !== undefined && { maxQueueLength }),
    ...(maxBatchTokens !== undefined && { maxBatchTokens }),
    ...(cachedInputTokens !== undefined && { cachedInputTokens }),
    ttftMs,
    itlMs,
    accepted: false,
  };
}

/**
 * Whether a replica with these parameters could not serve what was offered, and shows it: its TTFT then tells how long that has lasted. A
 * TTFT that is as it should be speaks against the parameters instead.
 */
export function isOverloaded(sighting: Sighting, { belief }: Track, expectation: Expectation): boolean {
  const limit = expectation.limit(sighting, belief!.mean, STABLE_SHARE);
  return sighting.requestsPerSec > STABLE_SHARE * limit.maxRequestsPerSec && sighting.ttftMs > limit.ttftMs;
}
