import type { Station } from '../../src/schemas/station.ts';
import { plainLaw, serviceRates } from './long-sum.ts';

// The oracle of percentiles: all states of the chain one by one, and of waiting times a long sum over Erlang tails. Nothing here comes
// from src but the type of a station.

/** P(Erlang(stages, 1) > x) for stages 1 … last, each from the one before: e^-x·Σ_{i < stages} x^i/i!. */
export function erlangTails(x: number, last: number): number[] {
  const tails: number[] = [];
  let logTerm = -x;
  let sum = 0;
  for (let i = 0; i < last; i++) {
    if (i > 0) logTerm += Math.log(x / i);
    sum += Math.exp(logTerm);
    tails.push(Math.min(1, sum));
  }
  return tails;
}

/** P(W > t | W > 0) at x = μ·t by the long sum: who finds j waiting waits an Erlang(j + 1) time. */
export function longWaitTail(x: number, room: number, ratio: number): number {
  const tails = erlangTails(x, room);
  let weight = 1;
  let [sum, all] = [0, 0];
  for (const tail of tails) {
    sum += weight * tail;
    all += weight;
    weight *= ratio;
  }
  return sum / all;
}

/** Shares of the accepted requests that find n = 0 … K - 1, K = N + Q. */
export function foundShares(
  station: Station,
  requestsPerSec: number,
  rates = serviceRates(station),
): Float64Array {
  const full = station.maxBatchSize;
  const states = full + station.maxQueueLength!;
  const logs = new Float64Array(states);
  for (let n = 1; n < states; n++)
    logs[n] = logs[n - 1] + Math.log(requestsPerSec / 1000 / rates[Math.min(n, full)]);
  const heaviest = logs.reduce((a, b) => Math.max(a, b));
  const shares = logs.map((log) => Math.exp(log - heaviest));
  const all = shares.reduce((a, b) => a + b);
  return shares.map((share) => share / all);
}

/** First token and gap of a request that joins a batch of `found` others, both by the formulas of the mean. */
export function plainLatencies(station: Station, found: number) {
  const law = plainLaw(station);
  const chunks = law.chunksOf(Math.max(1, Math.round(found + 1)));
  const prefill = law.prefill(found, chunks);
  const gap = (law.timeInService(found + 1, chunks) - prefill) / station.outputTokens;
  return { firstTokenMs: prefill + gap, gapMs: gap };
}

/** What a share p finds at most: the batch, spread between whole ones, or the wait by halving of the long sum. */
export function plainFound(
  station: Station,
  requestsPerSec: number,
  p: number,
  rates = serviceRates(station),
) {
  const shares = foundShares(station, requestsPerSec, rates);
  const full = station.maxBatchSize;
  const fullRate = rates[full];
  let sum = 0;
  for (let n = 0; n < full; n++) {
    if (sum + shares[n] >= p) return { others: n === 0 ? 0 : n - 1 + (p - sum) / shares[n], waitMs: 0 };
    sum += shares[n];
  }
  const waiting = 1 - sum;
  let [low, high] = [0, 4 * (station.maxQueueLength! + 40)];
  const ratio = requestsPerSec / 1000 / fullRate;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (waiting * longWaitTail(middle, station.maxQueueLength!, ratio) > 1 - p) low = middle;
    else high = middle;
  }
  return { others: full - 1, waitMs: low / fullRate };
}
