import { analyze } from '../queueing/analysis.ts';
import { searchBatchLimit } from '../queueing/concurrency.ts';
import { newMetrics, type Queue, type QueueModel } from '../queueing/queue-model.ts';
import { type SizedRate, sizeRate } from '../queueing/sizing.ts';
import type { Profile, ServiceTime, Targets } from '../schemas/fleet.ts';
import type { Point } from '../schemas/metrics.ts';
import type { Station } from '../schemas/station.ts';

/** Mean request and waiting room: what, beside the profile and the batch limit, makes a station. */
export interface Traffic {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens?: number | undefined;
  readonly maxQueueLength?: number | undefined;
}

export interface Replica {
  readonly queue: Queue;
  /** Its highest rate within the targets. */
  readonly sized: SizedRate;
  /** Completions per second at that rate; 0 when infeasible. */
  readonly throughputPerSec: number;
  /** The latency that misses its target although there is all but no load; NaN when feasible. */
  readonly bestMs: number;
}

/** Sizes replicas with the queue model of one request; identical problems are solved once. */
export class Sizer {
  readonly #model: QueueModel;
  readonly #options: object;
  readonly #scratch = newMetrics();
  readonly #replicas = new Map<Profile, Map<string, Replica>>();

  constructor(model: QueueModel, options: object) {
    this.#model = model;
    this.#options = options;
  }

  /**
   * @param maxBatchSize the batch limit, or the ceiling below which it is searched
   */
  size(
    profile: Profile,
    traffic: Traffic,
    maxBatchSize: number,
    isCeiling: boolean,
    targets: Targets,
  ): Replica {
    let ofProfile = this.#replicas.get(profile);
    if (!ofProfile) {
      ofProfile = new Map();
      this.#replicas.set(profile, ofProfile);
    }
    const key = keyOf(traffic, maxBatchSize, isCeiling, targets);
    let replica = ofProfile.get(key);
    if (!replica) {
      replica = this.#solve(this.queue(profile, traffic, maxBatchSize), isCeiling, targets);
      ofProfile.set(key, replica);
    }
    return replica;
  }

  queue(profile: Profile, traffic: Traffic, maxBatchSize: number): Queue {
    return this.#model.prepare(stationOf(profile, traffic, maxBatchSize), this.#options);
  }

  metrics(queue: Queue, requestsPerSec: number): Point {
    return analyze(queue, requestsPerSec, this.#scratch);
  }

  #solve(ceiling: Queue, isCeiling: boolean, targets: Targets): Replica {
    const scratch = this.#scratch;
    const found = isCeiling ? searchBatchLimit(ceiling, targets, scratch) : null;
    const queue = found ? ceiling.withMaxBatchSize(found.maxBatchSize) : ceiling;
    const sized = sizeRate(queue, targets, scratch);
    return sized.feasible
      ? { queue, sized, throughputPerSec: scratch.throughputPerSec, bestMs: Number.NaN }
      : { queue, sized, throughputPerSec: 0, bestMs: scratch[sized.binding] };
  }
}

/** Whether the parameters say anything; all zero or absent: the model is not known on this accelerator yet. */
export function isKnown(serviceTime: ServiceTime | undefined): serviceTime is ServiceTime {
  return (
    serviceTime !== undefined &&
    serviceTime.alphaMs + serviceTime.betaMsPerToken + serviceTime.gammaMsPerToken2 > 0
  );
}

function stationOf(profile: Profile, traffic: Traffic, maxBatchSize: number): Station {
  return {
    serviceTime: profile.serviceTime!,
    maxBatchSize,
    inputTokens: traffic.inputTokens,
    outputTokens: traffic.outputTokens,
    cachedInputTokens: traffic.cachedInputTokens ?? 0,
    ...(profile.maxBatchTokens !== undefined && { maxBatchTokens: profile.maxBatchTokens }),
    ...(traffic.maxQueueLength !== undefined && { maxQueueLength: traffic.maxQueueLength }),
  };
}

function keyOf(traffic: Traffic, maxBatchSize: number, isCeiling: boolean, targets: Targets): string {
  const { inputTokens, outputTokens, cachedInputTokens = 0, maxQueueLength = '' } = traffic;
  const { ttftMs = 0, itlMs = 0, minTokensPerSec = 0 } = targets;
  const tokens = `${inputTokens} ${outputTokens} ${cachedInputTokens} ${maxQueueLength}`;
  return `${tokens} ${maxBatchSize} ${isCeiling} ${ttftMs} ${itlMs} ${minTokensPerSec > 0}`;
}
