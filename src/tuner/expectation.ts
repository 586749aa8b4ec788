import { newMetrics, type QueueModel } from '../queueing/queue-model.ts';
import { DEFAULT_MAX_BATCH_TOKENS } from '../queueing/service-law.ts';
import type { ServiceTime } from '../schemas/model.ts';
import type { Sighting } from '../schemas/tune-state.ts';

/** Parameters that are estimated: the logarithms of alphaMs, betaMsPerToken, gammaMsPerToken2. */
export const PARAMETERS = 3;

/** Where nothing is said of the waiting room it is this many batches: unlimited, a wrong guess would have no latency to correct it by. */
const BATCHES_WAITING = 10;

export type OperatingPoint = Omit<Sighting, 'ttftMs' | 'itlMs' | 'accepted' | 'score' | 'before'>;
export type FixedTerms = Omit<ServiceTime, 'alphaMs' | 'betaMsPerToken' | 'gammaMsPerToken2'>;

/** What a queue model expects of a replica at an operating point, as a function of the parameters. */
export class Expectation {
  readonly #model: QueueModel;
  readonly #options: Record<string, unknown>;
  readonly #terms: FixedTerms;
  readonly #hasTerms: boolean;
  readonly #metrics = newMetrics();

  constructor(model: QueueModel, options: Record<string, unknown>, terms: FixedTerms = {}) {
    this.#model = model;
    this.#options = options;
    this.#terms = terms;
    this.#hasTerms = Object.keys(terms).length > 0;
  }

  withTerms(terms: FixedTerms): Expectation {
    return new Expectation(this.#model, this.#options, terms);
  }

  serviceTime(logarithms: ArrayLike<number>): ServiceTime {
    return { ...plainServiceTime(logarithms), ...this.#terms };
  }

  /** Writes ln TTFT and ln ITL (ms) to `out`, from `at` on; NaN where the model does not tell. */
  write(point: OperatingPoint, logarithms: ArrayLike<number>, out: Float64Array): void {
    this.#write(point, this.#serviceTime(logarithms), out, 0);
  }

  /** The same of several points, one after the other. */
  writeAll(points: readonly OperatingPoint[], logarithms: ArrayLike<number>, out: Float64Array): void {
    const serviceTime = this.#serviceTime(logarithms);
    for (let i = 0; i < points.length; i++) this.#write(points[i], serviceTime, out, 2 * i);
  }

  /** Central differences of both by the logarithms: 2 × 3, row by row. */
  differentiate(point: OperatingPoint, logarithms: ArrayLike<number>, jacobian: Float64Array): void {
    for (let j = 0; j < PARAMETERS; j++) {
      moved.set(logarithms as ArrayLike<number>);
      moved[j] += STEP;
      this.write(point, moved, above);
      moved[j] -= 2 * STEP;
      this.write(point, moved, below);
      for (let i = 0; i < 2; i++) jacobian[i * PARAMETERS + j] = (above[i] - below[i]) / (2 * STEP);
    }
  }

  /** Highest stable rate (requests/s). */
  highestRate(point: OperatingPoint, logarithms: ArrayLike<number>): number {
    return this.#queue(point, this.#serviceTime(logarithms)).maxRequestsPerSec;
  }

  /** That, and the TTFT (ms) at a share of it. */
  limit(point: OperatingPoint, logarithms: ArrayLike<number>, share: number) {
    const queue = this.#queue(point, this.#serviceTime(logarithms));
    const { maxRequestsPerSec } = queue;
    queue.evaluate(share * maxRequestsPerSec, this.#metrics);
    return { maxRequestsPerSec, ttftMs: this.#metrics.ttftMs };
  }

  #serviceTime(logarithms: ArrayLike<number>): ServiceTime {
    return this.#hasTerms ? this.serviceTime(logarithms) : plainServiceTime(logarithms);
  }

  #write(point: OperatingPoint, serviceTime: ServiceTime, out: Float64Array, at: number): void {
    const metrics = this.#metrics;
    this.#queue(point, serviceTime).evaluate(point.requestsPerSec, metrics);
    out[at] = Math.log(metrics.ttftMs);
    out[at + 1] = Math.log(metrics.itlMs);
  }

  #queue(point: OperatingPoint, serviceTime: ServiceTime) {
    // Field by field: this is most of what an estimator does, and a spread costs more than the model.
    const { inputTokens, outputTokens, cachedInputTokens = 0, maxBatchSize, maxBatchTokens } = point;
    const station = {
      serviceTime,
      inputTokens,
      outputTokens,
      cachedInputTokens,
      maxBatchSize,
      maxBatchTokens: maxBatchTokens ?? DEFAULT_MAX_BATCH_TOKENS,
      maxQueueLength: point.maxQueueLength ?? BATCHES_WAITING * maxBatchSize,
    };
    return this.#model.prepare(station, this.#options);
  }
}

function plainServiceTime(logarithms: ArrayLike<number>): ServiceTime {
  return {
    alphaMs: Math.exp(logarithms[0]),
    betaMsPerToken: Math.exp(logarithms[1]),
    gammaMsPerToken2: Math.exp(logarithms[2]),
  };
}

const STEP = 1e-4;

// Scratch of one differentiation: written before it is read.
const moved = new Float64Array(PARAMETERS);
const above = new Float64Array(2);
const below = new Float64Array(2);
