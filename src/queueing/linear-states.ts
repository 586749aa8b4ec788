import { betaFraction } from '../numerics/beta-fraction.ts';
import { logGamma } from '../numerics/log-gamma.ts';
import { roughNormalQuantile } from '../numerics/normal-quantile.ts';
import { batchFromFull, type Stretch } from './batch-from-full.ts';
import { type BatchStates, type BatchWeights, logFullOf, NEGLIGIBLE } from './batch-states.ts';

/** Up to this many states a plain sum is as fast as the closed form. */
const SUMMED_UP_TO = 40;

/** So near the full batch a quantile is reached from there state by state. */
const WALKED_UP_TO = 24;

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
  #logGammaOfShape = Number.NaN;
  /** What an unlimited batch would have beyond N, as a multiple of w_N, at the rate last weighed; NaN: too much of it to start from. */
  #beyond = Number.NaN;
  #stretches: readonly Stretch[] | undefined;

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
    this.#beyond = Number.NaN;
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
      this.#beyond = beyond;
      weights.full = probability / (1 - probability * beyond);
      weights.below = 1 - weights.full;
    }
  }

  /** ln of the negative binomial probability of N. */
  #logProbability(x: number, shape: number): number {
    const n = this.#full;
    if (Number.isNaN(this.#logChoice)) {
      this.#logChoice = this.#logChoiceOf(n, shape);
    }
    return this.#logChoice + n * Math.log(x) + (shape + 1) * Math.log1p(-x);
  }

  #logChoiceOf(n: number, shape: number): number {
    if (Number.isNaN(this.#logGammaOfShape)) this.#logGammaOfShape = logGamma(shape + 1);
    return logGamma(n + 1 + shape) - this.#logGammaOfShape - logGamma(n + 1);
  }

  batchUnder(lambda: number, weights: BatchWeights, above: number): number {
    if (!Number.isNaN(this.#beyond)) {
      const x = lambda * this.#perRequest;
      const shape = this.#fixed / this.#perRequest;
      const within = 1 / (1 + weights.full * this.#beyond);
      // With what an unlimited batch would have from N on.
      const wanted = above + weights.full * (1 + this.#beyond);
      const near = this.#near(x, shape, wanted * within);
      if (near < this.#full - WALKED_UP_TO) return this.#walk(lambda, shape, near, within, wanted);
    }
    const stretch = { from: 1, to: this.#full, fixedMs: this.#fixed, perRequestMs: this.#perRequest };
    this.#stretches ??= [stretch];
    return batchFromFull(this.#stretches, lambda, Math.log(above) - logFullOf(weights));
  }

  /** About the batch that a negative binomial variable exceeds with a probability, not below its mean. (Cornish and Fisher, 1938) */
  #near(x: number, shape: number, probability: number): number {
    const mean = ((shape + 1) * x) / (1 - x);
    const z = probability < 0.5 ? roughNormalQuantile(probability) : 0;
    const skewed = z + ((z * z - 1) * (1 + x)) / (6 * Math.sqrt((shape + 1) * x));
    return Math.ceil(mean + Math.max(0, skewed) * Math.sqrt(mean / (1 - x)));
  }

  /** From a batch whose upper tail is an incomplete beta function, state by state to where that tail is as wanted. */
  #walk(lambda: number, shape: number, start: number, within: number, wanted: number): number {
    const a = lambda * this.#fixed;
    const b = lambda * this.#perRequest;
    let n = start;
    const log = this.#logChoiceOf(n, shape) + n * Math.log(b) + (shape + 1) * Math.log1p(-b);
    let weight = Math.exp(log) / within;
    let tail = ((weight * b * (n + shape + 1)) / (n + 1)) * betaFraction(n + 1, shape + 1, b);
    while (tail > wanted && n < this.#full - 1) {
      n++;
      weight *= (a + b * n) / n;
      tail -= weight;
    }
    while (tail + weight <= wanted && n > 0) {
      tail += weight;
      weight *= n / (a + b * n);
      n--;
    }
    return n === 0 ? 0 : n - Math.max(0, wanted - tail) / weight;
  }
}
