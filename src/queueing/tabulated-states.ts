import { batchFromFull, type Stretch } from './batch-from-full.ts';
import { type BatchStates, type BatchWeights, logFullOf, NEGLIGIBLE } from './batch-states.ts';
import type { ServiceLaw } from './service-law.ts';

/** A weight beyond this becomes the unit: no step of the sum can overflow. */
const LARGE = 1e6;

/** States under any law: the service rates of all batches in a table, summed from the full batch down as far as their weights count. */
export class TabulatedStates implements BatchStates {
  /** μ_n (1/ms) and the largest of μ_1 … μ_n, at n. */
  readonly #rates: Float64Array;
  readonly #fastest: Float64Array;
  /** From the full batch down, each batch for itself. */
  #stretches: Stretch[] | undefined;

  constructor(law: ServiceLaw, full: number) {
    this.#rates = new Float64Array(full + 1);
    this.#fastest = new Float64Array(full + 1);
    let chunks = 1;
    let upTo = 0;
    for (let n = 1; n <= full; n++) {
      if (n > upTo) {
        chunks = law.chunks(n);
        upTo = law.largestBatch(chunks);
      }
      this.#rates[n] = n / law.timeInServiceMs(n, chunks);
      this.#fastest[n] = Math.max(this.#fastest[n - 1], this.#rates[n]);
    }
  }

  weigh(lambda: number, weights: BatchWeights): void {
    const rates = this.#rates;
    let full = 1;
    let logFull = 0;
    let weight = 1;
    let below = 0;
    let belowInService = 0;
    for (let n = rates.length - 1; n > 0; n--) {
      // w_{n-1} = w_n·μ_n/λ
      weight *= rates[n] / lambda;
      below += weight;
      belowInService += (n - 1) * weight;
      if (weight > LARGE) {
        full /= weight;
        below /= weight;
        belowInService /= weight;
        logFull -= Math.log(weight);
        weight = 1;
      }
      // No rate below is faster than arrivals come: what follows a negligible term is less.
      if (weight * n < NEGLIGIBLE * below && this.#fastest[n - 1] <= lambda) break;
    }
    weights.below = below;
    weights.belowInService = belowInService;
    weights.full = full;
    weights.logFull = logFull;
  }

  batchUnder(lambda: number, weights: BatchWeights, above: number): number {
    this.#stretches ??= Array.from(this.#rates, (rate, n) => ({
      from: n,
      to: n,
      fixedMs: n / rate,
      perRequestMs: 0,
    }))
      .slice(1)
      .reverse();
    return batchFromFull(this.#stretches, lambda, Math.log(above) - logFullOf(weights));
  }
}
