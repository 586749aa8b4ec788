import { test } from 'tap';
import erlang from '../../src/queueing/models/erlang.ts';
import meanField from '../../src/queueing/models/mean-field.ts';
import stateDependent from '../../src/queueing/models/state-dependent.ts';
import twoMoment from '../../src/queueing/models/two-moment.ts';
import type { Station } from '../../src/schemas/station.ts';
import { forAll, forEach, near } from '../support/properties.ts';
import { metricsAt } from '../support/queues.ts';
import { stations } from '../support/stations.ts';

/** τ(n) = 100 ms at every batch: M/M/c/K with rates 10/s. */
const plain = (maxBatchSize: number, maxQueueLength?: number): Station => ({
  serviceTime: { alphaMs: 10, betaMsPerToken: 0, gammaMsPerToken2: 0 },
  maxBatchSize,
  maxBatchTokens: 1e7,
  inputTokens: 0,
  outputTokens: 9,
  ...(maxQueueLength !== undefined && { maxQueueLength }),
});

/** Every state of M/M/c/K, summed. */
function summed(servers: number, room: number, load: number) {
  const weights = [1];
  for (let n = 1; n <= servers + room; n++) weights.push((weights[n - 1] * load) / Math.min(n, servers));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const lossFraction = weights[servers + room] / total;
  const waiting = weights.reduce((sum, weight, n) => sum + Math.max(0, n - servers) * weight, 0) / total;
  return { lossFraction, waitMs: (100 * waiting) / (load * (1 - lossFraction)), weights };
}

test('erlang: waits of M/M/1 and of the tables of Erlang C', async (t) => {
  // W = ρ/(1-ρ)·S; C(2, 1) = 1/3, C(5, 4) = 0.5541, C(10, 8) = 0.4092: W = C·S/(c - a).
  const cases = [
    [1, 0.5, 0.5],
    [2, 1, 1 / 3],
    [5, 4, 0.55411],
    [10, 8, 0.40918],
  ];
  forEach(t, 'wait', cases, ([servers, load, delayed]) => {
    const { waitMs } = metricsAt(erlang.prepare(plain(servers)), 10 * load);
    return near(waitMs, (100 * delayed) / (servers - load), 2e-5, 0, 'wait');
  });
});

test('erlang: M/M/c/K summed over its states, under and over saturation, many places too', async (t) => {
  const cases = [1, 2, 8, 40, 120].flatMap((servers) =>
    [0, 1, 7, 60].flatMap((room) => [0.3, 0.9, 1, 1.1, 3].map((rho) => ({ servers, room, rho }))),
  );
  forEach(t, 'loss and wait', cases, ({ servers, room, rho }) => {
    const expected = summed(servers, room, rho * servers);
    const m = metricsAt(erlang.prepare(plain(servers, room)), 10 * rho * servers);
    near(m.lossFraction, expected.lossFraction, 1e-9, 1e-15, 'loss');
    return near(m.waitMs, expected.waitMs, 1e-9, 1e-12, 'wait');
  });
  const { waitMs, ttftMs } = metricsAt(erlang.prepare(plain(100_000, 1e6)), 990_000);
  t.ok(waitMs >= 0 && waitMs < 1 && Number.isFinite(ttftMs), 'a hundred thousand places');
});

test('erlang: percentiles of the wait are those of the mixture of Erlang waits', async (t) => {
  const cases = [1, 4].flatMap((servers) =>
    [3, 40, undefined].flatMap((room) =>
      [0.7, 0.97, 1.5].flatMap((rho) => [0.5, 0.9, 0.99].map((share) => ({ servers, room, rho, share }))),
    ),
  );
  const stable = cases.filter(({ room, rho }) => room !== undefined || rho < 1);
  forEach(t, 'P(W ≤ percentile)', stable, ({ servers, room, rho, share }) => {
    const queue = erlang.prepare(plain(servers, room));
    const rate = 10 * rho * servers;
    const mean = metricsAt(queue, rate);
    const waitMs =
      metricsAt(queue.atPercentiles!({ ttft: share }), rate).ttftMs - mean.prefillMs - mean.itlMs;
    const { weights } = summed(servers, room ?? 2000, rho * servers);
    const accepted = weights.slice(0, -1);
    const total = accepted.reduce((sum, weight) => sum + weight, 0);
    // P(W > t) = Σ_n p_n·Σ_{i ≤ n-c} e^-x·x^i/i!, x = c·t/S
    const x = (servers * waitMs) / 100;
    let term = Math.exp(-x);
    let cumulated = 0;
    let beyond = 0;
    for (let n = servers; n < accepted.length; n++) {
      cumulated += term;
      beyond += (accepted[n] / total) * cumulated;
      term *= x / (n - servers + 1);
    }
    return waitMs < 1e-9 ? beyond <= 1 - share + 1e-9 : near(beyond, 1 - share, 1e-6, 1e-9, 'P(W > t)');
  });
});

