/** So near saturation the line is what it is by both of its limits. */
const LEAST_SLACK = 1e-7;

/**
 * r - 1, r the ratio of the states from the full batch on, where arrivals come in bursts: up to saturation between (λ/μ_N)^(1/v) and for one
 * place the root of r = (1 + (1 - r)·μ_N/(k·λ))^-k, k = 1/(2·v - 1), exact for gamma distributed gaps of squared variation 2·v - 1 and
 * exponential service (GI/M/1). Both have the slope 1/v at saturation. By logarithms, the weight fitted to simulations.
 *
 * @param load λ/μ_N
 * @param logRatio ln(λ/μ_N)/v
 * @param v > 1
 * @param full N
 */
export function burstyLineExcess(load: number, logRatio: number, v: number, full: number): number {
  if (1 - load < LEAST_SLACK) return Math.expm1(Math.min(logRatio, 500));
  const weight = 1 / Math.sqrt(full);
  return Math.expm1((1 - weight) * logRatio + weight * Math.log1p(-singleSlack(load, logRatio, 2 * v - 1)));
}

/** 1 - r: Newton's method for a convex function, from above its root. */
function singleSlack(load: number, logRatio: number, arrivalCv2: number): number {
  let slack = -Math.expm1(logRatio);
  for (let i = 0; i < 8; i++) {
    const log = Math.log1p((slack * arrivalCv2) / load);
    const off = slack + Math.expm1(-log / arrivalCv2);
    const step = off / (1 - Math.exp(-log / arrivalCv2 - log) / load);
    slack -= step;
    if (!(step > 1e-9 * slack)) break;
  }
  return slack;
}
