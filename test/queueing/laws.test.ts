import fc from 'fast-check';
import { test } from 'tap';
import { serviceLawOf } from '../../src/queueing/law-of.ts';
import meanField from '../../src/queueing/models/mean-field.ts';
import stateDependent from '../../src/queueing/models/state-dependent.ts';
import { newMetrics } from '../../src/queueing/queue-model.ts';
import type { Station } from '../../src/schemas/station.ts';
import { iterationMs, iterationTime } from '../../src/simulator/iteration-time.ts';
import { plainTimes } from '../support/law-times.ts';
import { longSum } from '../support/long-sum.ts';
import { forAll, near } from '../support/properties.ts';
import { stations } from '../support/stations.ts';

const power = fc
  .record({ station: stations(), batchExponent: fc.double({ min: 0.3, max: 1.5, noNaN: true }) })
  .map(({ station, batchExponent }) => withLaw(station, { law: 'power', batchExponent }));
const twoRegime = fc
  .record({
    station: stations(),
    kneeTokens: fc.integer({ min: 1, max: 2048 }),
    betaBeyondKneeMsPerToken: fc.double({ min: 0, max: 0.5, noNaN: true }),
  })
  .map(({ station, ...own }) => withLaw(station, { law: 'two-regime', ...own }));

function withLaw(station: Station, own: Partial<Station['serviceTime']>): Station {
  return { ...station, serviceTime: { ...station.serviceTime!, ...own } };
}

/** Time of one iteration as it is simulated, of so many tokens computed, decoded and read for so many requests. */
function iterationOf(station: Station) {
  const time = iterationTime(station.serviceTime!);
  return (computed: number, decoded: number, read: number, batch: number) =>
    iterationMs(time, computed, decoded, read, 0, batch);
}

for (const [name, laws] of [
  ['power', power],
  ['two-regime', twoRegime],
] as const) {
  test(`${name}: the time in service is the sum over what iterations may compute`, async (t) => {
    forAll(t, 'times', laws, (station) => {
      const law = serviceLawOf(station);
      const computed = station.inputTokens - (station.cachedInputTokens ?? 0);
      // A prompt that computes less than a token an iteration is taken at its mean.
      fc.pre(name === 'power' || computed / law.chunks(1) >= 1);
      for (const [i, time] of plainTimes(station).entries()) {
        const batch = i + 1;
        if (name === 'power' || computed / law.chunks(batch) >= 1)
          near(law.timeInServiceMs(batch), time, 1e-9, 0, `τ(${batch})`);
      }
      return true;
    });
  });

  test(`${name}: the chain is that of a long sum over all its states`, async (t) => {
    const loads = fc.record({ station: laws, share: fc.double({ min: 0.05, max: 1.3, noNaN: true }) });
    forAll(t, 'chain', loads, ({ station, share }) => {
      const limited = { ...station, maxQueueLength: station.maxQueueLength ?? 50 };
      const queue = stateDependent.prepare(limited);
      const rate = share * queue.maxRequestsPerSec;
      const law = serviceLawOf(limited);
      const rates = Array.from({ length: limited.maxBatchSize + 1 }, (_, n) =>
        n === 0 ? 0 : n / law.timeInServiceMs(n),
      );
      const metrics = newMetrics();
      queue.evaluate(rate, metrics);
      const sum = longSum(limited, rate, rates);
      near(metrics.inService, sum.inService, 1e-8, 1e-9, 'in service');
      near(metrics.throughputPerSec, sum.throughputPerSec, 1e-8, 1e-12, 'throughput');
      return near(metrics.waitMs, sum.waitMs, 1e-7, 1e-7, 'wait');
    });
  });

  test(`${name}: the mean batch is where going on from an empty one ends`, async (t) => {
    const loads = fc.record({ station: laws, share: fc.double({ min: 0.05, max: 0.9, noNaN: true }) });
    forAll(t, 'fixed point', loads, ({ station, share }) => {
      const oneChunk = { ...station, maxBatchTokens: 1e9 };
      const queue = meanField.prepare(oneChunk);
      const law = serviceLawOf(oneChunk);
      const metrics = newMetrics();
      queue.evaluate(share * queue.maxRequestsPerSec, metrics);
      let others = 0;
      for (let i = 0; i < 20_000; i++) {
        const next = (metrics.throughputPerSec / 1000) * law.timeInServiceMs(others + 1, 1);
        if (next - others < 1e-13 * next) break;
        others = Math.min(next, oneChunk.maxBatchSize - 1);
      }
      const prefill = law.prefillMs(others + 1, 1);
      return near(
        metrics.itlMs,
        (law.timeInServiceMs(others + 1, 1) - prefill) / station.outputTokens,
        1e-6,
        1e-9,
        'ITL',
      );
    });
  });

  test(`${name}: a longer time with every request more, in the batch, its prefill and its decode`, async (t) => {
    forAll(t, 'rises', laws, (station) => {
      const law = serviceLawOf(station);
      const chunks = law.chunks(station.maxBatchSize);
      let before = { service: 0, prefill: 0, decode: 0 };
      for (let batch = 1; batch <= Math.min(64, station.maxBatchSize); batch++) {
        const here = {
          service: law.timeInServiceMs(batch, chunks),
          prefill: law.prefillMs(batch, chunks),
          decode: law.decodeIterationMs(batch, chunks),
        };
        for (const what of ['service', 'prefill', 'decode'] as const) {
          // A decode step under p < 1 shares its own work too.
          if (what === 'decode' && name === 'power') continue;
          if (here[what] < before[what] * (1 - 1e-12)) return false;
        }
        before = here;
      }
      return true;
    });
  });
}

