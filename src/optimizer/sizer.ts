import { analyze } from '../queueing/analysis.ts';
import { newMetrics, type Queue, type QueueModel } from '../queueing/queue-model.ts';
import type { ServiceTime, Targets } from '../schemas/fleet.ts';
import type { Point } from '../schemas/metrics.ts';
import type { ResolvedServer, Variant } from './catalog.ts';
import { type NumberedTargets, Workload } from './workload.ts';

/** Sizes replicas with the queue model of one request; identical problems are solved once. */
export class Sizer {
  readonly #model: QueueModel;
  readonly #options: object;
  readonly #scratch = newMetrics();
  /** By the variants of a model, then by the traffic. */
  readonly #workloads = new Map<readonly Variant[], Map<string, Workload>>();
  readonly #targets = new Map<Targets, NumberedTargets>();
  readonly #targetNumbers = new Map<string, number>();

  constructor(model: QueueModel, options: object) {
    this.#model = model;
    this.#options = options;
  }

  /** The workload of a server that has a load. */
  workload({ server, variants }: ResolvedServer): Workload {
    let ofModel = this.#workloads.get(variants);
    if (!ofModel) {
      ofModel = new Map();
      this.#workloads.set(variants, ofModel);
    }
    const { inputTokens, outputTokens, cachedInputTokens = 0 } = server.load!;
    const { maxQueueLength } = server;
    const key = `${inputTokens} ${outputTokens} ${cachedInputTokens} ${maxQueueLength}`;
    let workload = ofModel.get(key);
    if (!workload) {
      const traffic = { inputTokens, outputTokens, cachedInputTokens, maxQueueLength };
      workload = new Workload(this.#model, this.#options, this.#scratch, variants, traffic);
      ofModel.set(key, workload);
    }
    return workload;
  }

  numbered(targets: Targets): NumberedTargets {
    let numbered = this.#targets.get(targets);
    if (!numbered) {
      const { ttftMs = 0, itlMs = 0, minTokensPerSec = 0 } = targets;
      const key = `${ttftMs} ${itlMs} ${minTokensPerSec > 0}`;
      const number = this.#targetNumbers.get(key) ?? this.#targetNumbers.size;
      this.#targetNumbers.set(key, number);
      numbered = { targets, number };
      this.#targets.set(targets, numbered);
    }
    return numbered;
  }

  metrics(queue: Queue, requestsPerSec: number): Point {
    return analyze(queue, requestsPerSec, this.#scratch);
  }
}

/** Whether the parameters say anything; all zero or absent: the model is not known on this accelerator yet. */
export function isKnown(serviceTime: ServiceTime | undefined): serviceTime is ServiceTime {
  return (
    serviceTime !== undefined &&
    serviceTime.alphaMs + serviceTime.betaMsPerToken + serviceTime.gammaMsPerToken2 > 0
  );
}
