import type { Station } from '../schemas/station.ts';
import type { ReplicaLimits } from '../simulator/replica.ts';
import { DEFAULT_MAX_BATCH_TOKENS } from './service-law.ts';

type Told = Pick<Station, 'maxBatchSize' | 'maxQueueLength' | 'maxBatchTokens'> & {
  readonly kvCacheTokens?: number | undefined;
};

/** The limits of a replica that is simulated: what is not told is unlimited, but for the token budget of an iteration. */
export function replicaLimits({
  maxBatchSize,
  maxQueueLength = Number.POSITIVE_INFINITY,
  maxBatchTokens = DEFAULT_MAX_BATCH_TOKENS,
  kvCacheTokens = Number.POSITIVE_INFINITY,
}: Told): ReplicaLimits {
  return { maxBatchSize, maxQueueLength, maxBatchTokens, kvCacheTokens };
}