test('with an exponent of 1, or no slope beyond the knee, a law is the linear one', async (t) => {
  forAll(t, 'linear', stations(), (station) => {
    const linear = serviceLawOf(station);
    const linearIteration = iterationOf(station);
    for (const same of [
      withLaw(station, { law: 'power', batchExponent: 1 }),
      withLaw(station, { law: 'two-regime', kneeTokens: 9, betaBeyondKneeMsPerToken: 0 }),
    ]) {
      const law = serviceLawOf(same);
      const iteration = iterationOf(same);
      for (const batch of [1, 2, station.maxBatchSize]) {
        const c = linear.chunks(batch);
        near(law.timeInServiceMs(batch), linear.timeInServiceMs(batch), 1e-12, 0, 'τ');
        near(law.prefillMs(batch, c), linear.prefillMs(batch, c), 1e-12, 0, 'prefill');
        near(law.ownPrefillMs(batch, c), linear.ownPrefillMs(batch, c), 1e-12, 0, 'own prefill');
        near(law.decodeIterationMs(batch, c), linear.decodeIterationMs(batch, c), 1e-12, 0, 'decode');
        near(iteration(700, 90, 9000, batch), linearIteration(700, 90, 9000, batch), 1e-12, 0, 'iteration');
      }
    }
    return true;
  });
});

test('iterations of a lone request add up to its time in service under every law', async (t) => {
  const station = { maxBatchSize: 8, inputTokens: 1000, outputTokens: 40, maxBatchTokens: 300 };
  const base = { alphaMs: 7, betaMsPerToken: 0.02, gammaMsPerToken2: 1e-4 };
  for (const serviceTime of [
    base,
    { ...base, decodeMsPerToken: 0.3 },
    { ...base, law: 'power' as const, batchExponent: 0.8, decodeMsPerToken: 0.3 },
    { ...base, law: 'two-regime' as const, kneeTokens: 128, betaBeyondKneeMsPerToken: 0.05 },
  ]) {
    const law = serviceLawOf({ ...station, serviceTime });
    const iteration = iterationOf({ ...station, serviceTime });
    const c = law.chunks(1);
    let total = 0;
    for (let k = 1; k <= c; k++) total += iteration(1000 / c, 0, (k * 1000) / c, 1);
    for (let k = 1; k <= 40; k++) total += iteration(1, 1, 1000 + k, 1);
    t.ok(Math.abs(total / law.timeInServiceMs(1) - 1) < 1e-9, `${total} ${law.timeInServiceMs(1)}`);
  }
});
