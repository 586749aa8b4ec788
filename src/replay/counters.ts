import type { Observer } from '../simulator/observer.ts';
import type { SimulatedRequest } from '../simulator/request.ts';

/** What the metrics of replicas that are alike count since the start, as Prometheus would: two looks tell what was between them. */
export interface Counts {
  /** Requests sent to them, completed or not. */
  readonly offered: number;
  readonly completions: number;
  /** Of the completed requests: tokens, the cached ones of their prompts, times to first token (ms). */
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly ttftMs: number;
  /** Gaps between tokens, and their sum (ms). */
  readonly gaps: number;
  readonly gapMs: number;
  /** Requests in service, integrated over time, and replicas that serve (ms). */
  readonly serviceMs: number;
  readonly replicaMs: number;
}

export const NO_COUNTS: Counts = {
  ...{ offered: 0, completions: 0, inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, ttftMs: 0 },
  ...{ gaps: 0, gapMs: 0, serviceMs: 0, replicaMs: 0 },
};

/** What was counted between two looks. */
export function increaseOf(now: Counts, before: Counts): Counts {
  const names = Object.keys(NO_COUNTS) as (keyof Counts)[];
  return Object.fromEntries(names.map((name) => [name, now[name] - before[name]])) as unknown as Counts;
}

/** Counts on the way to another observer. */
export class Counters implements Observer {
  readonly counts: { -readonly [Name in keyof Counts]: Counts[Name] } = { ...NO_COUNTS };
  readonly #next: Observer;

  constructor(next: Observer) {
    this.#next = next;
  }

  iterated(startMs: number, durationMs: number, inBatch: number): void {
    this.counts.serviceMs += durationMs * inBatch;
    this.#next.iterated(startMs, durationMs, inBatch);
  }

  gaps(gapMs: number, count: number): void {
    this.counts.gaps += count;
    this.counts.gapMs += gapMs * count;
    this.#next.gaps(gapMs, count);
  }

  completed(request: SimulatedRequest): void {
    const { counts } = this;
    counts.completions++;
    counts.inputTokens += request.inputTokens;
    counts.cachedInputTokens += request.cachedInputTokens;
    counts.outputTokens += request.outputTokens;
    counts.ttftMs += request.ttftMs;
    this.#next.completed(request);
  }

  preempted(request: SimulatedRequest): void {
    this.#next.preempted(request);
  }

  lost(request: SimulatedRequest): void {
    this.#next.lost(request);
  }
}
