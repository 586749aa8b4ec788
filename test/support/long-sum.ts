import type { Station } from '../../src/schemas/station.ts';

// The oracle of the state-dependent model: the birth–death chain summed over all its N + Q states, each
// formula as the theory states it. Nothing here comes from src but the type of a station.

export interface LongSum {
  readonly throughputPerSec: number;
  readonly lossFraction: number;
  readonly waitMs: number;
  readonly prefillMs: number;
  readonly itlMs: number;
  readonly ttftMs: number;
  readonly responseMs: number;
  readonly inService: number;
}

/** Service law of a request in a batch of B with c prefill chunks. */
export function plainLaw(station: Station) {
  const { alphaMs: alpha, betaMsPerToken: beta, gammaMsPerToken2: gamma } = station.serviceTime!;
  const { decodeMsPerToken: decode = beta } = station.serviceTime!;
  const {
    inputTokens: input,
    outputTokens: m,
    cachedInputTokens: cached = 0,
    maxBatchTokens: budget = 8192,
  } = station;
  const computed = input - cached;
  const fits = (k: number) => Math.floor(Math.max(0, ((k + m) * (budget - computed / k)) / (computed + m)));
  const chunksOf = (batch: number, from = 1) => {
    let k = from;
    while (fits(k) < batch) k++;
    return k;
  };
  const prefillWork = (c: number) => (beta + (gamma * (c + 1)) / 2) * computed + gamma * c * cached;
  const decodeWork = decode * m + gamma * m * (input + (m + 1) / 2);
  const meanWork = (c: number) => (prefillWork(c) + decodeWork) / (c + m);
  const timeInService = (batch: number, c: number) => (c + m) * (alpha + batch * meanWork(c));
  const prefill = (batch: number, c: number) =>
    c * Math.max(0, alpha + (batch - 1) * meanWork(c)) + prefillWork(c);
  return { chunksOf, timeInService, prefill, prefillWork, decodeWork, meanWork };
}

/** μ_0 … μ_N (1/ms), μ_0 = 0. */
export function serviceRates(station: Station): number[] {
  const law = plainLaw(station);
  const rates = [0];
  for (let n = 1, c = 1; n <= station.maxBatchSize; n++) {
    c = law.chunksOf(n, c);
    rates.push(n / law.timeInService(n, c));
  }
  return rates;
}

export function longSum(station: Station, requestsPerSec: number, rates = serviceRates(station)): LongSum {
  const full = station.maxBatchSize;
  const last = full + (station.maxQueueLength ?? Number.NaN);
  const lambda = requestsPerSec / 1000;

  // ln of Π λ/μ_k, with compensation: an error in an exponent is a relative error of the weight.
  const logWeight = new Float64Array(last + 1);
  const logRatios = rates.map((rate) => Math.log(lambda / rate));
  let lost = 0;
  for (let n = 1; n <= last; n++) {
    const step = logRatios[Math.min(n, full)] - lost;
    const next = logWeight[n - 1] + step;
    lost = next - logWeight[n - 1] - step;
    logWeight[n] = next;
  }
  const heaviest = logWeight.reduce((a, b) => Math.max(a, b), 0);

  let total = 0;
  let notLast = 0;
  let inService = 0;
  // Σ (n - N)·p_n is E[n] - E[s] without its cancellation.
  let waiting = 0;
  for (let n = 0; n <= last; n++) {
    const weight = Math.exp(logWeight[n] - heaviest);
    total += weight;
    if (n < last) notLast += weight;
    inService += Math.min(n, full) * weight;
    waiting += Math.max(0, n - full) * weight;
  }
  const throughput = (lambda * notLast) / total;
  inService /= total;

  const m = station.outputTokens;
  const law = plainLaw(station);
  const chunks = law.chunksOf(Math.max(1, Math.round(inService)));
  const timeInService = inService / throughput;
  const waitMs = waiting / total / throughput;
  const prefillMs = law.prefill(inService, chunks);
  const itlMs = (timeInService - prefillMs) / m;
  return {
    throughputPerSec: 1000 * throughput,
    lossFraction: Math.exp(logWeight[last] - heaviest) / total,
    waitMs,
    prefillMs,
    itlMs,
    ttftMs: waitMs + prefillMs + itlMs,
    responseMs: waitMs + timeInService,
    inService,
  };
}
