import type { LinearLaw } from './laws/linear.ts';
import type { QueueEstimates } from './queue-model.ts';

/** Estimates where one chunk count serves every batch: the iteration time and the prefill are linear in the batch. */
export class LinearEstimates implements QueueEstimates {
  readonly #law: LinearLaw;
  readonly #chunks: number;
  readonly #full: number;
  readonly #waitingRoom: number;

  constructor(law: LinearLaw, chunks: number, maxBatchSize: number, waitingRoom: number) {
    this.#law = law;
    this.#chunks = chunks;
    this.#full = maxBatchSize;
    this.#waitingRoom = waitingRoom;
  }

  batchSizeForItl(itlMs: number, ceiling: number): number {
    const law = this.#law;
    return whole(
      1 + (itlMs - law.alphaMs - law.decodeStepMs) / law.workPerIterationMs(this.#chunks),
      ceiling,
    );
  }

  batchSizeForTtft(ttftMs: number, ceiling: number): number {
    const law = this.#law;
    const prefillMs = (ttftMs - law.prefillWorkMs(this.#chunks)) / this.#chunks;
    return whole(1 + (prefillMs - law.alphaMs) / law.workPerIterationMs(this.#chunks), ceiling);
  }

  // At a mean batch of E below the limit prefill(E) = c·(α + (E-1)·δ) + w_prefill and ITL·m = τ(E + 1) - prefill(E).

  rateForItlPerSec(itlMs: number): number {
    const law = this.#law;
    const perRequestMs = law.perRequestMs(this.#chunks);
    const prefillSlope = (this.#chunks * perRequestMs) / (this.#chunks + law.outputTokens);
    const atZero = law.fixedMs(this.#chunks) + perRequestMs - this.#prefillAtZero(prefillSlope);
    return this.#rateAt((itlMs * law.outputTokens - atZero) / (perRequestMs - prefillSlope), perRequestMs);
  }

  rateForTtftPerSec(ttftMs: number): number {
    const law = this.#law;
    const m = law.outputTokens;
    const perRequestMs = law.perRequestMs(this.#chunks);
    const prefillSlope = (this.#chunks * perRequestMs) / (this.#chunks + m);
    const prefillAtZero = this.#prefillAtZero(prefillSlope);
    const atZero = prefillAtZero + (law.fixedMs(this.#chunks) + perRequestMs - prefillAtZero) / m;
    const slope = prefillSlope + (perRequestMs - prefillSlope) / m;
    const batch = (ttftMs - atZero) / slope;
    const rate = this.#rateAt(batch, perRequestMs);
    if (batch < 0.5 * this.#full) return rate;
    return Math.min(rate, this.#rateForWaitPerSec(ttftMs - atZero - slope * this.#full, perRequestMs));
  }

  rateForResponsePerSec(responseMs: number): number {
    const perRequestMs = this.#law.perRequestMs(this.#chunks);
    // τ(E + 1)
    const batch = (responseMs - this.#law.fixedMs(this.#chunks)) / perRequestMs - 1;
    const rate = this.#rateAt(batch, perRequestMs);
    if (batch < 0.5 * this.#full) return rate;
    const fullMs = this.#law.timeInServiceMs(this.#full, this.#chunks);
    return Math.min(rate, this.#rateForWaitPerSec(responseMs - fullMs, perRequestMs));
  }

  #prefillAtZero(slope: number): number {
    return this.#chunks * this.#law.alphaMs - slope + this.#law.prefillWorkMs(this.#chunks);
  }

  /** E = λ·(a + b)/(1 - λ·b) without a limit */
  #rateAt(batch: number, perRequestMs: number): number {
    return (1000 * batch) / (this.#law.fixedMs(this.#chunks) + perRequestMs + perRequestMs * batch);
  }

  /**
   * Rate at which a batch that is all but full makes requests wait. Near the full-batch rate, λ = μ_N·(1 - ε), the states below
   * N weigh like one side of a normal density of variance σ² = N·τ(N)/a, those above it like 1, r, r² …, r = 1 - ε. With
   * y = ε·σ and b(y) = √(π/2)·e^(y²/2)·(1 + erf(y/√2)) the mean number that waits is r·σ/h(y), h(y) = y·(1 + y·b(y)).
   * (Halfin and Whitt, Operations Research 29, 1981)
   */
  #rateForWaitPerSec(waitMs: number, perRequestMs: number): number {
    const full = this.#full;
    const fixedMs = this.#law.fixedMs(this.#chunks);
    const timeInService = fixedMs + full * perRequestMs;
    const fullRate = (1000 * full) / timeInService;
    const waiting = (waitMs * fullRate) / 1000;
    // A waiting room of Q cuts a mean of M off at about ℓ with M = ℓ/(1 - (2ℓ/Q)³).
    const share = (2 * waiting) / this.#waitingRoom;
    if (share >= 1) return fullRate;
    const spread = Math.sqrt((full * timeInService) / fixedMs);
    if (waiting <= 0) return fullRate * Math.max(0, 1 - 3 / spread);
    // y from h(y), fitted within 1.1 % for y in 0 … 6.
    const t = Math.log1p((spread * (1 - share * share * share)) / waiting);
    const y = (t * (1 + 0.544 * t)) / (1 + t * (1.2704 + 0.0407 * t));
    return fullRate * Math.max(0, 1 - y / spread);
  }
}

/** A batch limit as a whole number in 1 … ceiling; work that costs nothing allows any. */
function whole(batch: number, ceiling: number): number {
  return batch >= ceiling ? ceiling : batch >= 1 ? Math.floor(batch) : 1;
}
