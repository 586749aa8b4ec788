import { test } from 'tap';
import { observedRangeOf } from '../../src/tuner/observed-range.ts';
import { seeded } from '../support/random.ts';
import { estimators, Follower } from './follower.ts';
import { anyPoint, seedOf, seenAt, TRUTHS } from './replica.ts';

/** Two a second, each 100 ms + 100 · 20 ms = 2.1 s: 4.2 at once. */
const POINT = {
  requestsPerSec: 2,
  inputTokens: 300,
  outputTokens: 101,
  maxBatchSize: 64,
  ttftMs: 100,
  itlMs: 20,
};

test('requests in service follow from rate and latencies, whatever law is found', async (t) => {
  const other = { ...POINT, requestsPerSec: 5, inputTokens: 200, outputTokens: 51, ttftMs: 200, itlMs: 16 };
  // 5 · (200 + 50 · 16) / 1000 = 5
  t.same(observedRangeOf([POINT, other]), {
    requestsPerSec: { from: 2, to: 5 },
    inputTokens: { from: 200, to: 300 },
    outputTokens: { from: 51, to: 101 },
    inService: { from: 4.2, to: 5 },
  });
  t.equal(observedRangeOf([]), null);
});

test('what was measured counts, and no batch is larger than its limit', async (t) => {
  t.same(observedRangeOf([{ ...POINT, concurrency: 3.5 }])?.inService, { from: 3.5, to: 3.5 });
  t.same(observedRangeOf([{ ...POINT, concurrency: null }])?.inService, { from: 4.2, to: 4.2 });
  t.same(observedRangeOf([{ ...POINT, maxBatchSize: 4 }])?.inService, { from: 4, to: 4 });
});

for (const [name, estimator] of estimators) {
  test(`${name}: the range is that of what the state holds and was taken`, async (t) => {
    await estimator.load?.();
    const random = seeded(71);
    const truth = TRUTHS[1];
    const follower = new Follower(estimator, { seed: seedOf(truth) });
    t.equal(follower.answer.observedRange, null, 'nothing was observed');
    const lengths = [300, 900, 500, 700];
    const points = lengths.map((inputTokens) => ({ ...anyPoint(random, truth), inputTokens }));
    follower.see(...points.map((point) => seenAt(point, truth, 0, random)));
    const range = follower.answer.observedRange;
    const outputs = points.map(({ outputTokens }) => outputTokens);
    t.match(range, {
      inputTokens: { from: 300, to: 900 },
      outputTokens: { from: Math.min(...outputs), to: Math.max(...outputs) },
    });
    const seen = seenAt({ ...points[0], inputTokens: 5_000 }, truth, 0, random);
    follower.see({ ...seen, ttftMs: null });
    follower.see({ ...seen, ttftMs: 20 * seen.ttftMs, itlMs: 20 * seen.itlMs });
    t.same(follower.answer.observedRange, range, 'what is missing, or an outlier, extends nothing');
    t.same(follower.see().answer.observedRange, range, 'the state carries it');
  });
}
