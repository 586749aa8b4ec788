import { Type } from '#typebox';
import { inverseErlangLoss, logPoissonPeak } from '../../numerics/erlang-loss.ts';
import type { Station } from '../../schemas/station.ts';
import { writeLatencies } from '../latencies.ts';
import { serviceLawOf } from '../law-of.ts';
import type { LinearLaw } from '../laws/linear.ts';
import { fillRoom, newRoomMetrics } from '../limited-wait.ts';
import type { Percentiles, Queue, QueueMetrics, QueueModel } from '../queue-model.ts';
import { STABILITY_LIMIT } from '../service-law.ts';
import { waitQuantile } from '../waiting-time.ts';

const options = Type.Object({}, { additionalProperties: false });

const room = newRoomMetrics();

/**
 * M/M/c/K, Erlang's: each of c = N places serves as fast as it would in a full batch, 1/τ(N), and K = N + Q. Prefill and ITL
 * are those of a full batch at every rate; only the wait depends on it. (Cooper 1981, §3.4–3.6)
 */
class ErlangQueue implements Queue {
  readonly maxBatchSize: number;
  readonly minRequestsPerSec: number;
  readonly maxRequestsPerSec: number;
  /** The ITL never changes, and the wait rises. */
  readonly rises = true;
  readonly #law: LinearLaw;
  readonly #waitingRoom: number;
  readonly #chunks: number;
  readonly #timeInService: number;
  readonly #fullRate: number;
  readonly #logPeak: number;
  /** NaN: the mean. */
  readonly #ttftShare: number;

  constructor(law: LinearLaw, waitingRoom: number, maxBatchSize: number, ttftShare = Number.NaN) {
    this.#law = law;
    this.#waitingRoom = waitingRoom;
    this.#chunks = law.chunks(maxBatchSize);
    this.#timeInService = law.timeInServiceMs(maxBatchSize, this.#chunks);
    this.#fullRate = maxBatchSize / this.#timeInService;
    this.#logPeak = logPoissonPeak(maxBatchSize);
    this.#ttftShare = ttftShare;
    this.maxBatchSize = maxBatchSize;
    this.maxRequestsPerSec = STABILITY_LIMIT * this.#fullRate * 1000;
    this.minRequestsPerSec = Math.min(1 / this.#timeInService, this.maxRequestsPerSec);
  }

  withMaxBatchSize(maxBatchSize: number): Queue {
    return new ErlangQueue(this.#law, this.#waitingRoom, maxBatchSize, this.#ttftShare);
  }

  /** Of the ITL, which is always that of a full batch, every percentile is the mean. */
  atPercentiles({ ttft }: Percentiles): Queue {
    return new ErlangQueue(this.#law, this.#waitingRoom, this.maxBatchSize, ttft);
  }

  evaluate(requestsPerSec: number, metrics: QueueMetrics): void {
    const lambda = requestsPerSec / 1000;
    const full = this.maxBatchSize;
    // r - 1, r = λ·τ(N)/N
    const excess = (lambda - this.#fullRate) / this.#fullRate;
    if (this.#waitingRoom === Number.POSITIVE_INFINITY && excess >= 0) {
      metrics.throughputPerSec = this.#fullRate * 1000;
      metrics.lossFraction = 0;
      metrics.waitMs = Number.NaN;
      this.#write(metrics);
      return;
    }
    fillRoom(inverseErlangLoss(full, excess, this.#logPeak) - 1, excess, this.#waitingRoom, room);
    const throughput = Math.min(lambda * room.servedFraction, this.#fullRate);
    metrics.throughputPerSec = Math.min(1000 * throughput, requestsPerSec);
    metrics.lossFraction = room.lossFraction;
    metrics.waitMs = throughput > 0 ? room.waiting / throughput : 0;
    this.#write(metrics);
    if (this.#ttftShare > 0) {
      // Of those who wait, the share that waits longer.
      const longer = (1 - this.#ttftShare) / room.delayedFraction;
      const wait = longer < 1 ? waitQuantile(longer, this.#waitingRoom, excess, Math.log1p(excess)) : 0;
      metrics.ttftMs += wait / this.#fullRate - metrics.waitMs;
    }
  }

  #write(metrics: QueueMetrics): void {
    const full = this.maxBatchSize;
    writeLatencies(metrics, this.#law, this.#chunks, full, full, this.#timeInService);
    metrics.inService = Math.min(metrics.inService, full);
  }
}

export default {
  name: 'erlang',
  summary:
    'The conservative one: M/M/c/K, every place as slow as in a full batch at any load; Poisson arrivals, exponential work. Means and percentiles of TTFT; about √N steps an evaluation.',
  options,
  assumes:
    'Poisson arrivals, exponential service, every request as slow as in a full batch: an upper bound, far above at low load.',
  cost: 'A microsecond.',
  tellsPercentiles: true,
  isLight: true,
  prepare: (station: Station): Queue =>
    new ErlangQueue(
      serviceLawOf(station),
      station.maxQueueLength ?? Number.POSITIVE_INFINITY,
      station.maxBatchSize,
    ),
} satisfies QueueModel<typeof options>;
