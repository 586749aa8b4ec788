import { normalQuantile } from '../numerics/normal-quantile.ts';
import { risingRoot } from '../numerics/rising-root.ts';
import { firstTokenMs, tokenGapMs } from './found-latencies.ts';
import type { LinearLaw } from './laws/linear.ts';
import type { Percentiles, QueueEstimates } from './queue-model.ts';

const ROOT_HALF_PI = Math.sqrt(Math.PI / 2);

/** Estimates for percentiles where one chunk count serves every batch: both latencies are linear in the batch found. */
export class PercentileEstimates implements QueueEstimates {
  readonly #ofMeans: QueueEstimates;
  readonly #percentiles: Percentiles;
  readonly #law: LinearLaw;
  readonly #chunks: number;
  readonly #full: number;
  readonly #waitingRoom: number;
  readonly #perRequestMs: number;
  /** Time in service of a request alone. */
  readonly #aloneMs: number;
  /** The percentile last asked for, and its normal quantile squared: searches ask for the same one again and again. */
  #last = Number.NaN;
  #square = Number.NaN;

  constructor(
    ofMeans: QueueEstimates,
    percentiles: Percentiles,
    law: LinearLaw,
    chunks: number,
    maxBatchSize: number,
    waitingRoom: number,
  ) {
    this.#ofMeans = ofMeans;
    this.#percentiles = percentiles;
    this.#law = law;
    this.#chunks = chunks;
    this.#full = maxBatchSize;
    this.#waitingRoom = waitingRoom;
    this.#perRequestMs = law.perRequestMs(chunks);
    this.#aloneMs = law.fixedMs(chunks) + this.#perRequestMs;
  }

  batchSizeForItl(itlMs: number, ceiling: number): number {
    return this.#ofMeans.batchSizeForItl(itlMs, ceiling);
  }

  batchSizeForTtft(ttftMs: number, ceiling: number): number {
    return this.#ofMeans.batchSizeForTtft(ttftMs, ceiling);
  }

  rateForResponsePerSec(responseMs: number): number {
    return this.#ofMeans.rateForResponsePerSec?.(responseMs) ?? Number.NaN;
  }

  rateForItlPerSec(itlMs: number): number {
    const { itl } = this.#percentiles;
    if (itl === undefined) return this.#ofMeans.rateForItlPerSec(itlMs);
    const atZero = tokenGapMs(this.#law, 0, this.#chunks);
    const slope = tokenGapMs(this.#law, 1, this.#chunks) - atZero;
    return this.#rateForBatch((itlMs - atZero) / slope, itl);
  }

  rateForTtftPerSec(ttftMs: number): number {
    const { ttft } = this.#percentiles;
    if (ttft === undefined) return this.#ofMeans.rateForTtftPerSec(ttftMs);
    const atZero = firstTokenMs(this.#law, 0, this.#chunks);
    const atFull = firstTokenMs(this.#law, this.#full - 1, this.#chunks);
    if (ttftMs < atFull) {
      const slope = (atFull - atZero) / (this.#full - 1);
      return this.#rateForBatch((ttftMs - atZero) / slope, ttft);
    }
    return this.#rateForWait(ttftMs - atFull, ttft);
  }

  /**
   * Rate r·μ_N = (1 - ε)·μ_N at which a share of 1 - p waits longer: P(W > 0)·P(W > t | W > 0), by the heavy-traffic limit of the mean's
   * estimate, where the states below N weigh b(y)·σ and those above (1 - e^(-Q·ε))/ε, y = ε·σ.
   */
  #rateForWait(waitMs: number, percentile: number): number {
    const fullMs = this.#law.timeInServiceMs(this.#full, this.#chunks);
    const fullRate = this.#full / fullMs;
    const wait = fullRate * waitMs;
    const room = this.#waitingRoom;
    const wanted = -Math.log(1 - percentile);
    const sigma = Math.sqrt((this.#full * fullMs) / (this.#aloneMs - this.#perRequestMs));
    if (wait >= room * percentile || !(sigma < Number.POSITIVE_INFINITY)) return 1000 * fullRate;
    const longer = (idle: number) => {
      const cut = Math.exp(-room * idle);
      const y = idle * sigma;
      const z = y / Math.SQRT2;
      const below = ROOT_HALF_PI * Math.exp(z * z) * (1 + Math.tanh(z * (1.1284 + 0.1009 * z * z)));
      const share = (Math.exp(-wait * idle) - cut) / (1 - cut);
      return Math.log(1 + (y * below) / (1 - cut)) - Math.log(share) - wanted;
    };
    const most = Math.min(1, wanted / wait);
    const idle = risingRoot(longer, 1e-9, most, 0.01, Math.min(most, 1.5 / sigma), (off, x) => {
      return (x * wanted) / (wanted + off);
    });
    return 1000 * fullRate * (1 - idle);
  }

  /** Rate at which the batch found exceeds that many with the probability left: a mean of E has a variance of E·(a + b + b·E)/(a + b). */
  #rateForBatch(batch: number, percentile: number): number {
    if (!(batch < this.#full - 1)) return Number.POSITIVE_INFINITY;
    const spread = this.#perRequestMs / this.#aloneMs;
    if (percentile !== this.#last) {
      this.#last = percentile;
      this.#square = normalQuantile(percentile) ** 2;
    }
    const square = this.#square;
    const lead = 1 - square * spread;
    let mean = batch;
    // (x - E)² = z²·E·(1 + spread·E), x less what the skew adds. (Cornish and Fisher, 1938)
    for (let i = 0; i < 3; i++) {
      const x = Math.max(0, batch + 0.5 - ((square - 1) / 6) * (1 + 2 * spread * mean));
      const half = x + square / 2;
      mean = (x * x) / (half + Math.sqrt(Math.max(0, half * half - lead * x * x)));
    }
    return (1000 * mean) / (this.#aloneMs + this.#perRequestMs * mean);
  }
}
