import fc from 'fast-check';
import { test } from 'tap';
import { extrapolationOf } from '../../src/queueing/extrapolation.ts';
import type { ObservedRange } from '../../src/schemas/observed-range.ts';
import { forAll } from '../support/properties.ts';
import { uniform } from '../support/stations.ts';

const OBSERVED = {
  requestsPerSec: { from: 1, to: 4 },
  inputTokens: { from: 128, to: 1_600 },
  outputTokens: { from: 64, to: 512 },
  inService: { from: 1, to: 40 },
};
const INSIDE = { inputTokens: 500, outputTokens: 100, inService: 12 };

/** How far outside each is, and which is worst. */
function told(observed: ObservedRange, asked: Partial<typeof INSIDE>) {
  const found = extrapolationOf(observed, { ...INSIDE, ...asked });
  if (!found) return null;
  const { fraction, worst, inputTokens, outputTokens, inService } = found;
  return [
    fraction,
    worst,
    ...[inputTokens, outputTokens, inService].map((one) => one?.fraction ?? null),
  ] as const;
}

test('inside, the ends included, nothing is extrapolated', async (t) => {
  t.same(told(OBSERVED, {}), [0, null, 0, 0, 0]);
  t.same(told(OBSERVED, { inputTokens: 128, outputTokens: 512, inService: 40 }), [0, null, 0, 0, 0]);
});

test('half beyond the largest is 0.5, and so is as much below the least', async (t) => {
  t.same(told(OBSERVED, { inputTokens: 4_000 }), [1.5, 'inputTokens', 1.5, 0, 0]);
  t.same(told(OBSERVED, { outputTokens: 16 }), [3, 'outputTokens', 0, 3, 0]);
  t.same(told(OBSERVED, { inputTokens: 2_400, outputTokens: 32, inService: 60 }), [
    1,
    'outputTokens',
    0.5,
    1,
    0.5,
  ]);
  t.same(extrapolationOf(OBSERVED, { ...INSIDE, inService: 60 })!.inService, {
    asked: 60,
    from: 1,
    to: 40,
    fraction: 0.5,
  });
});

test('one point is a range: every other length lies outside by its ratio', async (t) => {
  const one = { inputTokens: { from: 256, to: 256 } };
  const at = (inputTokens: number) => told(one, { inputTokens })![0];
  t.same([128, 256, 384, 1_024].map(at), [1, 0, 0.5, 3]);
});

test('less than one token or request counts as one, so that every figure is finite', async (t) => {
  t.same(told(OBSERVED, { inputTokens: 0 })![0], 127);
  t.same(told({ inputTokens: { from: 0, to: 0 } }, { inputTokens: 0 })![0], 0);
  t.same(told({ inputTokens: { from: 0, to: 0 } }, { inputTokens: 100 })![0], 99);
  t.same(told(OBSERVED, { inService: 1e-9 })![0], 0, 'alone is alone, however seldom');
  t.same(told({ inService: { from: 4, to: 40 } }, { inService: 0.01 })![0], 3);
  t.same(told({ inService: { from: 0.1, to: 0.2 } }, { inService: 0.9 })![0], 0);
});

test('what was not observed is not compared, and a rate says nothing without its lengths', async (t) => {
  t.same(told({ outputTokens: { from: 50, to: 80 } }, {}), [0.25, 'outputTokens', null, 0.25, null]);
  t.equal(told({}, {}), null);
  t.equal(told({ requestsPerSec: { from: 1, to: 2 } }, {}), null);
  t.same(told(OBSERVED, { inService: Number.NaN }), [0, null, 0, 0, null]);
  t.equal(told({ inService: { from: 1, to: 2 } }, { inService: Number.NaN }), null);
});

test('every figure is finite and the worst is the largest', async (t) => {
  const tokens = fc.oneof(uniform(0, 10), uniform(0, 1e7), fc.constantFrom(0, 1e7));
  const span = fc.tuple(tokens, tokens).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
  const observed = fc.record(
    { inputTokens: span, outputTokens: span, inService: span },
    { requiredKeys: [] },
  );
  const asked = fc.record({ inputTokens: tokens, outputTokens: tokens, inService: tokens });
  forAll(t, 'finite, not negative, and 0 inside', fc.tuple(observed, asked), ([range, at]) => {
    const found = extrapolationOf(range, at);
    if (!found) return Object.keys(range).length === 0;
    const { fraction, worst } = found;
    const all = (['inputTokens', 'outputTokens', 'inService'] as const).flatMap((dimension) => {
      const one = found[dimension];
      if (!one) return [];
      const isInside = at[dimension] >= one.from && at[dimension] <= one.to;
      return [isInside ? one.fraction === 0 && 0 : one.fraction];
    });
    return (
      all.every((one) => one !== false && Number.isFinite(one) && one >= 0 && one <= fraction) &&
      (worst === null ? fraction === 0 : found[worst]!.fraction === fraction && fraction > 0)
    );
  });
});
