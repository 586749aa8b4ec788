import type { Station } from '../../schemas/station.ts';
import { LinearLaw } from './linear.ts';

/** Below this e^-x is no number. */
const LARGEST_EXPONENT = 700;

/**
 * T = α + β·computed + γ·context + β'·max(0, computed - K): up to K tokens an iteration waits for memory, beyond for arithmetic, as the
 * roofline has it (Williams, Waterman and Patterson, CACM 52(4), 2009). Iterations differ: each request of the batch is in its prefill
 * with probability q = c/(c + m) and then computes s = L_u/c tokens, else one.
 */
export class TwoRegimeLaw extends LinearLaw {
  override readonly isLinear = false;
  readonly #knee: number;
  readonly #beyond: number;

  constructor(station: Station, outputCv = 0) {
    super(station, outputCv);
    this.#knee = station.serviceTime!.kneeTokens!;
    this.#beyond = station.serviceTime!.betaBeyondKneeMsPerToken!;
  }

  /** τ(B) = (c + m)·(α + B·δ(c)) + β'·(c·E(B-1, s) + m·E(B-1, 1)), which is (c + m)·β'·E(B, 0). */
  override timeInServiceMs(batchSize: number, chunks = this.chunks(batchSize)): number {
    const iterations = chunks + this.outputTokens;
    return super.timeInServiceMs(batchSize, chunks) + iterations * this.#beyondMs(batchSize, 0, chunks);
  }

  override decodeIterationMs(batchSize: number, chunks: number): number {
    return super.decodeIterationMs(batchSize, chunks) + this.#beyondMs(batchSize - 1, 1, chunks);
  }

  override prefillMs(batchSize: number, chunks: number): number {
    const ownMs = this.#beyondMs(batchSize - 1, this.computedTokens / chunks, chunks);
    return super.prefillMs(batchSize, chunks) + chunks * ownMs;
  }

  protected override meanIterationMs(batchSize: number, chunks: number): number {
    return super.meanIterationMs(batchSize, chunks) + this.#beyondMs(batchSize, 0, chunks);
  }

  /** β'·E(others, own), between whole numbers of others linear. */
  #beyondMs(others: number, own: number, chunks: number): number {
    const whole = Math.max(0, Math.floor(others));
    const share = Math.max(0, others) - whole;
    const below = this.#excessTokens(whole, own, chunks);
    const above = share > 0 ? this.#excessTokens(whole + 1, own, chunks) : below;
    return this.#beyond * (below + share * (above - below));
  }

  /**
   * E(B, own) = E[max(0, own + B + k·(s-1) - K)] with k binomial of B and q: the mean of what stands in it, and the few k at which that is
   * below 0. Where B and K are large all but the mean is lost.
   */
  #excessTokens(others: number, own: number, chunks: number): number {
    const inPrefill = chunks / (chunks + this.outputTokens);
    const more = this.computedTokens / chunks - 1;
    const room = this.#knee - own - others;
    const mean = others * inPrefill * more - room;
    if (more <= 0) return this.#excessOfLess(others, inPrefill, -more, room);
    const odds = inPrefill / (1 - inPrefill);
    const exponent = -others * Math.log1p(-inPrefill);
    if (room <= 0) return mean;
    if (exponent > LARGEST_EXPONENT) return Math.max(0, mean);
    let probability = Math.exp(-exponent);
    let below = 0;
    for (let k = 0; k <= others && k * more < room; k++) {
      below += probability * (room - k * more);
      probability *= ((others - k) / (k + 1)) * odds;
    }
    return Math.max(0, mean + below);
  }

  /** Where a prefill computes less than a token of its own, cached as it is: so little less that its mean is taken for it. */
  #excessOfLess(others: number, inPrefill: number, less: number, room: number): number {
    return Math.max(0, -room - others * inPrefill * less);
  }
}
