import { LogHistogram } from '../numerics/log-histogram.ts';
import { quantileOf } from '../numerics/series.ts';
import type { DrawnArrivals, Lengths } from '../schemas/simulation-process.ts';
import { type ArrivalTimes, arrivalTimes } from '../simulator/arrivals.ts';
import type { IterationTime } from '../simulator/iteration-time.ts';
import type { Observer } from '../simulator/observer.ts';
import { randomStreams, type Uniform } from '../simulator/random.ts';
import { Replica, type ReplicaLimits } from '../simulator/replica.ts';
import type { SimulatedRequest } from '../simulator/request.ts';
import { nextRequest } from '../simulator/requests.ts';
import { type MeanTokens, requestSizes } from '../simulator/token-lengths.ts';

/** One replica and the requests it gets, but for their rate. */
export interface SimulatedReplica {
  readonly limits: ReplicaLimits;
  readonly time: IterationTime;
  readonly arrivals: DrawnArrivals;
  readonly lengths: Lengths;
  readonly means: MeanTokens;
  /** All rates share the randomness of one seed. */
  readonly seed: number;
  /** A run ends when so many requests are completed … */
  readonly requests: number;
  /** … or so many iterations are over. */
  readonly iterations: number;
}

/** What a run saw: the figures of FIGURE, then the quantiles of SHARES of the TTFT, then those of the gaps between tokens (ms). */
export type Figures = Float64Array;

/** Where each figure stands; times in ms. */
export const FIGURE = {
  /** Share of the arrivals that was lost. */
  loss: 0,
  /** Before joining the batch, the rest of the iteration under way with it. */
  wait: 1,
  /** From joining the batch to the first token. */
  first: 2,
  /** Mean gap between tokens. */
  itl: 3,
  /** From joining the batch to the last token. */
  service: 4,
  /** Of that, what is spent beside the batch. */
  beside: 5,
} as const;

/** Quantiles that are kept. */
export const SHARES = [
  ...[0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.96, 0.97, 0.98, 0.985],
  ...[0.99, 0.9925, 0.995, 0.9965, 0.998, 0.999],
] as const;
export const TTFT_AT = 6;
export const ITL_AT = TTFT_AT + SHARES.length;

/** The start that is under the influence of an empty replica is left out: this share of the run. */
const WARM_UP_SHARE = 1 / 8;
/** Fewer requests tell nothing: a run goes on until it has counted so many, whatever its budget. */
const LEAST_REQUESTS = 50;

/** Sums over what happens once the warm-up is over, of whole iterations. */
class Tally implements Observer {
  isSpent = false;
  /** When the warm-up was over, and of the last iteration the end (ms). */
  fromMs = 0;
  toMs = 0;
  counted = 0;
  readonly #replica: SimulatedReplica;
  #isWarm = false;
  #completions = 0;
  #iterations = 0;
  #arrivals = 0;
  #losses = 0;
  #gaps = new LogHistogram();
  readonly #ttfts: Float64Array;
  #waits = 0;
  #firsts = 0;
  #services = 0;
  #computedTokens = 0;
  /** Of the iterations, weighed by the requests in them. */
  #iterationMs = 0;
  #weight = 0;

  constructor(replica: SimulatedReplica) {
    this.#replica = replica;
    this.#ttfts = new Float64Array(replica.requests + LEAST_REQUESTS + replica.limits.maxBatchSize);
  }

  iterated(startMs: number, durationMs: number, inBatch: number): void {
    this.#look();
    if (this.isSpent) return;
    this.toMs = startMs + durationMs;
    this.#iterations++;
    this.#iterationMs += durationMs * inBatch;
    this.#weight += inBatch;
  }

  gaps(gapMs: number, count: number): void {
    if (!this.isSpent) this.#gaps.add(gapMs, count);
  }

  preempted(): void {}

  lost(): void {
    this.#losses++;
  }

  arrived(): void {
    this.#arrivals++;
  }

  completed(request: SimulatedRequest): void {
    if (this.isSpent) return;
    this.#completions++;
    const { arrivalMs, admittedMs, firstTokenMs, lastTokenMs } = request;
    this.#ttfts[this.counted++] = firstTokenMs - arrivalMs;
    this.#waits += admittedMs - arrivalMs;
    this.#firsts += firstTokenMs - admittedMs;
    this.#services += lastTokenMs - admittedMs;
    this.#computedTokens += request.inputTokens - request.cachedInputTokens;
  }

