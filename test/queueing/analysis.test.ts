import { test } from 'tap';
import { analyze, ratesOf } from '../../src/queueing/analysis.ts';
import model from '../../src/queueing/models/state-dependent.ts';

const station = {
  serviceTime: { alphaMs: 10, betaMsPerToken: 0.02, gammaMsPerToken2: 1e-5 },
  maxBatchSize: 16,
  inputTokens: 500,
  outputTokens: 100,
};

test('what grows without bound is null, the rest of an overloaded point is a number', async (t) => {
  const queue = model.prepare(station);
  const { waitMs, ttftMs, responseMs, ...rest } = analyze(queue, 2 * queue.maxRequestsPerSec);
  t.same([waitMs, ttftMs, responseMs], [null, null, null]);
  t.equal(rest.status, 'overloaded');
  t.equal(rest.utilizationFraction, 1);
  for (const value of [rest.prefillMs, rest.itlMs, rest.throughputPerSec])
    t.ok(Number.isFinite(value) && value! > 0);
});

test('a point is overloaded from just above the highest stable rate on', async (t) => {
  const queue = model.prepare({ ...station, maxQueueLength: 50 });
  const rate = queue.maxRequestsPerSec;
  t.equal(analyze(queue, rate).status, 'stable');
  t.equal(analyze(queue, rate * (1 + 1e-12)).status, 'overloaded');
});

test('utilization is the mean batch as a share of the batch limit', async (t) => {
  const point = analyze(model.prepare({ ...station, maxQueueLength: 50 }), 1);
  t.ok(point.inService > 0);
  t.equal(point.utilizationFraction, point.inService / 16);
});

test('one rate, a list and a range name their rates', async (t) => {
  t.same(ratesOf(3), [3]);
  t.same(ratesOf([3, 1, 2]), [3, 1, 2]);
  t.same(ratesOf({ from: 1, to: 3, points: 5 }), [1, 1.5, 2, 2.5, 3]);
  t.same(ratesOf({ from: 1, to: 3, points: 1 }), [1]);
  const standard = ratesOf({ from: 1, to: 50 });
  t.equal(standard.length, 50);
  t.equal(standard[49], 50);
});
