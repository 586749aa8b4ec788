import { findBatchLimit } from '../queueing/concurrency.ts';
import { LATENCY_OF } from '../queueing/latency-bounds.ts';
import { logCovarianceOf } from '../queueing/log-covariance.ts';
import { asTargeted } from '../queueing/percentile-view.ts';
import type { Queue, QueueMetrics, QueueModel, StationToPrepare } from '../queueing/queue-model.ts';
import { type SizedRate, sizeRate } from '../queueing/sizing.ts';
import { unfavourable } from '../queueing/unfavourable.ts';
import type { Targets } from '../schemas/fleet.ts';
import type { Profile, ServiceTime } from '../schemas/model.ts';
import type { Variant } from './catalog.ts';
import type { Size } from './load.ts';

/** Mean request and waiting room: what, beside the profile and the batch limit, makes a station. */
export interface Traffic {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  readonly maxQueueLength: number | undefined;
  /** The sizes behind the means, for a model that takes them apart; undefined: the means alone. */
  readonly sizes: readonly Size[] | undefined;
}

export interface Replica {
  /** It tells means, whatever the targets name. */
  readonly queue: Queue;
  /** Its highest rate within the targets. */
  readonly sized: SizedRate;
  /** Completions per second at that rate; 0 when infeasible. */
  readonly throughputPerSec: number;
  /** The latency that misses its target although there is all but no load; NaN when feasible. */
  readonly bestMs: number;
  /** The parameters at the unfavourable end, where a confidence asks for them; null: those of the profile. */
  readonly sizedWith: ServiceTime | null;
}

/** The targets of a server; equal ones have the same number. */
export interface NumberedTargets {
  readonly targets: Targets;
  readonly number: number;
}

/** A queue with its sizings. Nearly always there is one: it needs no map. */
interface SizedQueue {
  readonly queue: Queue;
  key: number;
  replica: Replica | undefined;
  others: Map<number, Replica> | undefined;
}

/** What all servers of one model with the same traffic share: one queue for each variant and batch limit, sized once. */
export class Workload {
  readonly #model: QueueModel;
  readonly #options: object;
  readonly #scratch: QueueMetrics;
  readonly #variants: readonly Variant[];
  readonly #traffic: Traffic;
  readonly #deviations: number;
  /** By the index of the variant: the first batch limit asked for; the others by number. */
  readonly #queues: (SizedQueue | undefined)[];
  #others: Map<number, SizedQueue> | undefined;

  constructor(
    model: QueueModel,
    options: object,
    scratch: QueueMetrics,
    variants: readonly Variant[],
    traffic: Traffic,
    deviations: number,
  ) {
    this.#model = model;
    this.#options = options;
    this.#scratch = scratch;
    this.#variants = variants;
    this.#traffic = traffic;
    this.#deviations = deviations;
    this.#queues = new Array(variants.length).fill(undefined);
  }

  /** What of a profile its queue model works with. */
  get reads(): 'serviceTime' | 'throughput' {
    return this.#model.reads ?? 'serviceTime';
  }

  /** Whether the profile of a variant has what the queue model works with. */
  isKnown(variant: number): boolean {
    const { serviceTime, throughput = [] } = this.#variants[variant].profile;
    return this.reads === 'throughput' ? throughput.length > 0 : isKnown(serviceTime);
  }

  /**
   * @param variant index among the variants
   * @param maxBatchSize the batch limit, or the ceiling below which it is searched
   */
  size(variant: number, maxBatchSize: number, isCeiling: boolean, wanted: NumberedTargets): Replica {
    const sized = this.#sizedQueue(variant, maxBatchSize);
    const key = 2 * wanted.number + (isCeiling ? 1 : 0);
    if (!sized.replica) {
      sized.key = key;
      sized.replica = this.#solve(variant, sized.queue, isCeiling, wanted.targets);
    }
    if (sized.key === key) return sized.replica;
    sized.others ??= new Map();
    let replica = sized.others.get(key);
    if (!replica) {
      replica = this.#solve(variant, sized.queue, isCeiling, wanted.targets);
      sized.others.set(key, replica);
    }
    return replica;
  }

  queue(variant: number, maxBatchSize: number): Queue {
    return this.#sizedQueue(variant, maxBatchSize).queue;
  }

