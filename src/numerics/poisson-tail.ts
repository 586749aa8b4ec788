import { logGamma } from './log-gamma.ts';

/** Terms of a sum below this share of it are left out. */
const NEGLIGIBLE = 1e-17;

/** -ln of what is too rare to be told from never. */
const NEVER = 40;

const TWO_PI = 2 * Math.PI;

/**
 * The probability that a Poisson variable is `count` ≥ 0: from count·(u - 1 - ln u), u = mean/count, which keeps the digits that
 * count·ln(mean) - mean loses. (Loader, Fast and Accurate Computation of Binomial Probabilities, 2000)
 */
export function poissonProbability(count: number, mean: number): number {
  if (mean === 0) return count === 0 ? 1 : 0;
  if (count < 15) return Math.exp(count * Math.log(mean) - mean - logGamma(count + 1));
  const s = 1 / (count * count);
  const stirling = (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s / 1188)))) / count;
  return Math.exp(-excess(count, mean) - stirling) / Math.sqrt(TWO_PI * count);
}

/** The probability that it is below `count`: the regularized incomplete gamma function Q(count, mean). */
export function poissonBelow(count: number, mean: number): number {
  if (count === 0) return 0;
  if (mean === 0 || count === Number.POSITIVE_INFINITY) return 1;
  if (mean >= count) return poissonProbability(count - 1, mean) * poissonRatio(count - 1, mean);
  // Chernoff's bound on the other side.
  if (excess(count, mean) > NEVER) return 1;
  let term = 1;
  let sum = 1;
  // Two terms at a time: one division for both, and half as long a chain of products.
  for (let k = count + 1; term > NEGLIGIBLE * sum; k += 2) {
    const both = mean / (k * (k + 1));
    sum += term * both * (k + 1 + mean);
    term *= both * mean;
  }
  return 1 - poissonProbability(count, mean) * sum;
}

/** How far apart two means may be for a series to lead from one to the other, in standard deviations. */
const NEAR = 0.05;

/** Terms of that series: the next is below 1e-11. */
const NEAR_TERMS = 5;

/** Below this count a sum is as short. */
const SHORT = 50;

/** The probability at a mean that is lower by `less` ≥ 0, where that at `mean` is known: near it from its derivatives alone. */
export function poissonBelowAt(count: number, mean: number, less: number, below: number): number {
  if (below === 1) return 1;
  if (count < SHORT || !(less <= NEAR * Math.sqrt(mean))) return poissonBelow(count, mean - less);
  // P' = -p of p(x) = e^-x·x^n/n!, n = count - 1, and x·p' = (n - x)·p
  const n = count - 1;
  let term = poissonProbability(n, mean);
  let before = 0;
  let power = less;
  let sum = below;
  for (let k = 0; k < NEAR_TERMS; k++) {
    sum += (term * power) / (k + 1);
    power *= -less;
    const after = ((n - mean - k) * term - before) / (mean * (k + 1));
    before = term;
    term = after;
  }
  return sum;
}

/** P(≤ count)/P(count) where count ≤ mean: 1 + count/mean + count·(count - 1)/mean² + … */
export function poissonRatio(count: number, mean: number): number {
  const step = 1 / mean;
  let term = 1;
  let sum = 1;
  for (let k = count; k > 0 && term > NEGLIGIBLE * sum; k--) {
    term *= k * step;
    sum += term;
  }
  return sum;
}

/** count·(u - 1 - ln u), u = mean/count */
function excess(count: number, mean: number): number {
  const apart = (mean - count) / count;
  return count * (apart - (apart > -0.5 ? Math.log1p(apart) : Math.log(mean / count)));
}
