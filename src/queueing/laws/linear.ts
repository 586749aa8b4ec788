import type { Station } from '../../schemas/station.ts';
import type { IterationWork } from '../iteration-times.ts';
import { DEFAULT_MAX_BATCH_TOKENS, type ServiceLaw } from '../service-law.ts';

/** Where a full batch takes less than this longer than an empty one (relative), rounding decides what rises. */
const LEAST_RISE = 1e-5;

/**
 * T = α + β·computed + γ·context: the weights are read once whatever the batch, and each token adds its own time; one that is decoded β_d.
 * L prompt and m output tokens, L_c of L cached, L_u = L - L_c computed, C the token budget of an iteration; c chunks.
 */
export class LinearLaw implements ServiceLaw {
  /** Whether τ(B) is fixedMs + B·perRequestMs as long as the chunk count stays: closed forms hold. */
  readonly isLinear: boolean = true;
  readonly alphaMs: number;
  readonly outputTokens: number;
  readonly #beta: number;
  /** β_d: of the token of a decode step; β where nothing is said of it. */
  readonly #decodeBeta: number;
  readonly #gamma: number;
  readonly #inputTokens: number;
  /** L_u */
  readonly computedTokens: number;
  readonly #cachedTokens: number;
  /** C */
  readonly budget: number;
  readonly #squareToMean: number;
  /** γ²·Var of the tokens that a request in service has written: m³-moments of a gamma distribution, E[m³]/(3·E[m]) - (E[m²]/(2·E[m]))². */
  readonly #stepVariance: number;
  readonly #decodeWorkMs: number;
  /** κ·(E[L_u²] + 2·L_u·L_c): each computed token attends to those before it. */
  readonly #attentionMs: number;
  /** Own prefill cost of a prompt token; NaN: β. */
  readonly #ownPrefill: number;
  /** Fixed cost of a request before its prefill. */
  readonly overheadMs: number;
  readonly #residual: number;
  readonly #isInTurn: boolean;
  /** Whether the law has terms for the first token beside α, β and γ. */
  readonly hasFirstTokenTerms: boolean;

  /**
   * @param outputCv coefficient of variation of the output lengths; a long output reads its context in all of its many steps
   * @param inputCv that of the prompt lengths; a long prompt attends to all of its many tokens
   * @param isInTurn whether prompts take the token budget first come, first served, in place of an even share each
   */
  constructor(station: Station, outputCv = 0, inputCv = 0, isInTurn = false) {
    const { alphaMs, betaMsPerToken, gammaMsPerToken2, prefillMsPerToken2 = 0 } = station.serviceTime!;
    const { decodeMsPerToken, prefillMsPerToken, requestOverheadMs, residualIterations } =
      station.serviceTime!;
    const m = station.outputTokens;
    this.alphaMs = alphaMs;
    this.#beta = betaMsPerToken;
    this.#decodeBeta = decodeMsPerToken ?? betaMsPerToken;
    this.#gamma = gammaMsPerToken2;
    this.#inputTokens = station.inputTokens;
    this.#cachedTokens = station.cachedInputTokens ?? 0;
    this.computedTokens = station.inputTokens - this.#cachedTokens;
    this.outputTokens = m;
    this.budget = station.maxBatchTokens ?? DEFAULT_MAX_BATCH_TOKENS;
    // E[m²]/E[m], for geometric lengths (cv 1) exactly; one token has no variation.
    this.#squareToMean = m + outputCv * outputCv * (m - 1);
    const cv2 = outputCv * outputCv;
    this.#stepVariance = (gammaMsPerToken2 * m) ** 2 * (1 + cv2) * ((1 + 2 * cv2) / 3 - (1 + cv2) / 4);
    // w_decode = β_d·m + γ·m·(L + (E[m²]/m + 1)/2)
    this.#decodeWorkMs = m * this.decodeStepMs;
    const meanAttended = (1 + inputCv * inputCv) * this.computedTokens + 2 * this.#cachedTokens;
    this.#attentionMs = prefillMsPerToken2 * this.computedTokens * meanAttended;
    this.#ownPrefill = prefillMsPerToken ?? Number.NaN;
    this.overheadMs = requestOverheadMs ?? 0;
    this.#residual = residualIterations ?? 0;
    this.#isInTurn = isInTurn;
    this.hasFirstTokenTerms = this.#ownPrefill >= 0 || this.overheadMs > 0 || this.#residual > 0;
  }

  /** Own work of a request in one decode step: β_d + γ·(L + (m+1)/2) where all outputs are of one length. */
  get decodeStepMs(): number {
    return this.#decodeBeta + this.#gamma * (this.#inputTokens + (this.#squareToMean + 1) / 2);
  }

  /** Of a decode step, what reading the prompt takes: γ·L. */
  get promptStepMs(): number {
    return this.#gamma * this.#inputTokens;
  }

