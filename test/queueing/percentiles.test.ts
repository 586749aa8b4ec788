import fc from 'fast-check';
import { test } from 'tap';
import model from '../../src/queueing/models/state-dependent.ts';
import { newMetrics } from '../../src/queueing/queue-model.ts';
import { sizeRate } from '../../src/queueing/sizing.ts';
import { forAll, near } from '../support/properties.ts';
import { metricsAt } from '../support/queues.ts';
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

test('limits of a view are views, and both are independent of the queue they came from', async (t) => {
  const station = { ...single, maxBatchSize: 8, serviceTime: { ...single.serviceTime, betaMsPerToken: 0.2 } };
  const queue = model.prepare(station);
  const p = { ttft: 0.99, itl: 0.9 };
  const rate = 0.95 * queue.withMaxBatchSize(4).maxRequestsPerSec;
  const limited = metricsAt(queue.atPercentiles!(p).withMaxBatchSize(4), rate);
  t.strictSame(limited, metricsAt(queue.withMaxBatchSize(4).atPercentiles!(p), rate));
  t.ok(limited.ttftMs > metricsAt(queue.withMaxBatchSize(4), rate).ttftMs);
});