  /** Whether the warm-up is over, or the run: between iterations, for many requests may be completed in one. */
  #look(): void {
    const { requests, iterations } = this.#replica;
    const share = this.#isWarm ? 1 : WARM_UP_SHARE;
    if (this.#completions < share * requests && this.#iterations < share * iterations) return;
    if (this.#isWarm) this.isSpent = this.counted >= LEAST_REQUESTS;
    else this.#begin();
  }

  #begin(): void {
    this.#isWarm = true;
    this.fromMs = this.toMs;
    this.#gaps = new LogHistogram();
    this.counted = 0;
    this.#arrivals = 0;
    this.#losses = 0;
    this.#waits = 0;
    this.#firsts = 0;
    this.#services = 0;
    this.#computedTokens = 0;
    this.#iterationMs = 0;
    this.#weight = 0;
  }

  figures(): Figures {
    const n = this.counted;
    const { overheadMs, ownPrefillMsPerToken } = this.#replica.time;
    const figures = new Float64Array(ITL_AT + SHARES.length);
    const ttfts = this.#ttfts.subarray(0, n).sort();
    const gaps = this.#gaps;
    // Requests of one token each have no gaps: an iteration as they see it.
    const iterationMs = this.#iterationMs / this.#weight;
    const hasGaps = gaps.weight > 0;
    figures[FIGURE.loss] = this.#arrivals > 0 ? this.#losses / this.#arrivals : 0;
    figures[FIGURE.wait] = this.#waits / n;
    figures[FIGURE.first] = this.#firsts / n;
    figures[FIGURE.itl] = hasGaps ? gaps.mean : iterationMs;
    figures[FIGURE.service] = this.#services / n;
    figures[FIGURE.beside] = overheadMs + (ownPrefillMsPerToken * this.#computedTokens) / n;
    for (const [i, share] of SHARES.entries()) {
      figures[TTFT_AT + i] = quantileOf(ttfts, share);
      figures[ITL_AT + i] = hasGaps ? gaps.quantile(share) : iterationMs;
    }
    return figures;
  }
}

/** What requests see that arrive at a rate. */
export function simulateAt(replica: SimulatedReplica, requestsPerSec: number): Figures {
  const [ofTimes, ofInputs, ofOutputs] = randomStreams(replica.seed, 3);
  return run(replica, arrivalTimes(replica.arrivals, requestsPerSec, ofTimes), ofInputs, ofOutputs);
}

/**
 * What a request sees that is alone.
 *
 * @param aboutMs about how long it takes
 */
export function simulateAlone(replica: SimulatedReplica, aboutMs: number): Figures {
  const [, ofInputs, ofOutputs] = randomStreams(replica.seed, 3);
  let now = 0;
  const figures = run(replica, () => (now += 100 * aboutMs), ofInputs, ofOutputs);
  figures[FIGURE.loss] = 0;
  figures[FIGURE.wait] = 0;
  return figures;
}

function run(
  replica: SimulatedReplica,
  arrival: ArrivalTimes,
  ofInputs: Uniform,
  ofOutputs: Uniform,
): Figures {
  const tally = new Tally(replica);
  const driven = new Replica(replica.limits, replica.time, tally);
  const next = requests(replica, ofInputs, ofOutputs);
  for (;;) {
    const atMs = arrival();
    driven.advance(atMs);
    if (tally.isSpent) return tally.figures();
    tally.arrived();
    if (!driven.offer(next(atMs))) tally.lost();
  }
}

/** What requests see in a batch that is full at all times, but for the wait. */
export function simulateFull(given: SimulatedReplica): { figures: Figures; requestsPerSec: number } {
  const limits = { ...given.limits, maxQueueLength: Number.POSITIVE_INFINITY };
  const { maxBatchSize } = limits;
  // The first batch begins all at once: the warm-up outlasts it.
  const replica = { ...given, limits, requests: Math.max(given.requests, maxBatchSize / WARM_UP_SHARE) };
  const [, ofInputs, ofOutputs] = randomStreams(replica.seed, 3);
  const tally = new Tally(replica);
  const driven = new Replica(limits, replica.time, tally);
  const next = requests(replica, ofInputs, ofOutputs);
  const enough = replica.requests + 3 * maxBatchSize + 2 * LEAST_REQUESTS;
  for (let i = 0; i < enough; i++) driven.offer(next(0));
  driven.advance(Number.POSITIVE_INFINITY);
  return {
    figures: tally.figures(),
    requestsPerSec: (1000 * tally.counted) / (tally.toMs - tally.fromMs),
  };
}

function requests({ lengths, means }: SimulatedReplica, ofInputs: Uniform, ofOutputs: Uniform) {
  const sizes = requestSizes(lengths, means, ofInputs, ofOutputs);
  return (atMs: number) => nextRequest(sizes, atMs);
}
