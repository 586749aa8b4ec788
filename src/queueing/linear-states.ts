import { betaFraction } from '../numerics/beta-fraction.ts';
import { logGamma } from '../numerics/log-gamma.ts';
import { type BatchStates, NEGLIGIBLE } from './batch-states.ts';

/** Up to this many states a plain sum is as fast as the closed form. */
const SUMMED_UP_TO = 40;

/** Beyond this s = a/b the logarithms of the gamma functions cost too many digits. */
const LARGEST_SHAPE = 1e5;

/**
 * States whose time in service is linear in the batch: τ(n) = a + b·n. Then w_n = Π λ·(a + b·k)/k over k ≤ n is, with x = λ·b
 * and s = a/b, the negative binomial weight x^n·Γ(n+1+s)/(Γ(1+s)·n!): its sum is an incomplete beta function, and its mean
 * follows from n·w_n = λ·(a + b·n)·w_{n-1}. No sum over the states is needed. The weights are probabilities, given n ≤ N.
 */
export class LinearStates implements BatchStates {
  readonly #full: number;
  readonly #fixed: number;
  readonly #perRequest: number;
  #logChoice = Number.NaN;
  below = Number.NaN;
  belowInService = Number.NaN;
  weightFull = Number.NaN;

  constructor(fixedMs: number, perRequestMs: number, full: number) {
    this.#fixed = fixedMs;
    this.#perRequest = perRequestMs;
    this.#full = full;
  }

  /** Whether the closed forms keep their digits at this rate: not near x = 1, nor far above the full-batch rate. */
  covers(lambda: number): boolean {
    return lambda * this.#perRequest < 0.999 && lambda < 4 * this.#fullRate;
  }

  /** μ_N = N/τ(N) */
  get #fullRate(): number {
    return this.#full / (this.#fixed + this.#perRequest * this.#full);
  }

  get logWeightFull(): number {
    return Math.log(this.weightFull);
  }

  weigh(lambda: number): void {
    const a = this.#fixed;
    const b = this.#perRequest;
    const n = this.#full;
    const shape = a / b;
    if (n <= SUMMED_UP_TO || shape > LARGEST_SHAPE) this.#sum(lambda);
    else this.#incompleteBeta(lambda * b, shape);
    // Σ_{n ≤ N} n·w_n = λ·((a + b) - (a + b + b·N)·w_N)/(1 - x)
    const mean = (lambda * (a + b - (a + b + b * n) * this.weightFull)) / (1 - lambda * b);
    this.belowInService = mean - n * this.weightFull;
  }

  /** From w_N = 1 down; the ratios w_{n-1}/w_n = n/(λ·(a + b·n)) fall with n, so that what follows a negligible term is less. */
  #sum(lambda: number): void {
    const a = lambda * this.#fixed;
    const b = lambda * this.#perRequest;
    let weight = 1;
    let below = 0;
    for (let n = this.#full; n > 0; n--) {
      weight *= n / (a + b * n);
      below += weight;
      if (weight < NEGLIGIBLE * below) break;
    }
    this.weightFull = 1 / (1 + below);
    this.below = below === Number.POSITIVE_INFINITY ? 1 : below * this.weightFull;
  }

  /** Σ_{n ≤ N} of the negative binomial probabilities is I_{1-x}(s + 1, N + 1); the side that converges is taken. */
  #incompleteBeta(x: number, shape: number): void {
    const n = this.#full;
    const z = 1 - x;
    if (z < (shape + 2) / (shape + n + 4)) {
      const sum = ((x * (n + shape + 1)) / (shape + 1)) * betaFraction(shape + 1, n + 1, z);
      this.weightFull = 1 / sum;
      this.below = (sum - 1) / sum;
    } else {
      const probability = Math.exp(this.#logProbability(x, shape));
      const beyond = ((x * (n + shape + 1)) / (n + 1)) * betaFraction(n + 1, shape + 1, x);
      this.weightFull = probability / (1 - probability * beyond);
      this.below = 1 - this.weightFull;
    }
  }

  /** ln of the negative binomial probability of N. */
  #logProbability(x: number, shape: number): number {
    const n = this.#full;
    if (Number.isNaN(this.#logChoice)) {
      this.#logChoice = logGamma(n + 1 + shape) - logGamma(shape + 1) - logGamma(n + 1);
    }
    return this.#logChoice + n * Math.log(x) + (shape + 1) * Math.log1p(-x);
  }
}
