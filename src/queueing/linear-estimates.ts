import type { QueueEstimates } from './queue-model.ts';
import type { ServiceLaw } from './service-law.ts';

/** Estimates where one chunk count serves every batch: the iteration time and the prefill are linear in the batch. */
export class LinearEstimates implements QueueEstimates {
  readonly #law: ServiceLaw;
  readonly #chunks: number;
  readonly #full: number;
  readonly #waitingRoom: number;

  constructor(law: ServiceLaw, chunks: number, maxBatchSize: number, waitingRoom: number) {
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

  rateForItlPerSec(itlMs: number): number {
    const { atZero, slope } = this.#decoding();
    return this.#rateAt((itlMs - atZero) / slope);
  }

  rateForTtftPerSec(ttftMs: number): number {
    const { atZero, slope } = this.#decoding();
    const { fixed, work } = this.#prefill();
    const unloadedMs = fixed + atZero;
    const perBatchMs = work + slope;
    const batch = (ttftMs - unloadedMs) / perBatchMs;
    const full = this.#full;
    if (batch < 0.5 * full) return this.#rateAt(batch);
    return Math.min(this.#rateAt(batch), this.#rateForWaitPerSec(ttftMs - unloadedMs - perBatchMs * full));
  }

  /** prefill(E) = fixed + work·E = c·(α + (E-1)·δ) + w_prefill */
  #prefill() {
    const law = this.#law;
    const chunks = this.#chunks;
    const work = chunks * law.workPerIterationMs(chunks);
    return { fixed: chunks * law.alphaMs - work + law.prefillWorkMs(chunks), work };
  }

  /** ITL·m = τ(E + 1) - prefill(E) at a mean batch of E below the limit. */
  #decoding() {
    const law = this.#law;
    const perRequest = law.perRequestMs(this.#chunks);
    const { fixed, work } = this.#prefill();
    const atZero = (law.fixedMs(this.#chunks) + perRequest - fixed) / law.outputTokens;
    return { atZero, slope: (perRequest - work) / law.outputTokens };
  }

  /** E = λ·(a + b)/(1 - λ·b) without a limit */
  #rateAt(batch: number): number {
    const perRequest = this.#law.perRequestMs(this.#chunks);
    return (1000 * batch) / (this.#law.fixedMs(this.#chunks) + perRequest + perRequest * batch);
  }

  /**
   * Rate at which a batch that is all but full makes requests wait. Near the full-batch rate, λ = μ_N·(1 - ε), the states below
   * N weigh like one side of a normal density of variance σ² = N·τ(N)/a, those above it like 1, r, r² …, r = 1 - ε. With
   * y = ε·σ and b(y) = √(π/2)·e^(y²/2)·(1 + erf(y/√2)) the mean number that waits is σ/h(y), h(y) = y·(1 + y·b(y)).
   * (Halfin and Whitt, Operations Research 29, 1981)
   */
  #rateForWaitPerSec(waitMs: number): number {
    const full = this.#full;
    const fixed = this.#law.fixedMs(this.#chunks);
    const timeInService = fixed + full * this.#law.perRequestMs(this.#chunks);
    const fullRate = full / timeInService;
    const waiting = waitMs * fullRate;
    if (waiting <= 0) return 1000 * fullRate * (1 - 3 / Math.sqrt(full));
    if (waiting >= 0.5 * this.#waitingRoom) return 1000 * fullRate;
    const spread = Math.sqrt((full * timeInService) / fixed);
    // y from h(y), fitted within 1.1 % for y in 0 … 6.
    const t = Math.log1p(spread / waiting);
    const y = (t * (1 + 0.544 * t)) / (1 + t * (1.2704 + 0.0407 * t));
    return 1000 * fullRate * Math.max(0, 1 - y / spread);
  }
}

/** A batch limit as a whole number in 1 … ceiling; work that costs nothing allows any. */
function whole(batch: number, ceiling: number): number {
  return batch >= ceiling ? ceiling : batch >= 1 ? Math.floor(batch) : 1;
}
