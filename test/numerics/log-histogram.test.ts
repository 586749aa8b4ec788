import fc from 'fast-check';
import { test } from 'tap';
import { LogHistogram } from '../../src/numerics/log-histogram.ts';
import { forAll, near } from '../support/properties.ts';
import { logUniform } from '../support/stations.ts';

interface Weighted {
  readonly value: number;
  readonly weight: number;
}

const SHARES = [0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1];
/** As stated, and rounding. */
const WITHIN = 0.001 * (1 + 1e-6);

const samples = fc.array(
  fc.record({ value: logUniform(1e-5, 1e8), weight: fc.constantFrom(1, 1, 1, 2, 7, 100) }),
  { minLength: 1, maxLength: 200, size: 'max' },
);

const histogramOf = (list: readonly Weighted[]) => {
  const histogram = new LogHistogram();
  for (const { value, weight } of list) histogram.add(value, weight);
  return histogram;
};

/** Each value as often as it weighs, in rising order: the one that a share of all does not exceed. */
function sortedQuantile(list: readonly Weighted[], p: number): number {
  const all = list.flatMap(({ value, weight }) => Array<number>(weight).fill(value)).sort((a, b) => a - b);
  return all[Math.max(0, Math.ceil(p * all.length - 1e-9) - 1)];
}

function agree(histogram: LogHistogram, list: readonly Weighted[]): undefined {
  const weight = list.reduce((sum, sample) => sum + sample.weight, 0);
  const total = list.reduce((sum, sample) => sum + sample.weight * sample.value, 0);
  near(histogram.weight, weight, 0, 0, 'weight');
  near(histogram.mean, total / weight, 1e-12, 0, 'mean');
  for (const p of SHARES) near(histogram.quantile(p), sortedQuantile(list, p), WITHIN, 0, `quantile ${p}`);
  return undefined;
}

test('quantiles are those of the sorted values within 0.1 %, means exact, whatever order they come in', async (t) => {
  forAll(t, 'every share', samples, (list) => agree(histogramOf(list), list), 500);
});

test('bins grow downwards and upwards, step by step and by leaps', async (t) => {
  const steps = Array.from({ length: 3000 }, (_, i) => ({ value: 1.01 ** (i - 1500), weight: 1 }));
  const held = steps.filter(({ value }) => value > 1e-5);
  t.doesNotThrow(() => agree(histogramOf(held), held), 'rising');
  t.doesNotThrow(() => agree(histogramOf([...held].reverse()), held), 'falling');
  const leaps = [1, 1e-5, 1e9, 2e-5, 5e8, 1].map((value) => ({ value, weight: 3 }));
  t.doesNotThrow(() => agree(histogramOf(leaps), leaps), 'leaps');
});

test('merged histograms hold what both held', async (t) => {
  const pairs = fc.record({ one: samples, other: samples });
  forAll(
    t,
    'every share',
    pairs,
    ({ one, other }) => {
      const histogram = histogramOf(one);
      const second = histogramOf(other);
      histogram.merge(second);
      agree(histogram, [...one, ...other]);
      return agree(second, other);
    },
    300,
  );
  const filled = [{ value: 3, weight: 2 }];
  const empty = new LogHistogram();
  empty.merge(histogramOf(filled));
  t.doesNotThrow(() => agree(empty, filled), 'into an empty one');
  empty.merge(new LogHistogram());
  t.doesNotThrow(() => agree(empty, filled), 'an empty one');
});

test('an empty histogram knows nothing, and what is all but zero is counted as a millionth', async (t) => {
  const histogram = new LogHistogram();
  t.same([histogram.weight, histogram.mean, histogram.quantile(0.5)], [0, Number.NaN, Number.NaN]);
  histogram.add(0);
  t.equal(histogram.mean, 0);
  t.doesNotThrow(() => near(histogram.quantile(0.5), 1e-6, WITHIN, 0, 'median'));
});
