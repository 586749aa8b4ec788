import { type BatchStates, NEGLIGIBLE } from './batch-states.ts';
import type { ServiceRates } from './service-rates.ts';

const LOG_NEGLIGIBLE = Math.log(NEGLIGIBLE) - 20;

/** States with any service rates, from tables; summed where their weights count. */
export class TabledStates implements BatchStates {
  readonly #full: number;
  readonly #rates: ServiceRates;
  below = Number.NaN;
  belowInService = Number.NaN;
  weightFull = Number.NaN;
  logWeightFull = Number.NaN;

  constructor(rates: ServiceRates, full: number) {
    this.#rates = rates;
    this.#full = full;
  }

  weigh(lambda: number, reach: number): void {
    if (this.#full <= this.#rates.risingUpTo) this.#walk(lambda, reach);
    else this.#sumLogarithms(lambda);
  }

  /** μ_n rises with n, so the weights rise up to the last n with μ_n ≤ λ and fall after it: both ways from there. */
  #walk(lambda: number, reach: number): void {
    const { serviceRate, interval } = this.#rates;
    const full = this.#full;
    const mode = lastAtMost(serviceRate, full, lambda);
    let below = 0;
    let belowInService = 0;
    let weight = 1;
    if (mode === full) {
      this.weightFull = 1;
      this.logWeightFull = 0;
    } else {
      below = 1;
      belowInService = mode;
      // What a unit of weight at n can still add to any sum above n.
      const guard = (full * full + reach) / NEGLIGIBLE;
      let n = mode + 1;
      for (; n < full; n++) {
        weight *= lambda * interval[n];
        below += weight;
        belowInService += n * weight;
        if (weight * guard < belowInService) break;
      }
      this.weightFull = n === full ? weight * lambda * interval[full] : 0;
      this.logWeightFull = Math.log(this.weightFull);
    }
    weight = 1;
    const perLambda = 1 / lambda;
    const guard = full / NEGLIGIBLE;
    for (let n = mode; n > 0; n--) {
      weight *= serviceRate[n] * perLambda;
      below += weight;
      belowInService += (n - 1) * weight;
      if (weight * guard < below) break;
    }
    this.below = below;
    this.belowInService = belowInService;
  }

  /** Chunked prefill can make μ_n fall again, and the chain have several modes: weights by their logarithms. */
  #sumLogarithms(lambda: number): void {
    const logWeight = this.#rates.logWeights();
    const full = this.#full;
    const logLambda = Math.log(lambda);
    let heaviest = 0;
    for (let n = 1; n <= full; n++) {
      const w = n * logLambda + logWeight[n];
      if (w > heaviest) heaviest = w;
    }
    // What is less than this cannot be seen, neither beside the heaviest state nor beside the first with a request.
    const least = LOG_NEGLIGIBLE + Math.min(heaviest, logLambda + logWeight[1]);
    let below = 0;
    let belowInService = 0;
    for (let n = 0; n < full; n++) {
      const logarithm = n * logLambda + logWeight[n];
      if (logarithm < least) continue;
      const weight = Math.exp(logarithm - heaviest);
      below += weight;
      belowInService += n * weight;
    }
    this.below = below;
    this.belowInService = belowInService;
    this.logWeightFull = full * logLambda + logWeight[full] - heaviest;
    this.weightFull = Math.exp(this.logWeightFull);
  }
}

/** Largest n in 0 … last with values[n] ≤ limit, for rising values. */
function lastAtMost(values: Float64Array, last: number, limit: number): number {
  let low = 0;
  let high = last + 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (values[middle] <= limit) low = middle;
    else high = middle;
  }
  return low;
}