  #sizedQueue(variant: number, maxBatchSize: number): SizedQueue {
    const first = this.#queues[variant];
    if (!first) {
      const sized = this.#prepare(variant, maxBatchSize);
      this.#queues[variant] = sized;
      return sized;
    }
    if (first.queue.maxBatchSize === maxBatchSize) return first;
    this.#others ??= new Map();
    const number = maxBatchSize * this.#variants.length + variant;
    let sized = this.#others.get(number);
    if (!sized) {
      sized = this.#prepare(variant, maxBatchSize);
      this.#others.set(number, sized);
    }
    return sized;
  }

  #prepare(variant: number, maxBatchSize: number): SizedQueue {
    const queue = this.#queueOf(this.#variants[variant].profile, maxBatchSize);
    return { queue, key: 0, replica: undefined, others: undefined };
  }

  #queueOf(profile: Profile, maxBatchSize: number): Queue {
    return this.#model.prepare(stationOf(profile, this.#traffic, maxBatchSize), this.#options);
  }

  #solve(variant: number, ceiling: Queue, isCeiling: boolean, targets: Targets): Replica {
    const likely = this.#solveAsItIs(ceiling, isCeiling, targets);
    return this.#deviations > 0 ? this.#atUnfavourableEnd(variant, likely, targets) : likely;
  }

  /** With the batch limit that suits the parameters as they are: surer is not other. */
  #atUnfavourableEnd(variant: number, likely: Replica, targets: Targets): Replica {
    const { profile } = this.#variants[variant];
    const { queue, sized } = likely;
    const covariance = this.reads === 'serviceTime' ? logCovarianceOf(profile) : null;
    // What is out of reach for the parameters as they are is so a fortiori.
    if (!covariance || !sized.feasible) return likely;
    const { maxBatchSize } = queue;
    const withLaw = (serviceTime: ServiceTime) => this.#queueOf({ ...profile, serviceTime }, maxBatchSize);
    const ends = unfavourable(
      { queue: asTargeted(queue, targets), requestsPerSec: sized.requestsPerSec, targets },
      profile.serviceTime!,
      covariance,
      this.#deviations,
      (serviceTime) => asTargeted(withLaw(serviceTime), targets),
      this.#scratch,
    );
    let least = likely;
    for (const { serviceTime } of ends) {
      const replica = this.#solveAsItIs(withLaw(serviceTime), false, targets);
      if (replica.throughputPerSec <= least.throughputPerSec) least = { ...replica, sizedWith: serviceTime };
    }
    return least;
  }

  #solveAsItIs(ceiling: Queue, isCeiling: boolean, targets: Targets): Replica {
    const scratch = this.#scratch;
    const targeted = asTargeted(ceiling, targets);
    const found = isCeiling ? findBatchLimit(targeted, targets, scratch) : null;
    if (found)
      return {
        queue: targeted === ceiling ? found.queue : ceiling.withMaxBatchSize(found.queue.maxBatchSize),
        sized: found.sized,
        throughputPerSec: found.throughputPerSec,
        bestMs: Number.NaN,
        sizedWith: null,
      };
    const sized = sizeRate(targeted, targets, scratch);
    return sized.feasible
      ? {
          queue: ceiling,
          sized,
          throughputPerSec: scratch.throughputPerSec,
          bestMs: Number.NaN,
          sizedWith: null,
        }
      : {
          queue: ceiling,
          sized,
          throughputPerSec: 0,
          bestMs: scratch[LATENCY_OF[sized.binding]],
          sizedWith: null,
        };
  }
}

/** Whether the parameters say anything; all zero or absent: the model is not known on this accelerator yet. */
function isKnown(serviceTime: ServiceTime | undefined): boolean {
  return (
    serviceTime !== undefined &&
    serviceTime.alphaMs + serviceTime.betaMsPerToken + serviceTime.gammaMsPerToken2 > 0
  );
}

function stationOf(profile: Profile, traffic: Traffic, maxBatchSize: number): StationToPrepare {
  const station: { -readonly [K in keyof StationToPrepare]: StationToPrepare[K] } = {
    maxBatchSize,
    inputTokens: traffic.inputTokens,
    outputTokens: traffic.outputTokens,
    cachedInputTokens: traffic.cachedInputTokens,
  };
  if (profile.maxBatchTokens !== undefined) station.maxBatchTokens = profile.maxBatchTokens;
  if (traffic.maxQueueLength !== undefined) station.maxQueueLength = traffic.maxQueueLength;
  if (profile.serviceTime) station.serviceTime = profile.serviceTime;
  if (profile.throughput) station.throughput = profile.throughput;
  if (traffic.sizes) station.sizes = traffic.sizes;
  return station;
}
