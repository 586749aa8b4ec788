import fc from 'fast-check';
import { test } from 'tap';
import model from '../../src/queueing/models/state-dependent.ts';
import { newMetrics } from '../../src/queueing/queue-model.ts';
import { sizeRate } from '../../src/queueing/sizing.ts';
import { forAll, near } from '../support/properties.ts';
import { metricsAt, targetsBetween } from '../support/queues.ts';
import { anyRoom, boundedRoom, logUniform, stations, uniform } from '../support/stations.ts';
import { plainFound, plainLatencies } from '../support/waiting-chain.ts';

const percentile = uniform(0.5, 0.999);
const cases = (batch: [number, number]) =>
  fc.record({
    station: stations({ batch, waitingRoom: boundedRoom }),
    load: fc.oneof(logUniform(1e-4, 3), uniform(0.9, 1.2)),
    p: percentile,
  });

for (const batch of [
  [1, 40],
  [41, 300],
] as [number, number][]) {
  test(`percentiles are those of the chain, state by state, batch limits ${batch.join(' to ')}`, async (t) => {
    let waited = 0;
    forAll(
      t,
      'TTFT and ITL',
      cases(batch),
      ({ station, load, p }) => {
        const queue = model.prepare(station);
        const rate = load * queue.maxRequestsPerSec;
        const found = plainFound(station, rate, p);
        if (found.waitMs > 0) waited++;
        const at = metricsAt(queue.atPercentiles!({ ttft: p, itl: p }), rate);
        const plain = plainLatencies(station, found.others);
        near(
          at.ttftMs,
          found.waitMs + plain.firstTokenMs,
          1e-7,
          0,
          `ttft (${found.others}, ${found.waitMs})`,
        );
        near(at.itlMs, plain.gapMs, 1e-7, 1e-9, `itl (${found.others})`);
      },
      500,
    );
    t.ok(waited > 80, `${waited} of 500 wait`);
  });
}

/** One request at a time: M/M/1 with a mean time in service of 100 ms. */
const single = {
  serviceTime: { alphaMs: 10, betaMsPerToken: 0, gammaMsPerToken2: 0 },
  maxBatchSize: 1,
  inputTokens: 0,
  outputTokens: 9,
};

test('M/M/1: all but a share of 1 - p wait ln(ρ/(1 - p))/(μ - λ) at most', async (t) => {
  const queue = model.prepare(single);
  const alone = metricsAt(queue.atPercentiles!({ ttft: 0.5 }), 1e-6).ttftMs;
  for (const [rate, p] of [
    [5, 0.9],
    [8, 0.5],
    [9.9, 0.999],
  ]) {
    const { ttftMs } = metricsAt(queue.atPercentiles!({ ttft: p }), rate);
    const waitMs = (1000 * Math.log(rate / 10 / (1 - p))) / (10 - rate);
    near(ttftMs - alone, waitMs, 1e-9, 0, `ρ = ${rate / 10}, p = ${p}`);
  }
  t.equal(metricsAt(queue.atPercentiles!({ ttft: 0.9 }), 0.5).ttftMs, alone, 'most do not wait');
  const over = metricsAt(queue.atPercentiles!({ ttft: 0.9, itl: 0.9 }), 11);
  t.ok(Number.isNaN(over.ttftMs), 'an unlimited room over capacity');
  t.ok(over.itlMs > 0);
});

test('an all but empty station has its means at every percentile', async (t) => {
  forAll(t, 'TTFT and ITL', fc.record({ station: stations(), p: percentile }), ({ station, p }) => {
    const queue = model.prepare(station);
    const rate = 1e-7 * queue.minRequestsPerSec;
    const mean = metricsAt(queue, rate);
    const at = metricsAt(queue.atPercentiles!({ ttft: p, itl: p }), rate);
    const rounding = (1e-6 * mean.responseMs) / station.outputTokens;
    near(at.ttftMs, mean.ttftMs, 1e-6, rounding, 'TTFT');
    near(at.itlMs, mean.itlMs, 1e-6, rounding, 'ITL');
    return at.responseMs === mean.responseMs && at.waitMs === mean.waitMs;
  });
});

test('sizing at percentiles and for the response time meets its target, and a thousandth more would not', async (t) => {
  const binding = { ttftMs: 0, itlMs: 0, e2eMs: 0 };
  const values = fc.record({
    station: stations({ batch: [4, 300], oneChunk: true, waitingRoom: anyRoom }),
    p: percentile,
    which: fc.constantFrom('ttftMs' as const, 'itlMs' as const, 'e2eMs' as const),
    share: uniform(0.05, 0.9),
  });
  forAll(
    t,
    'the rate',
    values,
    ({ station, p, which, share }) => {
      const queue = model.prepare(station).atPercentiles!({ ttft: p, itl: p });
      const latency = which === 'e2eMs' ? 'responseMs' : which;
      const low = metricsAt(queue, queue.minRequestsPerSec)[latency];
      const high = metricsAt(queue, queue.maxRequestsPerSec)[latency];
      // A latency that does not change with the rate has no sharp place.
      if (high < 1.01 * low) return true;
      const target = low * (high / low) ** share;
      const sized = sizeRate(queue, { [which]: target }, newMetrics());
      if (!sized.feasible) return false;
      const at = metricsAt(queue, sized.requestsPerSec)[latency];
      if (!(at <= target * (1 + 1e-9))) return false;
      if (sized.binding === 'stability') return sized.requestsPerSec === queue.maxRequestsPerSec;
      if (sized.binding !== which) return false;
      binding[which]++;
      return metricsAt(queue, 1.001 * sized.requestsPerSec)[latency] > target;
    },
    600,
  );
  t.ok(Math.min(...Object.values(binding)) > 100, JSON.stringify(binding));
});