const one = stations({ oneChunk: true });

test('erlang is no faster than state-dependent up to saturation, one chunk serving every batch', async (t) => {
  forAll(t, 'TTFT and ITL', one, (station) => {
    if (station.maxBatchSize < 4 || station.outputTokens < 2) return true;
    const ours = erlang.prepare(station);
    return [0.1, 0.6, 0.99].every((load) => {
      const slow = metricsAt(ours, load * ours.maxRequestsPerSec);
      const exact = metricsAt(stateDependent.prepare(station), load * ours.maxRequestsPerSec);
      const rounding = 1 - 1e-9;
      return slow.itlMs >= exact.itlMs * rounding && slow.ttftMs >= exact.ttftMs * rounding;
    });
  });
});

test('mean-field: an empty station serves alone, a full one as a full batch, and M/M/1/K is exact', async (t) => {
  forAll(t, 'both ends', one, (station) => {
    const queue = meanField.prepare(station);
    const { alphaMs, betaMsPerToken: beta, gammaMsPerToken2: gamma } = station.serviceTime!;
    const { decodeMsPerToken: decode = beta } = station.serviceTime!;
    const { inputTokens, outputTokens: m, cachedInputTokens = 0 } = station;
    const prefillMs =
      alphaMs + (beta + gamma) * (inputTokens - cachedInputTokens) + gamma * cachedInputTokens;
    const itlMs = alphaMs + decode + gamma * (inputTokens + (m + 1) / 2);
    const empty = metricsAt(queue, 1e-12 * queue.maxRequestsPerSec);
    near(empty.ttftMs, prefillMs + itlMs, 1e-6, 0, 'TTFT');
    near(empty.itlMs, itlMs, 1e-6, 1e-9 * prefillMs, 'ITL');
    const over = metricsAt(queue, 1e6 * queue.maxRequestsPerSec);
    return near(over.throughputPerSec * 0.999, queue.maxRequestsPerSec, 1e-5, 0, 'throughput');
  });
  forEach(t, 'M/M/1/K', [0.2, 0.9, 1, 1.4], (rho) => {
    const expected = summed(1, 5, rho);
    const m = metricsAt(meanField.prepare(plain(1, 5)), 10 * rho);
    near(m.lossFraction, expected.lossFraction, 1e-9, 0, 'loss');
    return near(m.waitMs, expected.waitMs, 1e-9, 0, 'wait');
  });
});

test('two-moment: Poisson arrivals and exponential lengths give state-dependent where context is free', async (t) => {
  forAll(t, 'every metric', one, (station) => {
    const free = { ...station, serviceTime: { ...station.serviceTime!, alphaMs: 3, gammaMsPerToken2: 0 } };
    const queue = twoMoment.prepare(free, { arrivalCv: 1, tokenCv: 1 });
    const expected = metricsAt(stateDependent.prepare(free), queue.maxRequestsPerSec);
    const m = metricsAt(queue, queue.maxRequestsPerSec);
    near(m.waitMs, expected.waitMs, 1e-12, 0, 'wait');
    return near(m.ttftMs, expected.ttftMs, 1e-12, 0, 'TTFT');
  });
});

test('two-moment: with constant arrivals and lengths nobody waits below saturation, and what exceeds is lost', async (t) => {
  forAll(t, 'wait', stations(), (station) => {
    const queue = twoMoment.prepare(station, { arrivalCv: 0, tokenCv: 0 });
    const below = metricsAt(queue, queue.maxRequestsPerSec);
    const over = metricsAt(queue, 2 * queue.maxRequestsPerSec);
    const isLost = station.maxQueueLength === undefined || Math.abs(over.lossFraction - 0.4995) < 1e-3;
    return below.waitMs === 0 && below.lossFraction === 0 && isLost;
  });
});

