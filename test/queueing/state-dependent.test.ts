import fc from 'fast-check';
import { test } from 'tap';
import model from '../../src/queueing/models/state-dependent.ts';
import type { QueueMetrics } from '../../src/queueing/queue-model.ts';
import type { Station } from '../../src/schemas/station.ts';
import { type LongSum, longSum, plainLaw, serviceRates } from '../support/long-sum.ts';
import { forAll, forEach, near } from '../support/properties.ts';
import { metricsAt } from '../support/queues.ts';
import { boundedRoom, logUniform, stations, uniform } from '../support/stations.ts';

function fullRatePerSec(station: Station): number {
  return 1000 * serviceRates(station)[station.maxBatchSize]!;
}

/** Waiting and decoding are small parts of the response, or differences, so its rounding bounds them too. */
function agree(station: Station, actual: QueueMetrics, expected: LongSum, relative = 1e-9): undefined {
  near(actual.throughputPerSec, expected.throughputPerSec, relative, 0, 'throughput');
  near(actual.inService, expected.inService, relative, 0, 'in service');
  near(actual.prefillMs, expected.prefillMs, relative, relative * expected.responseMs, 'prefill');
  near(actual.responseMs, expected.responseMs, relative, 0, 'response');
  near(actual.waitMs, expected.waitMs, relative, 1e-14 * expected.responseMs, 'wait');
  near(actual.lossFraction, expected.lossFraction, relative, 1e-15, 'loss');
  const decoding = expected.responseMs - expected.waitMs;
  near(actual.itlMs, expected.itlMs, relative, (relative * decoding) / station.outputTokens, 'ITL');
  return near(actual.ttftMs, expected.ttftMs, relative, relative * decoding, 'TTFT');
}

const loads = logUniform(1e-5, 20);

test('metrics are those of the sum over all states', async (t) => {
  const values = fc.record({ station: stations({ waitingRoom: boundedRoom }), load: loads });
  forAll(
    t,
    'every metric',
    values,
    ({ station, load }) => {
      const rate = load * fullRatePerSec(station);
      return agree(station, metricsAt(model.prepare(station), rate), longSum(station, rate));
    },
    600,
  );
});

test('rates all but equal to the full-batch service rate keep their precision', async (t) => {
  const excesses = [0, 1e-15, 1e-12, 1e-10, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1];
  const values = fc.record({
    station: stations({ waitingRoom: fc.constantFrom(0, 1, 7, 1000) }),
    load: fc.constantFrom(...excesses.flatMap((excess) => [1 + excess, 1 - excess])),
  });
  forAll(t, 'every metric', values, ({ station, load }) => {
    const rate = load * fullRatePerSec(station);
    return agree(station, metricsAt(model.prepare(station), rate), longSum(station, rate));
  });
});

test('the largest batches and waiting rooms keep their precision', async (t) => {
  const serviceTime = { alphaMs: 7, betaMsPerToken: 0.02, gammaMsPerToken2: 2e-6 };
  const large = {
    serviceTime,
    maxBatchSize: 4096,
    maxQueueLength: 100_000,
    inputTokens: 700,
    outputTokens: 300,
  };
  const variants = [
    large,
    { ...large, maxBatchTokens: 300 },
    { ...large, maxBatchSize: 8, cachedInputTokens: 400 },
  ];
  const factors = [0.01, 0.5, 0.999, 1 - 1e-5, 1 - 1e-9, 1, 1 + 1e-12, 1 + 1e-7, 1 + 1e-4, 1.02, 3];
  for (const station of variants) {
    const queue = model.prepare(station);
    const rates = serviceRates(station);
    forEach(t, 'every metric', factors, (factor) => {
      const rate = factor * 1000 * rates[station.maxBatchSize]!;
      return agree(station, metricsAt(queue, rate), longSum(station, rate, rates));
    });
  }
});

test('a service rate that falls with the batch is summed without overflow', async (t) => {
  const budgets = fc.record({
    station: stations({ batch: [16, 512], waitingRoom: fc.constantFrom(0, 5, 2000) }),
    maxBatchTokens: fc.integer({ min: 32, max: 256 }),
    load: logUniform(0.01, 1e4),
  });
  let falling = 0;
  forAll(t, 'every metric', budgets, ({ station: drawn, maxBatchTokens, load }) => {
    const station = { ...drawn, maxBatchTokens };
    const rates = serviceRates(station);
    if (rates.some((rate, n) => n > 0 && rate < rates[n - 1]!)) falling++;
    const rate = load * 1000 * rates[station.maxBatchSize]!;
    return agree(station, metricsAt(model.prepare(station), rate), longSum(station, rate, rates));
  });
  t.ok(falling > 50, `${falling} of 200 stations have a falling service rate`);
});

test('an unlimited waiting room is the limit of growing ones', async (t) => {
  const values = fc.record({
    station: stations({ waitingRoom: fc.constant(undefined) }),
    load: fc.oneof(logUniform(1e-4, 0.98), uniform(0.9, 0.98)),
  });
  forAll(t, 'every metric', values, ({ station, load }) => {
    const rate = load * fullRatePerSec(station);
    const unlimited = metricsAt(model.prepare(station), rate);
    // 0.98^2500 is below 1e-21.
    const room = { ...station, maxQueueLength: 2500 };
    agree(station, metricsAt(model.prepare(room), rate), unlimited);
    return unlimited.lossFraction === 0 && agree(station, unlimited, longSum(room, rate)) === undefined;
  });
});

test('above its service rate a replica with an unlimited waiting room is full and waits grow', async (t) => {
  const values = fc.record({
    station: stations({ waitingRoom: fc.constant(undefined) }),
    excess: logUniform(1e-12, 1e6),
  });
  forAll(t, 'saturation', values, ({ station, excess }) => {
    const fullRate = fullRatePerSec(station);
    const metrics = metricsAt(model.prepare(station), fullRate * (1 + excess));
    const law = plainLaw(station);
    const chunks = law.chunksOf(station.maxBatchSize);
    const prefillMs = law.prefill(station.maxBatchSize, chunks);
    const service = law.timeInService(station.maxBatchSize, chunks);
    near(metrics.throughputPerSec, fullRate, 1e-12, 0, 'throughput');
    near(metrics.prefillMs, prefillMs, 1e-12, 0, 'prefill');
    near(metrics.itlMs, (service - prefillMs) / station.outputTokens, 1e-9, 1e-12 * service, 'ITL');
    const growing = [metrics.waitMs, metrics.ttftMs, metrics.responseMs];
    return metrics.inService === station.maxBatchSize && growing.every(Number.isNaN);
  });
});

test('throughput never exceeds the largest service rate of any batch', async (t) => {
  const values = fc.record({ station: stations(), rate: logUniform(1e-6, 1e6) });
  forAll(t, 'throughput', values, ({ station, rate }) => {
    const largest = 1000 * Math.max(...serviceRates(station));
    return metricsAt(model.prepare(station), rate).throughputPerSec <= largest * (1 + 1e-12);
  });
});
