import { analyze } from '../queueing/analysis.ts';
import { newMetrics, type Queue, type QueueModel } from '../queueing/queue-model.ts';
import { deviationsOf } from '../queueing/unfavourable.ts';
import type { Targets } from '../schemas/fleet.ts';
import type { Point } from '../schemas/metrics.ts';
import type { ResolvedServer, Variant } from './catalog.ts';
import { meansOf } from './load.ts';
import { type NumberedTargets, Workload } from './workload.ts';

/** Sizes replicas with the queue model of one request; identical problems are solved once. */
export class Sizer {
  readonly #model: QueueModel;
  readonly #options: object;
  readonly #deviations: number;
  readonly #scratch = newMetrics();
  /** By the variants of a model, then by the traffic. */
  readonly #workloads = new Map<readonly Variant[], Map<string, Workload>>();
  readonly #targets = new Map<Targets, NumberedTargets>();
  readonly #targetNumbers = new Map<string, number>();

  /** @param confidence with which targets are to hold, where profiles tell how sure they are */
  constructor(model: QueueModel, options: object, confidence = 0.5) {
    this.#model = model;
    this.#options = options;
    this.#deviations = deviationsOf(confidence);
  }

  /** It works with rates that were measured: of requests of several sizes it takes each apart, and it extrapolates nothing. */
  get worksWithRates(): boolean {
    return this.#model.reads === 'throughput';
  }

  /** The workload of a server that has a load; of some of its requests where `sizes` tells which. */
  workload({ server, variants, load }: ResolvedServer, sizes = load!.sizes): Workload {
    let ofModel = this.#workloads.get(variants);
    if (!ofModel) {
      ofModel = new Map();
      this.#workloads.set(variants, ofModel);
    }
    const { inputTokens, outputTokens, cachedInputTokens } = sizes === load!.sizes ? load! : meansOf(sizes);
    const { maxQueueLength } = server;
    // A model of service times takes the means; of sizes it knows nothing.
    const apart = this.worksWithRates && sizes.length > 1 ? sizes : undefined;
    const shares = apart ? JSON.stringify(apart) : '';
    const key = `${inputTokens} ${outputTokens} ${cachedInputTokens} ${maxQueueLength}${shares}`;
    let workload = ofModel.get(key);
    if (!workload) {
      const traffic = { inputTokens, outputTokens, cachedInputTokens, maxQueueLength, sizes: apart };
      workload = new Workload(this.#model, this.#options, this.#scratch, variants, traffic, this.#deviations);
      ofModel.set(key, workload);
    }
    return workload;
  }

  numbered(targets: Targets): NumberedTargets {
    let numbered = this.#targets.get(targets);
    if (!numbered) {
      const { ttftMs = 0, itlMs = 0, e2eMs = 0, minTokensPerSec = 0 } = targets;
      const { ttftPercentile = 0, itlPercentile = 0 } = targets;
      const key = `${ttftMs} ${ttftPercentile} ${itlMs} ${itlPercentile} ${e2eMs} ${minTokensPerSec > 0}`;
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
