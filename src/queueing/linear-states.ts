import { betaFraction } from '../numerics/beta-fraction.ts';
import { logGamma } from '../numerics/log-gamma.ts';
import { type BatchStates, type BatchWeights, NEGLIGIBLE } from './batch-states.ts';

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

  constructor(fixedMs: number, perRequestMs: number, full: number) {
    this.#fixed = fixedMs;
    this.#perRequest = perRequestMs;
    this.#full = full;
  }

  /** Whether the closed forms keep their digits at this rate: not near x = 1, nor far above the full-batch rate μ_N. */
  covers(lambda: number, fullRate: number): boolean {
    return lambda * this.#perRequest < 0.999 && lambda < 4 * fullRate;
  }

  weigh(lambda: number, weights: BatchWeights): void {
    const a = this.#fixed;
    const b = this.#perRequest;
    const n = this.#full;
    weights.logFull = Number.NaN;
    if (n <= SUMMED_UP_TO || a > LARGEST_SHAPE * b) this.#sum(lambda, weights);
    else this.#incompleteBeta(lambda * b, a / b, weights);
    // Σ_{n ≤ N} n·w_n = λ·((a + b) - (a + b + b·N)·w_N)/(1 - x)
    const mean = (lambda * (a + b - (a + b + b * n) * weights.full)) / (1 - lambda * b);
    weights.belowInService = mean - n * weights.full;
  }

  /** From w_N = 1 down; the ratios w_{n-1}/w_n = n/(λ·(a + b·n)) fall with n, so that what follows a negligible term is less. */
  #sum(lambda: number, weights: BatchWeights): void {
    const a = lambda * this.#fixed;
    const b = lambda * this.#perRequest;
    let weight = 1;
    let below = 0;
    for (let n = this.#full; n > 0; n--) {
      weight *= n / (a + b * n);
      below += weight;
      if (weight < NEGLIGIBLE * below) break;
    }
    weights.full = 1 / (1 + below);
    weights.below = below === Number.POSITIVE_INFINITY ? 1 : below * weights.full;
  }

  /** Σ_{n ≤ N} of the negative binomial probabilities is I_{1-x}(s + 1, N + 1); the side that converges is taken. */
  #incompleteBeta(x: number, shape: number, weights: BatchWeights): void {
    const n = this.#full;
    const z = 1 - x;
    if (z < (shape + 2) / (shape + n + 4)) {
      const sum = ((x * (n + shape + 1)) / (shape + 1)) * betaFraction(shape + 1, n + 1, z);
      weights.full = 1 / sum;
      weights.below = (sum - 1) / sum;
    } else {
      const probability = Math.exp(this.#logProbability(x, shape));
      const beyond = ((x * (n + shape + 1)) / (n + 1)) * betaFraction(n + 1, shape + 1, x);
      weights.full = probability / (1 - probability * beyond);
      weights.below = 1 - weights.full;
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