test('a stricter percentile never allows a replica a higher rate', async (t) => {
  let lower = 0;
  const values = fc.record({
    station: stations({ batch: [1, 300], oneChunk: true, waitingRoom: anyRoom }),
    shares: fc.tuple(uniform(0.02, 0.9), uniform(0.02, 0.9)),
    which: fc.constantFrom('ttft', 'itl', 'both'),
  });
  forAll(
    t,
    'the rate',
    values,
    ({ station, shares, which }) => {
      const queue = model.prepare(station);
      const [low, high] = [queue.minRequestsPerSec, queue.maxRequestsPerSec].map((at) =>
        metricsAt(queue, at),
      );
      // A latency that hardly changes with the rate is met within its tolerance at rates some way apart.
      if (high.itlMs < 1.001 * low.itlMs) return true;
      const targets = targetsBetween(queue, ...shares);
      const rates = [0.5, 0.9, 0.95, 0.99].map((p) => {
        const percentiles = { ...(which !== 'itl' && { ttft: p }), ...(which !== 'ttft' && { itl: p }) };
        const sized = sizeRate(queue.atPercentiles!(percentiles), targets, newMetrics());
        return sized.feasible ? sized.requestsPerSec : 0;
      });
      if (rates[3] < 0.999 * rates[0]) lower++;
      return rates.every((rate, i) => i === 0 || rate <= rates[i - 1] * (1 + 1e-4));
    },
    600,
  );
  t.ok(lower > 300, `${lower} of 600 are lower at p99 than at p50`);
});

/**
 * What a share p of the accepted requests of M/M/c/K wait at most, in mean times in service: whoever finds j more than c in the house
 * has j + 1 to see leave, one after another at a rate of c; how far the line has got follows from its differential equations
 * (Runge and Kutta).
 */
function plainWait(servers: number, room: number, load: number, p: number): number {
  const weights = [1];
  for (let n = 1; n < servers + room; n++) weights.push((weights[n - 1] * load) / Math.min(n, servers));
  const all = weights.reduce((a, b) => a + b);
  // ahead[j]: probability of having j + 1 to see leave.
  let ahead = weights.slice(servers).map((weight) => weight / all);
  const slope = (q: readonly number[]) => q.map((share, j) => servers * ((q[j + 1] ?? 0) - share));
  const moved = (q: readonly number[], by: readonly number[], h: number) => q.map((x, j) => x + h * by[j]);
  const left = (q: readonly number[]) => q.reduce((a, b) => a + b, 0);
  const h = 0.002;
  for (let time = 0; ; time += h) {
    const before = left(ahead);
    if (before <= 1 - p) return 0;
    const k1 = slope(ahead);
    const k2 = slope(moved(ahead, k1, h / 2));
    const k3 = slope(moved(ahead, k2, h / 2));
    const k4 = slope(moved(ahead, k3, h));
    ahead = ahead.map((x, j) => x + (h / 6) * (k1[j] + 2 * k2[j] + 2 * k3[j] + k4[j]));
    const after = left(ahead);
    if (after <= 1 - p) return time + (h * (before - (1 - p))) / (before - after);
  }
}

test('M/M/c/K: waits at percentiles are those of the differential equations of the line', async (t) => {
  let waited = 0;
  for (const [servers, room, load, p] of [
    [1, 6, 0.8, 0.9],
    [2, 3, 1.9, 0.99],
    [4, 12, 3.6, 0.95],
    [4, 12, 6, 0.5],
    [5, 1, 4, 0.9],
    [8, 20, 8, 0.99],
    [8, 20, 4, 0.5],
  ]) {
    const station = { ...single, maxBatchSize: servers, maxQueueLength: room };
    const queue = model.prepare(station).atPercentiles!({ ttft: p });
    const alone = metricsAt(queue, 1e-6).ttftMs;
    const waitMs = 100 * plainWait(servers, room, load, p);
    if (waitMs > 0) waited++;
    near(metricsAt(queue, 10 * load).ttftMs - alone, waitMs, 1e-5, 1e-6, `${servers}/${room} at ${load}`);
  }
  t.equal(waited, 6);
});

test('limits of a view are views, and both are independent of the queue they came from', async (t) => {
  const station = { ...single, maxBatchSize: 8, serviceTime: { ...single.serviceTime, betaMsPerToken: 0.2 } };
  const queue = model.prepare(station);
  const p = { ttft: 0.99, itl: 0.9 };
  const rate = 0.95 * queue.withMaxBatchSize(4).maxRequestsPerSec;
  const limited = metricsAt(queue.atPercentiles!(p).withMaxBatchSize(4), rate);
  t.strictSame(limited, metricsAt(queue.withMaxBatchSize(4).atPercentiles!(p), rate));
  t.ok(limited.ttftMs > metricsAt(queue.withMaxBatchSize(4), rate).ttftMs);
});
