import type { Targets } from '../src/schemas/fleet.ts';
import type { Station } from '../src/schemas/station.ts';

// The yardstick: the sizing of a station written plainly, with nothing shared and nothing cached. Every step of a bisection over
// the whole range builds the whole chain of N + Q states anew. It imports nothing of the project but the interfaces.

interface PlainMetrics {
  readonly ttftMs: number;
  readonly itlMs: number;
  readonly throughputPerSec: number;
}

/** Metrics at one rate, from all N + Q + 1 states. The waiting room is finite. */
export function plainEvaluate(station: Station, requestsPerSec: number): PlainMetrics {
  const { maxBatchSize: full, maxQueueLength: waitingRoom = 0, outputTokens: m } = station;
  const lambda = requestsPerSec / 1000;
  const weights = new Float64Array(full + waitingRoom + 1);
  weights[0] = 1;
  for (let n = 1; n < weights.length; n++) {
    const batch = Math.min(n, full);
    weights[n] = (weights[n - 1] * lambda * timeInService(station, batch)) / batch;
    if (weights[n] > 1e250) for (let k = 0; k <= n; k++) weights[k] *= 1e-250;
  }
  let total = 0;
  for (let n = 0; n < weights.length; n++) total += weights[n];
  let present = 0;
  let inService = 0;
  for (let n = 0; n < weights.length; n++) {
    const probability = weights[n] / total;
    present += n * probability;
    inService += Math.min(n, full) * probability;
  }
  const throughput = lambda * (1 - weights[weights.length - 1] / total);
  const serviceMs = inService / throughput;
  const waitMs = Math.max(0, present / throughput - serviceMs);
  const chunks = chunksOf(station, Math.max(1, Math.round(inService)));
  const work = (prefillWork(station, chunks) + decodeWork(station)) / (chunks + m);
  const prefillMs =
    chunks * Math.max(0, station.serviceTime!.alphaMs + (inService - 1) * work) +
    prefillWork(station, chunks);
  const itlMs = (serviceMs - prefillMs) / m;
  return { ttftMs: waitMs + prefillMs + itlMs, itlMs, throughputPerSec: throughput * 1000 };
}

/** Throughput at the highest rate within the targets, by bisection for each target; 0: unreachable. */
export function plainSize(station: Station, targets: Targets): number {
  const full = station.maxBatchSize;
  const low = 1 / timeInService(station, 1);
  const high = (0.999 * 1000 * full) / timeInService(station, full);
  const byTtft = plainCrossing(station, low, high, targets.ttftMs, ({ ttftMs }) => ttftMs);
  const byItl = plainCrossing(station, low, high, targets.itlMs, ({ itlMs }) => itlMs);
  const rate = Math.min(byTtft, byItl);
  return rate === 0 ? 0 : plainEvaluate(station, rate).throughputPerSec;
}

function plainCrossing(
  station: Station,
  low: number,
  high: number,
  target: number | undefined,
  latency: (metrics: PlainMetrics) => number,
): number {
  if (!target || latency(plainEvaluate(station, high)) <= target) return high;
  if (latency(plainEvaluate(station, low)) > target) return 0;
  let below = low;
  let above = high;
  for (let i = 0; i < 100; i++) {
    const middle = (below + above) / 2;
    const value = latency(plainEvaluate(station, middle));
    if (Math.abs(value - target) <= 1e-6 * target) return middle;
    if (value < target) below = middle;
    else above = middle;
  }
  return below;
}

function chunksOf({ inputTokens, outputTokens, maxBatchTokens = 8192 }: Station, batch: number): number {
  for (let k = 1; ; k++) {
    const within = ((k + outputTokens) * (maxBatchTokens - inputTokens / k)) / (inputTokens + outputTokens);
    if (Math.floor(Math.max(0, within)) >= batch) return k;
  }
}

function prefillWork({ serviceTime, inputTokens }: Station, chunks: number): number {
  return (serviceTime!.betaMsPerToken + (serviceTime!.gammaMsPerToken2 * (chunks + 1)) / 2) * inputTokens;
}

function decodeWork({ serviceTime, inputTokens, outputTokens: m }: Station): number {
  return serviceTime!.betaMsPerToken * m + serviceTime!.gammaMsPerToken2 * m * (inputTokens + (m + 1) / 2);
}

function timeInService(station: Station, batch: number): number {
  const chunks = chunksOf(station, batch);
  const work = (prefillWork(station, chunks) + decodeWork(station)) / (chunks + station.outputTokens);
  return (chunks + station.outputTokens) * (station.serviceTime!.alphaMs + batch * work);
}
