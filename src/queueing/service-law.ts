import type { Station } from '../schemas/station.ts';

export const DEFAULT_MAX_BATCH_TOKENS = 8192;

/**
 * Time that a batch of equal requests takes under the linear iteration-time law with chunked prefill.
 * L prompt and m output tokens, L_c of L cached, L_u = L - L_c computed, C the token budget of an iteration; c chunks.
 */
export class ServiceLaw {
  readonly alphaMs: number;
  readonly outputTokens: number;
  readonly #beta: number;
  readonly #gamma: number;
  readonly #inputTokens: number;
  readonly #computedTokens: number;
  readonly #cachedTokens: number;
  readonly #budget: number;
  readonly #decodeWorkMs: number;
  /** κ·L_u·(L_u + 2·L_c): each computed token attends to those before it. */
  readonly #attentionMs: number;
  /** Own prefill cost of a prompt token; NaN: β. */
  readonly #ownPrefill: number;
  readonly #overheadMs: number;
  readonly #residual: number;
  /** Whether the law has terms for the first token beside α, β and γ. */
  readonly hasFirstTokenTerms: boolean;

  constructor(station: Station) {
    const { alphaMs, betaMsPerToken, gammaMsPerToken2, prefillMsPerToken2 = 0 } = station.serviceTime!;
    const { prefillMsPerToken, requestOverheadMs, residualIterations } = station.serviceTime!;
    const m = station.outputTokens;
    this.alphaMs = alphaMs;
    this.#beta = betaMsPerToken;
    this.#gamma = gammaMsPerToken2;
    this.#inputTokens = station.inputTokens;
    this.#cachedTokens = station.cachedInputTokens ?? 0;
    this.#computedTokens = station.inputTokens - this.#cachedTokens;
    this.outputTokens = m;
    this.#budget = station.maxBatchTokens ?? DEFAULT_MAX_BATCH_TOKENS;
    // w_decode = β·m + γ·m·(L + (m+1)/2)
    this.#decodeWorkMs = m * this.decodeStepMs;
    this.#attentionMs =
      prefillMsPerToken2 * this.#computedTokens * (this.#computedTokens + 2 * this.#cachedTokens);
    this.#ownPrefill = prefillMsPerToken ?? Number.NaN;
    this.#overheadMs = requestOverheadMs ?? 0;
    this.#residual = residualIterations ?? 0;
    this.hasFirstTokenTerms = this.#ownPrefill >= 0 || this.#overheadMs > 0 || this.#residual > 0;
  }

  /** Whether a prompt token in a request's own prefill costs other than β. */
  get hasOwnPrefill(): boolean {
    return !Number.isNaN(this.#ownPrefill);
  }

  /** Own work of a request in one decode step: β + γ·(L + (m+1)/2). */
  get decodeStepMs(): number {
    return this.#beta + this.#gamma * (this.#inputTokens + (this.outputTokens + 1) / 2);
  }

  /** c(B): the fewest chunks k with b_k ≥ B, b_k = floor(max(0, (k + m)·(C - L_u/k)/(L_u + m))). */
  chunks(batchSize: number): number {
    const m = this.outputTokens;
    const lu = this.#computedTokens;
    const budget = this.#budget;
    if (this.largestBatch(1) >= batchSize) return 1;
    // The positive root of C·k² + (C·m - L_u - B·(L_u + m))·k - m·L_u = 0; the steps after it settle rounding.
    const b = batchSize * (lu + m) + lu - budget * m;
    const root = (b + Math.sqrt(b * b + 4 * budget * m * lu)) / (2 * budget);
    let k = Math.max(2, Math.ceil(root));
    while (k > 2 && this.largestBatch(k - 1) >= batchSize) k--;
    // Past 2^53 a step of one no longer changes k: the bound keeps the loop finite there.
    for (let i = 0; i < 8 && this.largestBatch(k) < batchSize; i++) k++;
    return k;
  }

  /** b_k: the largest batch whose requests are prefilled in k chunks. */
  largestBatch(k: number): number {
    const m = this.outputTokens;
    const lu = this.#computedTokens;
    return Math.floor(Math.max(0, ((k + m) * (this.#budget - lu / k)) / (lu + m)));
  }

  /** w_prefill(c) = (β + γ·(c+1)/2)·L_u + γ·c·L_c + κ·L_u·(L_u + 2·L_c) */
  prefillWorkMs(chunks: number): number {
    const gamma = this.#gamma;
    return (
      (this.#beta + (gamma * (chunks + 1)) / 2) * this.#computedTokens +
      gamma * chunks * this.#cachedTokens +
      this.#attentionMs
    );
  }

  /** δ(c) = (w_prefill(c) + w_decode)/(c + m): a request's mean own work per iteration. */
  workPerIterationMs(chunks: number): number {
    return this.perRequestMs(chunks) / (chunks + this.outputTokens);
  }

  /** τ(B) = (c + m)·(α + B·δ(c)): time in service at a constant batch of B. */
  timeInServiceMs(batchSize: number, chunks = this.chunks(batchSize)): number {
    return this.fixedMs(chunks) + batchSize * this.perRequestMs(chunks);
  }

  /** The part of τ(B) that does not depend on the batch: (c + m)·α. */
  fixedMs(chunks: number): number {
    return (chunks + this.outputTokens) * this.alphaMs;
  }

  /** What each request in the batch adds to τ(B): its whole own work, w_prefill + w_decode. */
  perRequestMs(chunks: number): number {
    return this.prefillWorkMs(chunks) + this.#decodeWorkMs;
  }

  /** prefill(B) = c·max(0, α + (B-1)·δ(c)) + w_prefill(c) */
  prefillMs(batchSize: number, chunks: number): number {
    return (
      chunks * Math.max(0, this.alphaMs + (batchSize - 1) * this.workPerIterationMs(chunks)) +
      this.prefillWorkMs(chunks)
    );
  }

  /**
   * Prefill that a request sees which finds `others` in the batch: prefill(B), or, where the own cost of a prompt token is known,
   * c·(α + others·w_decode/m) with the own work at that cost.
   */
  ownPrefillMs(others: number, chunks: number): number {
    if (Number.isNaN(this.#ownPrefill)) return this.prefillMs(others, chunks);
    const own = this.prefillWorkMs(chunks) + (this.#ownPrefill - this.#beta) * this.#computedTokens;
    return chunks * (this.alphaMs + others * this.decodeStepMs) + own;
  }

  /** What a request takes before its prefill, outside the queue: its overhead, and the rest of the iteration under way, if there is one. */
  beforePrefillMs(others: number, chunks: number): number {
    if (this.#residual === 0) return this.#overheadMs;
    // Of a mean of `others`, found by chance, there are none with probability e^-others.
    const isBusy = -Math.expm1(-others);
    const iterationMs = this.alphaMs + others * this.workPerIterationMs(chunks);
    return this.#overheadMs + this.#residual * isBusy * iterationMs;
  }
}
