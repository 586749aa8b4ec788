import type { ServiceLaw } from './service-law.ts';

/** μ_n and 1/μ_n for n = 1 … the largest batch limit; shared by all batch limits of a station. */
export class ServiceRates {
  /** μ_n (1/ms); index 0 unused. */
  readonly serviceRate: Float64Array;
  /** 1/μ_n (ms). */
  readonly interval: Float64Array;
  /** μ_1 … μ_n never falls up to this n. */
  readonly risingUpTo: number;
  #logWeights: Float64Array | undefined;

  constructor(law: ServiceLaw, maxBatchSize: number) {
    this.serviceRate = new Float64Array(maxBatchSize + 1);
    this.interval = new Float64Array(maxBatchSize + 1);
    let rising = 0;
    for (let n = 1; n <= maxBatchSize; n++) {
      const timeInService = law.timeInServiceMs(n);
      this.serviceRate[n] = n / timeInService;
      this.interval[n] = timeInService / n;
      if (rising === n - 1 && this.serviceRate[n] >= this.serviceRate[n - 1]) rising = n;
    }
    this.risingUpTo = rising;
  }

  /** Σ_{k ≤ n} ln(1/μ_k): the logarithm of a state's weight less n·ln λ. */
  logWeights(): Float64Array {
    if (this.#logWeights) return this.#logWeights;
    const logWeights = new Float64Array(this.interval.length);
    for (let n = 1; n < logWeights.length; n++)
      logWeights[n] = logWeights[n - 1] + Math.log(this.interval[n]);
    this.#logWeights = logWeights;
    return logWeights;
  }
}
