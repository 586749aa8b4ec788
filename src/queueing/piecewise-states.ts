import { batchFromFull, type Stretch } from './batch-from-full.ts';
import { type BatchStates, type BatchWeights, logFullOf, NEGLIGIBLE } from './batch-states.ts';
import type { LinearLaw } from './laws/linear.ts';

/** A weight beyond this becomes the unit: no step of the sum can overflow. */
const LARGE = 1e6;

/** Batches from … to with one chunk count, where τ(n) = fixed + perRequest·n; of a law that is not linear, one batch. */
interface Piece extends Stretch {
  readonly from: number;
  readonly to: number;
  readonly fixedMs: number;
  readonly perRequestMs: number;
  /** Largest μ_n of the pieces below (1/ms). */
  readonly fastestBelow: number;
}

/** States at any rate, under any law and with any chunk counts, summed from the full batch down as far as their weights count. */
export class PiecewiseStates implements BatchStates {
  /** From the full batch down. */
  readonly #pieces: readonly Piece[];

  constructor(law: LinearLaw, full: number) {
    const pieces: Piece[] = [];
    let fastestBelow = 0;
    for (let from = 1; from <= full; ) {
      const chunks = law.chunks(from);
      const to = law.isLinear ? Math.max(from, Math.min(full, law.largestBatch(chunks))) : from;
      const fixedMs = law.isLinear ? law.fixedMs(chunks) : law.timeInServiceMs(from, chunks);
      const perRequestMs = law.isLinear ? law.perRequestMs(chunks) : 0;
      pieces.push({ from, to, fixedMs, perRequestMs, fastestBelow });
      // Within a piece μ_n rises.
      fastestBelow = Math.max(fastestBelow, to / (fixedMs + perRequestMs * to));
      from = to + 1;
    }
    this.#pieces = pieces.reverse();
  }

  weigh(lambda: number, weights: BatchWeights): void {
    let full = 1;
    let logFull = 0;
    let weight = 1;
    let below = 0;
    let belowInService = 0;
    for (const { from, to, fixedMs, perRequestMs, fastestBelow } of this.#pieces) {
      const a = lambda * fixedMs;
      const b = lambda * perRequestMs;
      const guard = to / NEGLIGIBLE;
      for (let n = to; n >= from; n--) {
        // w_{n-1} = w_n·μ_n/λ
        weight *= n / (a + b * n);
        below += weight;
        belowInService += (n - 1) * weight;
        if (weight > LARGE) {
          full /= weight;
          below /= weight;
          belowInService /= weight;
          logFull -= Math.log(weight);
          weight = 1;
        }
        // In a piece the ratios fall on the way down: what follows a negligible term there is less.
        if (weight * guard < below && fastestBelow <= lambda) {
          weight = 0;
          break;
        }
      }
      if (weight === 0) break;
    }
    weights.below = below;
    weights.belowInService = belowInService;
    weights.full = full;
    weights.logFull = logFull;
  }

  batchUnder(lambda: number, weights: BatchWeights, above: number): number {
    return batchFromFull(this.#pieces, lambda, Math.log(above) - logFullOf(weights));
  }
}
