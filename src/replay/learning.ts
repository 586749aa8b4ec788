import type { ServiceTime } from '../schemas/model.ts';
import type { Observation } from '../schemas/observation.ts';
import type { TuneAnswer, TuneRequest } from '../schemas/tune.ts';
import { type Counts, increaseOf, NO_COUNTS } from './counters.ts';
import type { ServerView } from './policy.ts';
import type { ReplayedServer } from './replayed-server.ts';

/** Service times by model and variant, as `keyOf` tells. */
export type ServiceTimes = ReadonlyMap<string, ServiceTime>;

export function keyOf(model: string, variant: string): string {
  return JSON.stringify([model, variant]);
}

/** Means of fewer requests than this are left alone: one long prompt would make them. */
const LEAST_COMPLETIONS = 20;

interface Known {
  readonly model: string;
  readonly variant: string;
  readonly seed: ServiceTime;
  readonly state?: unknown;
}

/** What the tuner makes of what the replicas of each variant were observed to do, period by period. */
export class Learning {
  readonly #tune: (request: TuneRequest) => TuneAnswer;
  readonly #servers: readonly ReplayedServer[];
  readonly #known = new Map<string, Known>();
  readonly #before: Map<string, Counts>[];
  readonly #learnt = new Map<string, ServiceTime>();

  /** @param believed of every variant of every server: what is taken to be true before anything is seen */
  constructor(
    servers: readonly ReplayedServer[],
    believed: ServiceTimes,
    tune: (request: TuneRequest) => TuneAnswer,
  ) {
    this.#servers = servers;
    this.#tune = tune;
    this.#before = servers.map(() => new Map());
    for (const { server, variants } of servers) {
      for (const variant of variants.keys()) {
        const key = keyOf(server.model, variant);
        this.#known.set(key, { model: server.model, variant, seed: believed.get(key)! });
      }
    }
  }

  /** Takes what was observed since the last look. @returns what is known by now of the variants that were observed */
  look(nowMs: number, views: readonly ServerView[]): ServiceTimes {
    const observations = new Map<string, Observation[]>();
    for (const [i, view] of views.entries()) {
      for (const { key, observation } of this.#observed(i, view, nowMs)) {
        observations.set(key, [...(observations.get(key) ?? []), observation]);
      }
    }
    const keys = [...observations.keys()];
    const items = keys.map((key) => ({ ...this.#known.get(key)!, observations: observations.get(key)! }));
    if (items.length === 0) return this.#learnt;
    for (const [i, tuned] of this.#tune({ items } as TuneRequest).items.entries()) {
      const { seed, model, variant } = this.#known.get(keys[i])!;
      this.#known.set(keys[i], { model, variant, seed, state: tuned.state });
      if (tuned.serviceTime && tuned.diagnostics!.accepted > 0) this.#learnt.set(keys[i], tuned.serviceTime);
    }
    return this.#learnt;
  }

  #observed(index: number, view: ServerView, nowMs: number) {
    const { server } = this.#servers[index];
    const before = this.#before[index];
    return view.counted.flatMap(({ variant, limits, counts }) => {
      const { maxBatchSize, maxQueueLength, maxBatchTokens } = limits;
      const pool = `${variant} ${maxBatchSize}`;
      const seen = increaseOf(counts, before.get(pool) ?? NO_COUNTS);
      before.set(pool, { ...counts });
      if (seen.completions < LEAST_COMPLETIONS || seen.gaps === 0 || seen.replicaMs === 0) return [];
      const observation: Observation = {
        requestsPerSec: (1000 * seen.offered) / seen.replicaMs,
        inputTokens: seen.inputTokens / seen.completions,
        outputTokens: seen.outputTokens / seen.completions,
        cachedInputTokens: seen.cachedInputTokens / seen.completions,
        ...{ maxBatchSize, maxBatchTokens },
        ...(Number.isFinite(maxQueueLength) && { maxQueueLength }),
        ttftMs: seen.ttftMs / seen.completions,
        itlMs: seen.gapMs / seen.gaps,
        throughputPerSec: (1000 * seen.completions) / seen.replicaMs,
        meanConcurrency: seen.serviceMs / seen.replicaMs,
        observedAt: new Date(nowMs).toISOString(),
      };
      return [{ key: keyOf(server.model, variant), observation }];
    });
  }
}
