import { newMetrics, type Queue, type QueueMetrics, type QueueModel } from '../queueing/queue-model.ts';
import { DEFAULT_MAX_BATCH_TOKENS } from '../queueing/service-law.ts';
import type { ServiceTime } from '../schemas/model.ts';
import type { Station } from '../schemas/station.ts';

/** How requests arrived at a replica. `synchronous` and `concurrent`: so many clients, each with one request at a time. */
export type Arrivals = 'poisson' | 'constant' | 'synchronous' | 'concurrent';

/** What one replica was measured to do at one load. Latencies in ms. */
export interface BenchmarkPoint {
  /** Points of one group (a report) are held out together. */
  readonly group: number;
  readonly arrivals: Arrivals;
  readonly requestsPerSec: number;
  /** Requests in flight; needed where the arrivals are `concurrent`. */
  readonly concurrency: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Standard deviation of the output length over its mean; null: not known. */
  readonly outputVariation: number | null;
  readonly cachedInputTokens?: number | undefined;
  readonly maxBatchSize: number;
  readonly maxBatchTokens?: number | undefined;
  readonly maxQueueLength?: number | undefined;
  readonly ttftMs: number;
  readonly itlMs: number;
}

/** A rate (requests/s) that keeps every place of a closed system taken. */
const ENDLESS = 1e9;

/** What a queue model predicts of benchmark points: with the arrivals as they were, not as a production load would have them. */
export class BenchmarkModel {
  readonly #model: QueueModel;
  readonly #options: Record<string, unknown>;
  readonly #metrics = newMetrics();

  constructor(model: QueueModel, options: Record<string, unknown>) {
    this.#model = model;
    this.#options = options;
  }

  /** Writes TTFT and ITL (ms) to `out`, from `at` on; NaN: the model does not tell, or they grow without bound. */
  write(point: BenchmarkPoint, serviceTime: ServiceTime, out: Float64Array, at = 0): void {
    const { arrivals, requestsPerSec } = point;
    const metrics = this.#metrics;
    if (arrivals === 'synchronous' || arrivals === 'concurrent') {
      // n clients are a batch of n that is always full, with no room to wait; none waits for an iteration that others began.
      const clients = arrivals === 'synchronous' ? 1 : Math.max(1, Math.round(point.concurrency ?? 1));
      const alone = arrivals === 'synchronous' ? { ...serviceTime, residualIterations: 0 } : serviceTime;
      this.#queue(point, alone, Math.min(clients, point.maxBatchSize), 0).evaluate(ENDLESS, metrics);
    } else {
      const queue = this.#queue(point, serviceTime, point.maxBatchSize, point.maxQueueLength);
      if (arrivals === 'poisson' || requestsPerSec > queue.maxRequestsPerSec)
        queue.evaluate(requestsPerSec, metrics);
      else evaluateEvenlySpaced(queue, requestsPerSec, point.outputVariation ?? USUAL_VARIATION, metrics);
    }
    out[at] = metrics.ttftMs;
    out[at + 1] = metrics.itlMs;
  }

  #queue(
    point: BenchmarkPoint,
    serviceTime: ServiceTime,
    maxBatchSize: number,
    maxQueueLength: number | undefined,
  ): Queue {
    // Field by field: this is most of what a fit does, and a spread costs more than the model.
    const { inputTokens, outputTokens, cachedInputTokens = 0, maxBatchTokens } = point;
    const station = {
      serviceTime,
      inputTokens,
      outputTokens,
      cachedInputTokens,
      maxBatchSize,
      maxBatchTokens: maxBatchTokens ?? DEFAULT_MAX_BATCH_TOKENS,
      maxQueueLength,
    };
    return this.#model.prepare(station as Station, this.#options);
  }
}

/** Of lengths that are uniform about half their mean to one and a half. */
const USUAL_VARIATION = 0.29;

/** How exact the others in the batch need to be, and steps at most. */
const TOLERANCE = 1e-3;
const STEPS = 10;

/**
 * Metrics under evenly spaced arrivals. They do not queue below saturation, and they find fewer others in the batch: with a mean of B in
 * service, B + v - 1 instead of B, where v is the variance of the number in service over its mean, which for D/G/∞ is half the mean
 * difference of two times in service over their mean, v = cv/√π. So the rate λ' of a chain with random arrivals is sought whose batch E(λ')
 * is what they find at λ: E(λ')·(λ/λ' - 1) = 1 - v.
 */
function evaluateEvenlySpaced(
  queue: Queue,
  requestsPerSec: number,
  variation: number,
  metrics: QueueMetrics,
): void {
  const missing = 1 - Math.min(1, variation / Math.sqrt(Math.PI));
  const least = requestsPerSec / 1000;
  queue.evaluate(requestsPerSec, metrics);
  let rate = requestsPerSec;
  let excess = -missing;
  let next = (rate * metrics.inService) / (metrics.inService + missing);
  // By the secant, from above; below the least rate nobody finds anybody.
  for (let i = 0; i < STEPS; i++) {
    next = next > least ? Math.min(next, requestsPerSec) : least;
    queue.evaluate(next, metrics);
    const there = metrics.inService * (requestsPerSec / next - 1) - missing;
    if (Math.abs(there) < TOLERANCE || (next === least && there < 0)) break;
    const secant = next - (there * (next - rate)) / (there - excess);
    [rate, excess] = [next, there];
    next = secant;
  }
  metrics.ttftMs -= metrics.waitMs;
}
