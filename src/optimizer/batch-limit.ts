import type { Server } from '../schemas/fleet.ts';
import { DEFAULT_LIMITS } from '../schemas/limits.ts';
import type { Profile } from '../schemas/model.ts';

/** Where the search for a batch limit starts when the profile names no ceiling. */
const DEFAULT_CEILING = 256;

export interface BatchLimitRule {
  readonly maxBatchSize: number;
  /** The limit is to be searched below `maxBatchSize`. */
  readonly isCeiling: boolean;
}

/**
 * The batch limit of a server on a profile: the server's; else the profile's, scaled from the tokens at which it was
 * measured; else a ceiling for the search. In any case what the KV cache can hold.
 *
 * @param outputTokens > 0
 * @returns null when the KV cache cannot hold one request
 */
export function batchLimit(
  server: Server,
  profile: Profile,
  inputTokens: number,
  outputTokens: number,
): BatchLimitRule | null {
  const largest = Math.min(DEFAULT_LIMITS.MAX_BATCH_SIZE, kvCacheLimit(profile, inputTokens + outputTokens));
  if (largest < 1) return null;
  const { maxBatchSize, atTokens } = profile;
  if (server.maxBatchSize) return { maxBatchSize: Math.min(largest, server.maxBatchSize), isCeiling: false };
  if (maxBatchSize && atTokens) {
    const scaled = Math.max(1, Math.floor((maxBatchSize * atTokens) / outputTokens));
    return { maxBatchSize: Math.min(largest, scaled), isCeiling: false };
  }
  return { maxBatchSize: Math.min(largest, maxBatchSize ?? DEFAULT_CEILING), isCeiling: true };
}

/** The batch limit without a load to scale it to: the server's, else the profile's as it stands; what the KV cache can hold. */
export function unscaledBatchLimit(server: Server, profile: Profile, tokensPerRequest: number): number {
  const limit = server.maxBatchSize ?? profile.maxBatchSize ?? DEFAULT_CEILING;
  return tokensPerRequest > 0 ? Math.max(1, Math.min(limit, kvCacheLimit(profile, tokensPerRequest))) : limit;
}

function kvCacheLimit({ kvCacheTokens }: Profile, tokensPerRequest: number): number {
  return kvCacheTokens === undefined
    ? Number.POSITIVE_INFINITY
    : Math.floor(kvCacheTokens / tokensPerRequest);
}
