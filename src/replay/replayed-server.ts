import type { ResolvedServer, Variant } from '../optimizer/catalog.ts';
import { loadOf } from '../optimizer/load.ts';
import { serviceLawOf } from '../queueing/law-of.ts';
import { replicaLimits } from '../queueing/replica-limits.ts';
import type { Fleet, Server, Targets } from '../schemas/fleet.ts';
import { iterationTime } from '../simulator/iteration-time.ts';
import type { ReplicaKind } from '../simulator/replica-set.ts';
import type { Workload } from './workload.ts';

/** A class of a server, with the share of its requests. */
export interface ReplayedClass {
  readonly name: string;
  readonly share: number;
  readonly targets: Targets;
}

/** A server with all that it will be offered. */
export interface ReplayedServer {
  readonly server: Server;
  readonly classes: readonly ReplayedClass[];
  /** 1 is the highest: it gets cards first. */
  readonly priority: number;
  readonly variants: ReadonlyMap<string, Variant>;
  /** Share of a prompt that the prefix cache holds. */
  readonly cachedShare: number;
  readonly workload: Workload;
  /** Of each variant, and the longest of all (ms). */
  readonly startupMs: ReadonlyMap<string, number>;
  readonly longestStartupMs: number;
}

/** The classes of a server: one with all of its requests, or several in proportion to their loads. */
export function classesOf(fleet: Fleet, server: Server): ReplayedClass[] {
  const targetsOf = (name: string) =>
    fleet.serviceClasses
      .find((entry) => entry.name === name)!
      .targets.find(({ model }) => model === server.model)!;
  if (!server.loads) {
    const name = server.serviceClass!;
    return [{ name, share: 1, targets: targetsOf(name) }];
  }
  const all = server.loads.reduce((sum, { requestsPerSec }) => sum + requestsPerSec, 0);
  const equal = 1 / server.loads.length;
  return server.loads.map(({ serviceClass: name, requestsPerSec }) => ({
    name,
    share: all > 0 ? requestsPerSec / all : equal,
    targets: targetsOf(name),
  }));
}

/** @param startupSec of variants that do not tell theirs */
export function replayedServer(
  { server, variants, priority }: ResolvedServer,
  classes: readonly ReplayedClass[],
  workload: Workload,
  startupSec: number,
): ReplayedServer {
  const load = loadOf(server);
  const startupMs = new Map(
    variants.map(({ name, profile }) => [name, 1000 * (profile.startupSec ?? startupSec)]),
  );
  return {
    server,
    classes,
    priority,
    variants: new Map(variants.map((variant) => [variant.name, variant])),
    cachedShare: load && load.inputTokens > 0 ? load.cachedInputTokens / load.inputTokens : 0,
    workload,
    startupMs,
    longestStartupMs: Math.max(...startupMs.values()),
  };
}

/** A replica of a server as the simulator takes it; its weight is the rate at which a full batch completes requests (per second). */
export function replicaKind(
  { server, variants, workload, cachedShare }: ReplayedServer,
  variant: string,
  maxBatchSize: number,
): ReplicaKind {
  const { profile } = variants.get(variant)!;
  const serviceTime = profile.serviceTime!;
  const { maxBatchTokens, kvCacheTokens } = profile;
  const limits = replicaLimits({
    maxBatchSize,
    maxQueueLength: server.maxQueueLength,
    maxBatchTokens,
    kvCacheTokens,
  });
  const { requests, inputTokens, outputTokens } = workload.between(0, Number.POSITIVE_INFINITY);
  const means = requests > 0 ? { inputTokens, outputTokens } : { inputTokens: 1, outputTokens: 1 };
  const cachedInputTokens = cachedShare * means.inputTokens;
  const law = serviceLawOf({ serviceTime, maxBatchSize, maxBatchTokens, ...means, cachedInputTokens });
  return {
    limits,
    time: iterationTime(serviceTime),
    weight: (1000 * maxBatchSize) / law.timeInServiceMs(maxBatchSize),
  };
}
