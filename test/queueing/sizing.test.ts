import fc from 'fast-check';
import { test } from 'tap';
import model from '../../src/queueing/models/state-dependent.ts';
import { newMetrics } from '../../src/queueing/queue-model.ts';
import { sizeRate } from '../../src/queueing/sizing.ts';
import { forAll, forEach, near } from '../support/properties.ts';
import { meets, metricsAt, targetsBetween } from '../support/queues.ts';
import { stations, uniform } from '../support/stations.ts';

const share = uniform(0.02, 0.98);
const anyStation = stations({ batch: [1, 200] });
const plainStation = stations({ batch: [4, 200], oneChunk: true }).filter(
  ({ outputTokens }) => outputTokens >= 2,
);
const station = {
  serviceTime: { alphaMs: 8, betaMsPerToken: 0.01, gammaMsPerToken2: 2e-5 },
  maxBatchSize: 48,
  maxQueueLength: 100,
  inputTokens: 900,
  outputTokens: 150,
};

test('where a latency binds its target is used up: 0.1 % more load breaks it', async (t) => {
  const values = fc.record({ station: plainStation, ttftShare: share, itlShare: share, which: fc.nat(2) });
  const binding = { ttftMs: 0, itlMs: 0 };
  forAll(
    t,
    'the rate',
    values,
    ({ station, ttftShare, itlShare, which }) => {
      const queue = model.prepare(station);
      const { ttftMs, itlMs } = targetsBetween(queue, ttftShare, itlShare);
      const targets = { ...(which !== 1 && { ttftMs }), ...(which !== 2 && { itlMs }) };
      // Where a latency crosses its target is sharp only if it changes with the rate.
      const low = metricsAt(queue, queue.minRequestsPerSec);
      if (ttftMs < 1.0001 * low.ttftMs || itlMs < 1.0001 * low.itlMs) return true;
      const sized = sizeRate(queue, targets, newMetrics());
      if (!sized.feasible || (sized.binding !== 'ttftMs' && sized.binding !== 'itlMs')) return false;
      binding[sized.binding]++;
      const further = metricsAt(queue, 1.001 * sized.requestsPerSec);
      const wasted = further[sized.binding] <= targets[sized.binding]!;
      return meets(metricsAt(queue, sized.requestsPerSec), targets) && !wasted;
    },
    400,
  );
  t.ok(binding.ttftMs > 50 && binding.itlMs > 50, `both bind often: ${JSON.stringify(binding)}`);
});

test('two targets together give the least of the rates that each gives alone', async (t) => {
  const values = fc.record({ station: plainStation, ttftShare: share, itlShare: share });
  forAll(t, 'the rate', values, ({ station, ttftShare, itlShare }) => {
    const queue = model.prepare(station);
    const targets = targetsBetween(queue, ttftShare, itlShare);
    const low = metricsAt(queue, queue.minRequestsPerSec);
    if (targets.itlMs < 1.0001 * low.itlMs) return true;
    const rateFor = (some: Partial<typeof targets>) => {
      const sized = sizeRate(queue, some, newMetrics());
      return sized.feasible ? sized.requestsPerSec : Number.NaN;
    };
    const least = Math.min(rateFor({ ttftMs: targets.ttftMs }), rateFor({ itlMs: targets.itlMs }));
    return near(rateFor(targets), least, 1e-3, 0, 'the joint rate');
  });
});

test('a target below the latency of an empty replica is unreachable and is named', async (t) => {
  forAll(t, 'infeasible', stations({ batch: [4, 200], oneChunk: true }), (station) => {
    const queue = model.prepare(station);
    const { ttftMs, itlMs } = metricsAt(queue, queue.minRequestsPerSec);
    const lowTtft = sizeRate(queue, { ttftMs: 0.99 * ttftMs, itlMs: 1e9 }, newMetrics());
    const lowItl = sizeRate(queue, { ttftMs: 1e9, itlMs: 0.9 * itlMs }, newMetrics());
    return (
      !lowTtft.feasible && lowTtft.binding === 'ttftMs' && !lowItl.feasible && lowItl.binding === 'itlMs'
    );
  });
});

test('without a target that binds the rate is the highest stable one', async (t) => {
  forAll(t, 'the rate', anyStation, (station) => {
    const queue = model.prepare(station);
    const loose = metricsAt(queue, queue.maxRequestsPerSec);
    return [{}, { ttftMs: 2 * loose.ttftMs, itlMs: 2 * Math.max(loose.itlMs, 1e-9) }].every((targets) => {
      const sized = sizeRate(queue, targets, newMetrics());
      return (
        sized.feasible && sized.requestsPerSec === queue.maxRequestsPerSec && sized.binding === 'stability'
      );
    });
  });
});

test('a token rate that is owed leaves a tenth of the stable rate in reserve', async (t) => {
  const queue = model.prepare(station);
  const rate = 0.9 * queue.maxRequestsPerSec;
  for (const minTokensPerSec of [1e-3, 1e6]) {
    const sized = sizeRate(queue, { minTokensPerSec }, newMetrics());
    t.same(sized, { feasible: true, requestsPerSec: rate, binding: 'minTokensPerSec' });
  }
  const tight = 1.02 * metricsAt(queue, 0.5 * queue.maxRequestsPerSec).itlMs;
  const alone = sizeRate(queue, { itlMs: tight }, newMetrics());
  const both = sizeRate(queue, { itlMs: tight, minTokensPerSec: 1 }, newMetrics());
  t.match([alone, both], [{ binding: 'itlMs' }, { binding: 'itlMs' }]);
  if (!alone.feasible || !both.feasible) throw new Error('both are feasible');
  t.doesNotThrow(() => near(both.requestsPerSec, alone.requestsPerSec, 1e-5, 0, 'a tighter target'));
});

test('a target of 0 is not considered', async (t) => {
  const queue = model.prepare(station);
  const { itlMs } = metricsAt(queue, 0.5 * queue.maxRequestsPerSec);
  const size = (targets: object) => sizeRate(queue, targets, newMetrics());
  t.same(size({ ttftMs: 0, itlMs: 0, minTokensPerSec: 0 }), size({}));
  t.same(size({ ttftMs: 0, itlMs, minTokensPerSec: 0 }), size({ itlMs }));
  t.match(size({ itlMs }), { feasible: true, binding: 'itlMs' });
});

test('a target equal to an ITL that never changes does not bind', async (t) => {
  const cases = [5, 10, 12, 20, 50].flatMap((alphaMs) =>
    [10, 50, 64, 200].map((outputTokens) => ({ alphaMs, outputTokens })),
  );
  forEach(t, 'the rate', cases, ({ alphaMs, outputTokens }) => {
    const serviceTime = { alphaMs, betaMsPerToken: 0, gammaMsPerToken2: 0 };
    const queue = model.prepare({ serviceTime, maxBatchSize: 8, inputTokens: 100, outputTokens });
    const ttftMs = 2 * metricsAt(queue, queue.minRequestsPerSec).ttftMs;
    const free = sizeRate(queue, { ttftMs }, newMetrics());
    const exact = sizeRate(queue, { ttftMs, itlMs: alphaMs }, newMetrics());
    if (!free.feasible || !exact.feasible || exact.binding !== 'ttftMs') return false;
    return near(exact.requestsPerSec, free.requestsPerSec, 1e-5, 0, 'the rate');
  });
});
