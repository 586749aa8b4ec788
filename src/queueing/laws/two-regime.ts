import { logGamma } from '../../numerics/log-gamma.ts';
import type { Station } from '../../schemas/station.ts';
import type { IterationWork } from '../iteration-times.ts';
import { LinearLaw } from './linear.ts';

/** Below this e^-x is no number. */
const LARGEST_EXPONENT = 700;

/** Lengths that vary less are all the same. */
const LEAST_CV = 0.05;

/** A term below this share of its sum ends it. */
const NEGLIGIBLE = 1e-15;

/**
 * T = α + β·computed + γ·context + β'·max(0, computed - K): up to K tokens an iteration waits for memory, beyond for arithmetic, as the
 * roofline has it (Williams, Waterman and Patterson, CACM 52(4), 2009). Iterations differ: each request of the batch is in its prefill
 * with probability q = c/(c + m) and then computes s = L_u/c tokens, else one.
 */
export class TwoRegimeLaw extends LinearLaw {
  override readonly isLinear = false;
  readonly #knee: number;
  readonly #beyond: number;
  /** 0: all prompts are of one length. */
  readonly #inputCv2: number;

  constructor(station: Station, outputCv = 0, inputCv = 0) {
    super(station, outputCv, inputCv);
    this.#inputCv2 = inputCv < LEAST_CV ? 0 : inputCv * inputCv;
    this.#knee = station.serviceTime!.kneeTokens!;
    this.#beyond = station.serviceTime!.betaBeyondKneeMsPerToken!;
  }

  /** τ(B) = (c + m)·(α + B·δ(c)) + β'·(c·E(B-1, s) + m·E(B-1, 1)), which is (c + m)·β'·E(B, 0). */
  override timeInServiceMs(batchSize: number, chunks = this.chunks(batchSize)): number {
    const iterations = chunks + this.outputTokens;
    return super.timeInServiceMs(batchSize, chunks) + iterations * this.#beyondMs(batchSize, 0, 0, chunks);
  }

  /** What one more that decodes, or that is in its prefill, adds to β'·E, and what of β'·E that leaves. */
  override workNear(batchSize: number, chunks: number, work: IterationWork): void {
    super.workNear(batchSize, chunks, work);
    const inPrefill = chunks / (chunks + this.outputTokens);
    const none = this.#beyondMs(batchSize, 0, 0, chunks);
    const ofDecode = this.#beyondMs(batchSize, 1, 0, chunks) - none;
    const ofChunk = this.#beyondMs(batchSize, 0, 1, chunks) - none;
    work.decodeStepMs += ofDecode;
    work.freshStepMs += ofDecode;
    work.prefillMs += chunks * ofChunk;
    // No less than nothing where it bends so much that this does not hold far from here.
    const left = none - batchSize * ((1 - inPrefill) * ofDecode + inPrefill * ofChunk);
    work.fixedMs = Math.max(0, work.fixedMs + left);
  }

  override decodeIterationMs(batchSize: number, chunks: number): number {
    return super.decodeIterationMs(batchSize, chunks) + this.#beyondMs(batchSize - 1, 1, 0, chunks);
  }

  override prefillMs(batchSize: number, chunks: number): number {
    return super.prefillMs(batchSize, chunks) + chunks * this.#beyondMs(batchSize - 1, 0, 1, chunks);
  }

  protected override meanIterationMs(batchSize: number, chunks: number): number {
    return super.meanIterationMs(batchSize, chunks) + this.#beyondMs(batchSize, 0, 0, chunks);
  }

  /** β'·E(others, decoding, prefilling), between whole numbers of others linear; 0 where the budget does not reach the knee. */
  #beyondMs(others: number, decoding: number, prefilling: number, chunks: number): number {
    if (this.budget <= this.#knee) return 0;
    const whole = Math.max(0, Math.floor(others));
    const share = Math.max(0, others) - whole;
    const below = this.#excessTokens(whole, decoding, prefilling, chunks);
    const above = share > 0 ? this.#excessTokens(whole + 1, decoding, prefilling, chunks) : below;
    return this.#beyond * (below + share * (above - below));
  }

  /**
   * E = E[max(0, min(C, X) - K)], X = decoding + B - k + S(k + prefilling): k binomial of B and q, S(n) what n prompts compute in an
   * iteration. What is above the budget C is for another.
   */
  #excessTokens(others: number, decoding: number, prefilling: number, chunks: number): number {
    const aboveKnee = this.#excessAbove(this.#knee, others, decoding, prefilling, chunks);
    return aboveKnee - this.#excessAbove(this.budget, others, decoding, prefilling, chunks);
  }

  /**
   * E[max(0, X - limit)]: the mean of what stands in it, and the few k at which that may be below 0. Where B and the limit are large all but
   * the mean is lost.
   */
  #excessAbove(limit: number, others: number, decoding: number, prefilling: number, chunks: number): number {
    const inPrefill = chunks / (chunks + this.outputTokens);
    const size = this.computedTokens / chunks;
    const room = limit - decoding - others;
    const mean = (others * inPrefill + prefilling) * size - others * inPrefill - room;
    if (size <= 1) return Math.max(0, mean);
    const cv2 = this.#inputCv2;
    if (cv2 === 0 && (others + prefilling) * size <= limit - decoding) return 0;
    const odds = inPrefill / (1 - inPrefill);
    const exponent = -others * Math.log1p(-inPrefill);
    if (exponent > LARGEST_EXPONENT) return Math.max(0, mean);
    const likeliest = others * inPrefill;
    let probability = Math.exp(-exponent);
    let below = 0;
    for (let k = 0; k <= others; k++) {
      const free = room + k;
      const prompts = k + prefilling;
      const short = free > 0 ? meanBelow(free, prompts, size, cv2) : 0;
      below += probability * short;
      // From here on what is free grows by one a prompt, and what they compute by more; or there are never so many.
      const rest = k > likeliest ? probability * (free + others - k) : Number.POSITIVE_INFINITY;
      if (prompts * size > free && probability * short <= NEGLIGIBLE * below) break;
      if (rest <= NEGLIGIBLE * below) break;
      probability *= ((others - k) / (k + 1)) * odds;
    }
    return Math.max(0, mean + below);
  }
}

/** E[max(0, free - S)], S of a gamma distribution: so many prompts of a mean size with a squared coefficient of variation each. */
function meanBelow(free: number, prompts: number, size: number, cv2: number): number {
  const computed = prompts * size;
  if (prompts === 0 || cv2 === 0) return Math.max(0, free - computed);
  const shape = prompts / cv2;
  const scale = size * cv2;
  const x = free / scale;
  // P(shape, x) = first·Σ x^n/((shape + 1)…(shape + n)); where x is far above the shape nothing is left above it.
  if (x - shape > 8 * Math.sqrt(shape) + 40) return free - computed;
  const first = Math.exp(shape * Math.log(x) - x - logGamma(shape + 1));
  let term = 1;
  let sum = 1;
  for (let n = 1; term > NEGLIGIBLE * sum; n++) {
    term *= x / (shape + n);
    sum += term;
  }
  return Math.max(0, scale * first * ((x - shape) * sum + shape));
}
