import fc from 'fast-check';
import { test } from 'tap';
import model from '../../src/queueing/models/state-dependent.ts';
import { newMetrics, type QueueMetrics } from '../../src/queueing/queue-model.ts';
import type { Station } from '../../src/schemas/station.ts';
import { forAll, forEach, near } from '../support/properties.ts';
import { logUniform, stations } from '../support/stations.ts';

// Special stations whose queue has a textbook formula, and the empty replica.

function metricsAt(station: Station, requestsPerSec: number): QueueMetrics {
  const metrics = newMetrics();
  model.prepare(station).evaluate(requestsPerSec, metrics);
  return metrics;
}

/** Alpha alone and one chunk: a time in service of (1 + m)·α at every batch, hence N independent servers. */
function fixedTime(maxBatchSize: number, maxQueueLength?: number): Station {
  return {
    serviceTime: { alphaMs: 5, betaMsPerToken: 0, gammaMsPerToken2: 0 },
    maxBatchSize,
    ...(maxQueueLength !== undefined && { maxQueueLength }),
    maxBatchTokens: 1e7,
    inputTokens: 100,
    outputTokens: 19,
  };
}
const FIXED_TIME_MS = 100;

/** Erlang's B formula by its recursion (Kleinrock 1975, §3.6). */
function erlangB(servers: number, load: number): number {
  let blocking = 1;
  for (let n = 1; n <= servers; n++) blocking = (load * blocking) / (n + load * blocking);
  return blocking;
}

test('an empty replica has the latencies of a request alone', async (t) => {
  forAll(t, 'latencies', stations({ oneChunk: true }), (station) => {
    const { alphaMs: alpha, betaMsPerToken: beta, gammaMsPerToken2: gamma } = station.serviceTime!;
    const { decodeMsPerToken: decode = beta } = station.serviceTime!;
    const { inputTokens: input, outputTokens: m, cachedInputTokens: cached = 0 } = station;
    const metrics = metricsAt(station, 1e-9 * model.prepare(station).minRequestsPerSec);
    const prefillWork = (beta + gamma) * (input - cached) + gamma * cached;
    const decodeWork = m * (decode + gamma * (input + (m + 1) / 2));
    const prefill = Math.max(0, alpha - (prefillWork + decodeWork) / (1 + m)) + prefillWork;
    const service = (1 + m) * alpha + prefillWork + decodeWork;
    near(metrics.prefillMs, prefill, 1e-9, 1e-9 * service, 'prefill');
    near(metrics.itlMs, (service - prefill) / m, 1e-9, (1e-9 * service) / m, 'ITL');
    near(metrics.ttftMs, prefill + (service - prefill) / m, 1e-9, 1e-11 * service, 'TTFT');
    near(metrics.responseMs, service, 1e-9, 0, 'response');
    near(metrics.lossFraction, 0, 0, 1e-11, 'loss');
    return near(metrics.waitMs, 0, 0, 1e-11 * service, 'wait');
  });
});

test('a batch limit of 1 without a waiting room is M/M/1/1', async (t) => {
  const values = fc.record({
    station: stations({ batch: [1, 1], waitingRoom: fc.constant(0) }),
    load: logUniform(1e-6, 1e6),
  });
  forAll(t, 'throughput and loss', values, ({ station: drawn, load }) => {
    const station = { ...drawn, maxBatchSize: 1 };
    const serviceMs = metricsAt(station, 1e-9).responseMs;
    const metrics = metricsAt(station, (1000 * load) / serviceMs);
    near(metrics.throughputPerSec, (1000 * load) / (1 + load) / serviceMs, 1e-12, 0, 'throughput');
    near(metrics.lossFraction, load / (1 + load), 1e-12, 0, 'loss');
    near(metrics.inService, load / (1 + load), 1e-12, 0, 'in service');
    near(metrics.responseMs, serviceMs, 1e-12, 0, 'response');
    return metrics.waitMs === 0;
  });
});

test('a batch limit of 1 with an unlimited waiting room is M/M/1', async (t) => {
  forAll(t, 'wait', logUniform(1e-6, 0.9999), (load) => {
    const metrics = metricsAt(fixedTime(1), (1000 * load) / FIXED_TIME_MS);
    near(metrics.responseMs, FIXED_TIME_MS / (1 - load), 1e-11, 0, 'response');
    near(metrics.inService, load, 1e-11, 0, 'in service');
    return near(metrics.waitMs, (load * FIXED_TIME_MS) / (1 - load), 1e-11, 0, 'wait');
  });
});

test('a fixed time in service without a waiting room loses what Erlang B says', async (t) => {
  const values = fc.record({ servers: logUniform(1, 4096).map(Math.round), load: logUniform(0.3, 3) });
  forAll(t, 'loss', values, ({ servers, load }) => {
    const metrics = metricsAt(fixedTime(servers, 0), (1000 * load * servers) / FIXED_TIME_MS);
    const blocking = erlangB(servers, load * servers);
    near(metrics.responseMs, FIXED_TIME_MS, 1e-11, 0, 'response');
    near(metrics.inService, load * servers * (1 - blocking), 1e-11, 0, 'in service');
    return near(metrics.lossFraction, blocking, 1e-9, 1e-15, 'loss');
  });
});

test('a fixed time in service with an unlimited waiting room waits as Erlang C says', async (t) => {
  const values = fc.record({ servers: logUniform(1, 4096).map(Math.round), load: logUniform(0.3, 0.9999) });
  forAll(t, 'wait', values, ({ servers, load }) => {
    const blocking = erlangB(servers, load * servers);
    const waits = blocking / (1 - load * (1 - blocking));
    const expected = (waits * FIXED_TIME_MS) / (servers * (1 - load));
    const metrics = metricsAt(fixedTime(servers), (1000 * load * servers) / FIXED_TIME_MS);
    return near(metrics.waitMs, expected, 1e-9, 1e-14 * FIXED_TIME_MS, 'wait');
  });
});

test('work without a fixed part is processor sharing: the response is that of M/M/1', async (t) => {
  const values = fc.record({ batch: fc.integer({ min: 1, max: 500 }), load: logUniform(1e-4, 0.999) });
  forAll(t, 'response', values, ({ batch, load }) => {
    const station = {
      serviceTime: { alphaMs: 0, betaMsPerToken: 1, gammaMsPerToken2: 0 },
      maxBatchSize: batch,
      maxBatchTokens: 1e7,
      inputTokens: 60,
      outputTokens: 40,
    };
    const metrics = metricsAt(station, (1000 * load) / 100);
    near(metrics.throughputPerSec, 10 * load, 1e-11, 0, 'throughput');
    return near(metrics.responseMs, 100 / (1 - load), 1e-9, 0, 'response');
  });
});

test('cached tokens cost their transfer only', async (t) => {
  const station = {
    serviceTime: { alphaMs: 6, betaMsPerToken: 0.05, gammaMsPerToken2: 0.0002 },
    maxBatchSize: 1,
    inputTokens: 1000,
    outputTokens: 10,
  };
  // (1 + 10)·6 + (β + γ)·400 + γ·600 + 10·(β + γ·(1000 + 5.5)) = 66 + 20.08 + 0.12 + 2.511.
  // Without the cache it is 600·β more.
  const cases = [
    { cachedInputTokens: 600, responseMs: 88.711 },
    { cachedInputTokens: 0, responseMs: 118.711 },
  ];
  forEach(t, 'response', cases, ({ cachedInputTokens, responseMs }) => {
    return near(
      metricsAt({ ...station, cachedInputTokens }, 1e-12).responseMs,
      responseMs,
      1e-12,
      0,
      'response',
    );
  });
});
