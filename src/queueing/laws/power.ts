import type { Station } from '../../schemas/station.ts';
import type { IterationWork } from '../iteration-times.ts';
import { LinearLaw } from './linear.ts';

/**
 * T = α + (β·computed + γ·context)·B^(p-1): the work of a batch grows as a power of its requests. p < 1: they share what each would read
 * or launch alone; p > 1: they are in each other's way (caches, memory channels, scheduling).
 */
export class PowerLaw extends LinearLaw {
  override readonly isLinear = false;
  readonly #excess: number;

  constructor(station: Station, outputCv = 0, inputCv = 0, isInTurn = false) {
    super(station, outputCv, inputCv, isInTurn);
    this.#excess = station.serviceTime!.batchExponent! - 1;
  }

  /** τ(B) = (c + m)·(α + δ(c)·B^p) */
  override timeInServiceMs(batchSize: number, chunks = this.chunks(batchSize)): number {
    return this.fixedMs(chunks) + batchSize * this.#scale(batchSize) * this.perRequestMs(chunks);
  }

  override workNear(batchSize: number, chunks: number, work: IterationWork): void {
    super.workNear(batchSize, chunks, work);
    const scale = this.#scale(batchSize);
    work.decodeStepMs *= scale;
    work.stepVariance *= scale * scale;
    work.freshStepMs *= scale;
    work.prefillMs *= scale;
  }

  override decodeIterationMs(batchSize: number, chunks: number): number {
    const workMs = (batchSize - 1) * this.workPerIterationMs(chunks) + this.decodeStepMs;
    return this.alphaMs + this.#scale(batchSize) * workMs;
  }

  /** c·max(0, α + (B-1)·B^(p-1)·δ(c)) + w_prefill(c): the own prompt fills the arithmetic units alone and shares nothing. */
  override prefillMs(batchSize: number, chunks: number): number {
    const othersMs = (batchSize - 1) * this.#scale(batchSize) * this.workPerIterationMs(chunks);
    return chunks * Math.max(0, this.alphaMs + othersMs) + this.prefillWorkMs(chunks);
  }

  protected override decodeWorkMs(others: number): number {
    return this.#scale(others + 1) * super.decodeWorkMs(others);
  }

  protected override meanIterationMs(batchSize: number, chunks: number): number {
    return this.alphaMs + batchSize * this.#scale(batchSize) * this.workPerIterationMs(chunks);
  }

  /** B^(p-1); of a mean batch below 1, that of one request. */
  #scale(batchSize: number): number {
    return batchSize > 1 ? batchSize ** this.#excess : 1;
  }
}