  /** Whether a prompt token in a request's own prefill costs other than β. */
  get hasOwnPrefill(): boolean {
    return !Number.isNaN(this.#ownPrefill);
  }

  get ownBesideMs(): number {
    return Number.isNaN(this.#ownPrefill) ? 0 : (this.#ownPrefill - this.#beta) * this.computedTokens;
  }

  /** c(B): the fewest chunks k with b_k ≥ B, b_k = floor(max(0, (k + m)·(C - L_u/k)/(L_u + m))). */
  chunks(batchSize: number): number {
    const m = this.outputTokens;
    const lu = this.computedTokens;
    const budget = this.budget;
    if (this.largestBatch(1) >= batchSize) return 1;
    if (this.#isInTurn) return Math.ceil(Math.max(lu / budget, this.chunksWaited(batchSize)));
    // The positive root of C·k² + (C·m - L_u - B·(L_u + m))·k - m·L_u = 0; the steps after it settle rounding.
    const b = batchSize * (lu + m) + lu - budget * m;
    const root = (b + Math.sqrt(b * b + 4 * budget * m * lu)) / (2 * budget);
    let k = Math.max(2, Math.ceil(root));
    while (k > 2 && this.largestBatch(k - 1) >= batchSize) k--;
    // Past 2^53 a step of one no longer changes k: the bound keeps the loop finite there.
    for (let i = 0; i < 8 && this.largestBatch(k) < batchSize; i++) k++;
    return k;
  }

  /** b_k: the largest batch whose requests are prefilled in k chunks; in turn all of the budget is used. */
  largestBatch(k: number): number {
    const m = this.outputTokens;
    const lu = this.computedTokens;
    if (this.#isInTurn) return k * this.budget >= lu ? Math.floor(((k + m) * this.budget) / (lu + m)) : 0;
    return Math.floor(Math.max(0, ((k + m) * (this.budget - lu / k)) / (lu + m)));
  }

  /**
   * Iterations that a prompt is prefilled in, on average, beside so many that decode: it takes what of the token budget these leave, and of
   * the last iteration on average a half. (c(B) holds where all prompts of a batch are spread over as many iterations.)
   */
  chunksBeside(decoding: number): number {
    return Math.max(1, this.computedTokens / Math.max(1, this.budget - decoding) + 1 / 2);
  }

  /** Requests that decode where every iteration is filled up: as many leave as enter. */
  get #mostDecoding(): number {
    return (this.budget * this.outputTokens) / (this.computedTokens + this.outputTokens);
  }

  /** Iterations from joining a batch of so many to the end of the prefill, where the token budget is the limit; below 0 it is not. */
  chunksWaited(batchSize: number): number {
    return (batchSize * (this.computedTokens + this.outputTokens)) / this.budget - this.outputTokens;
  }

  /** w_prefill(c) = (β + γ·(c+1)/2)·L_u + γ·c·L_c + κ·(E[L_u²] + 2·L_u·L_c) */
  prefillWorkMs(chunks: number): number {
    const gamma = this.#gamma;
    // In turn it reads its context as often as it has chunks, not while it waits for them; of C the others leave C·L_u/(L_u + m).
    const read = this.#isInTurn ? Math.min(chunks, this.chunksBeside(this.#mostDecoding)) : chunks;
    return (
      (this.#beta + (gamma * (read + 1)) / 2) * this.computedTokens +
      gamma * read * this.#cachedTokens +
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

  /** Whether a batch of so many takes longer than an empty one by more than rounding. */
  growsWithBatch(maxBatchSize: number, chunks: number): boolean {
    return this.perRequestMs(chunks) * maxBatchSize > LEAST_RISE * this.fixedMs(chunks);
  }

  /** What each request in the batch adds to τ(B): its whole own work, w_prefill + w_decode. */
  perRequestMs(chunks: number): number {
    return this.prefillWorkMs(chunks) + this.#decodeWorkMs;
  }

  /**
   * What an iteration takes near a batch of B: fixed, for each that decodes, for each prefill in it.
   *
   * @param work is overwritten
   */
  workNear(_batchSize: number, chunks: number, work: IterationWork): void {
    work.fixedMs = this.alphaMs;
    work.decodeStepMs = this.decodeStepMs;
    work.stepVariance = this.#stepVariance;
    work.freshStepMs = this.#decodeBeta + this.#gamma * (this.#inputTokens + 1);
    work.prefillMs = this.prefillWorkMs(chunks);
  }

  /** α + (B-1)·δ + β_d + γ·(L + (m+1)/2) */
  decodeIterationMs(batchSize: number, chunks: number): number {
    return this.alphaMs + (batchSize - 1) * this.workPerIterationMs(chunks) + this.decodeStepMs;
  }

  /** prefill(B) = c·max(0, α + (B-1)·δ(c)) + w_prefill(c) */
  prefillMs(batchSize: number, chunks: number): number {
    return (
      chunks * Math.max(0, this.alphaMs + (batchSize - 1) * this.workPerIterationMs(chunks)) +
      this.prefillWorkMs(chunks)
    );
  }

  ownPrefillMs(others: number, chunks: number): number {
    if (Number.isNaN(this.#ownPrefill)) return this.prefillMs(others, chunks);
    return chunks * (this.alphaMs + this.decodeWorkMs(others)) + this.ownPrefillWorkMs(chunks);
  }

  /** What the decode steps of so many others add to an iteration. */
  protected decodeWorkMs(others: number): number {
    return others * this.decodeStepMs;
  }

  /** w_prefill with the own cost of a prompt token in the place of β. */
  protected ownPrefillWorkMs(chunks: number): number {
    return this.prefillWorkMs(chunks) + (this.#ownPrefill - this.#beta) * this.computedTokens;
  }

  beforePrefillMs(others: number, chunks: number): number {
    if (this.#residual === 0) return this.overheadMs;
    // Of a mean of `others`, found by chance, there are none with probability e^-others.
    const isBusy = -Math.expm1(-others);
    return this.overheadMs + isBusy * this.residualMs(others, chunks);
  }

  /** Mean rest of the iteration under way in a batch of `others` > 0. */
  residualMs(others: number, chunks: number): number {
    return this.#residual * this.meanIterationMs(others, chunks);
  }

  /** α + B·δ(c): of an iteration in a batch of B, whatever its requests do in it. */
  protected meanIterationMs(batchSize: number, chunks: number): number {
    return this.alphaMs + batchSize * this.workPerIterationMs(chunks);
  }
}
