import type { InfernoReplica } from '../schemas/inferno-tuner.ts';
import { DEFAULT_LIMITS } from '../schemas/limits.ts';
import type { Observation } from '../schemas/observation.ts';
import type { Fault } from '../schemas/problem.ts';

/** What was observed of a model on an accelerator. */
export interface ReplicaGroup {
  readonly model: string;
  readonly accelerator: string;
  /** Position of its first replica in the request. */
  readonly first: number;
  /** The largest of its replicas. */
  readonly maxBatchSize: number;
  /** In the order of the request. */
  readonly observations: readonly Observation[];
}

export interface Grouped {
  /** By pair, in the order in which they appear. */
  readonly groups: readonly ReplicaGroup[];
  /** Replicas that tell nothing, and why. */
  readonly unusable: readonly Fault[];
  /** Whether any replica had something to do. */
  readonly hasTraffic: boolean;
}

/** A pair as a key; names may hold any sign but control characters. */
export const pairKey = (model: string, accelerator: string): string => `${model}\n${accelerator}`;

/**
 * Translates replicas whose keys are canonical into observations by pair. Rates are per minute; each entry is one replica; a figure of 0 was
 * not measured, but for the waiting room, which is then none.
 */
export function fromInfernoTuner(replicas: readonly InfernoReplica[]): Grouped {
  const groups = new Map<string, ReplicaGroup & { maxBatchSize: number; observations: Observation[] }>();
  const unusable: Fault[] = [];
  for (const [i, replica] of replicas.entries()) {
    const fault = faultOf(replica, `/${i}`);
    if (fault) {
      unusable.push(fault);
      continue;
    }
    const { model = '', currentAlloc } = replica;
    const accelerator = currentAlloc?.accelerator ?? '';
    const key = pairKey(model, accelerator);
    const group = groups.get(key) ?? { model, accelerator, first: i, maxBatchSize: 0, observations: [] };
    groups.set(key, group);
    group.maxBatchSize = Math.max(group.maxBatchSize, batchLimitOf(replica));
    group.observations.push(observationOf(replica));
  }
  const hasTraffic = replicas.some(({ currentAlloc }) => (currentAlloc?.load?.arrivalRate ?? 0) > 0);
  return { groups: [...groups.values()], unusable, hasTraffic };
}

const CONTROL = /\p{Cc}/u;

/** Longer latencies (ms) are a slip of units. */
const LONGEST_MS = 1e9;

function faultOf(replica: InfernoReplica, at: string): Fault | null {
  const { model = '', currentAlloc = {} } = replica;
  const { accelerator = '', ttftAverage = 0, itlAverage = 0, load = {} } = currentAlloc;
  const missing = (path: string, what: string): Fault => ({
    path: `${at}${path}`,
    message: `${what}; the replica tells nothing`,
  });
  if (!load.arrivalRate) return missing('/currentAlloc/load/arrivalRate', 'is 0 or absent');
  if (model === '' || CONTROL.test(model)) return missing('/model', 'names no model');
  if (accelerator === '' || CONTROL.test(accelerator))
    return missing('/currentAlloc/accelerator', 'names no accelerator');
  for (const name of ['avgInTokens', 'avgOutTokens'] as const)
    if (!load[name]) return missing(`/currentAlloc/load/${name}`, 'is 0 or absent');
  for (const [name, value] of Object.entries({ ttftAverage, itlAverage })) {
    if (value === 0) return missing(`/currentAlloc/${name}`, 'is 0 or absent');
    if (value > LONGEST_MS) return missing(`/currentAlloc/${name}`, `is above ${LONGEST_MS} ms`);
  }
  if (batchLimitOf(replica) === 0)
    return missing('/maxBatchSize', 'is 0 or absent, as is currentAlloc.maxBatch');
  return null;
}

/** No replica fills a larger batch than the largest that may be asked about. */
function batchLimitOf({ maxBatchSize, currentAlloc }: InfernoReplica): number {
  return Math.min(maxBatchSize || currentAlloc?.maxBatch || 0, DEFAULT_LIMITS.MAX_BATCH_SIZE);
}

function observationOf(replica: InfernoReplica): Observation {
  const { maxQueueSize = 0, currentAlloc } = replica;
  const { arrivalRate = 0, throughput, avgInTokens, avgOutTokens } = currentAlloc?.load ?? {};
  return {
    requestsPerSec: arrivalRate / 60,
    inputTokens: avgInTokens,
    outputTokens: avgOutTokens,
    maxBatchSize: batchLimitOf(replica),
    maxQueueLength: Math.min(maxQueueSize, DEFAULT_LIMITS.MAX_QUEUE_LENGTH),
    ttftMs: currentAlloc?.ttftAverage,
    itlMs: currentAlloc?.itlAverage,
    ...(throughput && { throughputPerSec: throughput / 60 }),
  };
}
