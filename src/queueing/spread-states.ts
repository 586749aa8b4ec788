import type { LinearLaw } from './laws/linear.ts';

/** Terms below this share of their sum are skipped. */
const NEGLIGIBLE = 1e-15;

/** A sum of the states below beyond this: nobody finds the batch full, unless the states beyond the full batch weigh as much. */
const OVERWHELMING = 1e40;
const LOG_OVERWHELMING = Math.log(OVERWHELMING);

/**
 * The chain's states below a full batch, their weights raised to 1/v: the distribution of the batch whose variance is v times that
 * under Poisson arrivals, by the diffusion with the same drift. (Whitt, Management Science 38, 1992, on peakedness.)
 */
export class SpreadStates {
  /** (μ_n/μ_N)^(1/v), n = 0 … N */
  readonly #powers: Float64Array;
  /** μ_n/μ_N */
  readonly #rates: Float64Array;
  /** Mean of μ_n/μ_N over the states of the last sum; 1 where that is Infinity. */
  meanRate = 1;
  /** ln of the unit of the last sum. */
  logUnit = 0;

  constructor(law: LinearLaw, full: number, variability: number) {
    const fullRate = full / law.timeInServiceMs(full);
    this.#powers = new Float64Array(full + 1);
    this.#rates = new Float64Array(full + 1);
    for (let n = 1; n <= full; n++) {
      this.#rates[n] = n / law.timeInServiceMs(n) / fullRate;
      this.#powers[n] = this.#rates[n] ** (1 / variability);
    }
  }

  /** @param ratio (λ/μ_N)^(1/v)
   * @returns weight of all states below the full batch, that of the full batch being 1 in units of e^logUnit
   */
  below(ratio: number): number {
    const powers = this.#powers;
    let weight = 1;
    const rates = this.#rates;
    let sum = 0;
    let flow = 0;
    this.meanRate = 1;
    this.logUnit = 0;
    for (let n = powers.length - 1; n > 0; n--) {
      const step = powers[n] / ratio;
      weight *= step;
      sum += weight;
      flow += weight * rates[n - 1];
      if (!(sum < OVERWHELMING)) {
        if (!(ratio > 1 && sum < Number.POSITIVE_INFINITY)) return Number.POSITIVE_INFINITY;
        sum /= OVERWHELMING;
        flow /= OVERWHELMING;
        weight /= OVERWHELMING;
        this.logUnit += LOG_OVERWHELMING;
      }
      if (step < 1 && weight < NEGLIGIBLE * sum) break;
    }
    this.meanRate = sum > 0 ? flow / sum : 1;
    return sum;
  }
}