test("two-moment: the wait of M/G/1 is Pollaczek and Khinchine's", async (t) => {
  forEach(t, 'wait', [0, 0.5, 2], (tokenCv) => {
    const { waitMs } = metricsAt(twoMoment.prepare(plain(1), { tokenCv }), 7);
    return near(waitMs, ((1 + tokenCv * tokenCv) / 2) * (0.7 / 0.3) * 100, 1e-9, 0, 'wait');
  });
});

test('two-moment: waits without a limit, and losses with one, rise with the variability of arrivals', async (t) => {
  const rooms = [undefined, 30].flatMap((room) =>
    [1, 16, 128].flatMap((batch) => [0.5, 0.9, 0.99].map((load) => ({ room, batch, load }))),
  );
  forEach(t, 'rising', rooms, ({ room, batch, load }) => {
    const at = [0, 0.3, 0.7, 1, 1.5, 2].map((arrivalCv) =>
      metricsAt(twoMoment.prepare(plain(batch, room), { arrivalCv }), 10 * batch * load),
    );
    return at.every(
      (m, i) =>
        i === 0 ||
        ((room !== undefined || m.waitMs >= at[i - 1].waitMs - 1e-9) &&
          m.lossFraction >= at[i - 1].lossFraction * (1 - 1e-9)),
    );
  });
});

test('two-moment: what is served and lost makes up the load, and all of it is served by a full batch at most', async (t) => {
  const variabilities = [0, 0.5, 1, 2].flatMap((arrivalCv) =>
    [0, 0.5, 1, 2].map((tokenCv) => ({ arrivalCv, tokenCv })),
  );
  for (const options of variabilities) {
    forAll(
      t,
      JSON.stringify(options),
      one,
      (station) => {
        const queue = twoMoment.prepare(station, options);
        return [1e-6, 0.3, 0.9, 1.2, 5].every((load) => {
          const rate = load * queue.maxRequestsPerSec;
          const m = metricsAt(queue, rate);
          if (Number.isNaN(m.waitMs)) return station.maxQueueLength === undefined && load > 1;
          near(m.throughputPerSec, rate * (1 - m.lossFraction), 1e-9, 0, 'throughput');
          near((m.throughputPerSec * (m.responseMs - m.waitMs)) / 1000, m.inService, 1e-9, 1e-9, 'batch');
          const isFull = m.throughputPerSec <= (queue.maxRequestsPerSec / 0.999) * (1 + 1e-9);
          return (
            isFull && m.waitMs >= 0 && m.prefillMs >= 0 && m.inService <= queue.maxBatchSize * (1 + 1e-9)
          );
        });
      },
      60,
    );
  }
});

test('two-moment: over saturation a huge room is full, however much faster than the full batch a smaller one is', async (t) => {
  const law = { law: 'power', batchExponent: 1.36 } as const;
  const station: Station = {
    serviceTime: { alphaMs: 7, betaMsPerToken: 0.03, gammaMsPerToken2: 5e-5, ...law },
    maxBatchSize: 256,
    maxQueueLength: 1e6,
    inputTokens: 512,
    outputTokens: 128,
  };
  const points = [0, 0.1, 0.5, 3].flatMap((arrivalCv) =>
    [1.02, 1.04, 1.05, 1.5].map((load) => ({ arrivalCv, load })),
  );
  forEach(t, 'a full room', points, ({ arrivalCv, load }) => {
    for (const tokenCv of [0, 1]) {
      const queue = twoMoment.prepare(station, { arrivalCv, tokenCv });
      const fullRate = queue.maxRequestsPerSec / 0.999;
      const m = metricsAt(queue, load * fullRate);
      near(m.throughputPerSec, fullRate, 1e-6, 0, 'throughput');
      near(m.lossFraction, 1 - 1 / load, 1e-6, 0, 'loss');
      near(m.waitMs, 1e9 / fullRate, 1e-3, 0, 'wait');
      near(m.inService, 256, 1e-6, 0, 'in service');
    }
    return true;
  });
});
