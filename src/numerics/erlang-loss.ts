import { logGamma } from './log-gamma.ts';

/** A term below this share of its sum ends it. */
const NEGLIGIBLE = 1e-17;

/**
 * 1/B(n, a), B being Erlang's loss probability of n servers at an offered load a > 0: Σ_{k ≤ n} n!/(n-k)!/a^k. Infinity where
 * B underflows. About √n steps near a = n, fewer elsewhere. (Cooper 1981, §3.3)
 *
 * @param excess a/n - 1, which the caller may know more exactly than a tells
 * @param logPeak logPoissonPeak(n)
 */
export function inverseErlangLoss(servers: number, excess: number, logPeak: number): number {
  const ratio = 1 + excess;
  let term = 1;
  let sum = excess >= 0 ? 1 : 0;
  if (excess >= 0) {
    // The terms fall from the first on.
    for (let k = 0; k < servers && term > NEGLIGIBLE * sum; k++) {
      term *= (1 - k / servers) / ratio;
      sum += term;
    }
    return sum;
  }
  // By what the Poisson distribution of mean a leaves beyond n: 1/B = (1 - Σ_{k > n} P_k)/P_n
  const load = servers * ratio;
  for (let k = servers + 1; term > NEGLIGIBLE * sum; k++) {
    term *= load / k;
    sum += term;
  }
  // ln P_n = ln P_n(mean n) - n·(r - 1 - ln r)
  const logRatio = excess > -0.5 ? Math.log1p(excess) : Math.log(ratio);
  return Math.exp(servers * (excess - logRatio) - logPeak) - sum;
}

/** ln of the Poisson probability of n at mean n: -ln √(2πn) less Stirling's remainder. */
export function logPoissonPeak(n: number): number {
  if (n < 15) return n * Math.log(n) - n - logGamma(n + 1);
  const s = 1 / (n * n);
  return -0.5 * Math.log(2 * Math.PI * n) - (1 / 12 - s * (1 / 360 - s / 1260)) / n;
}
