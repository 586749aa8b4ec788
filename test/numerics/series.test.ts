import { test } from 'tap';
import { meanOf, quantileOf, Series } from '../../src/numerics/series.ts';
import { near } from '../support/properties.ts';
import { seeded } from '../support/random.ts';

function filled(values: readonly number[]): Series {
  const series = new Series();
  for (const value of values) series.push(value);
  return series;
}

test('a series keeps its values while it grows', async (t) => {
  const { normal } = seeded(1);
  const values = Array.from({ length: 5000 }, () => normal());
  const series = filled(values);
  t.equal(series.length, 5000);
  t.same(
    [...series.sorted()],
    [...values].sort((a, b) => a - b),
  );
  t.same(
    [...series.sorted(1000, 1100)],
    values.slice(1000, 1100).sort((a, b) => a - b),
  );
  const sum = values.slice(10, 4000).reduce((total, value) => total + value, 0);
  t.doesNotThrow(() => near(series.mean(10, 4000), sum / 3990, 1e-12, 1e-15, 'mean'));
});

test('what is not known is left out, and of nothing the mean and the quantiles are not known', async (t) => {
  const series = filled([5, Number.NaN, 1, Number.NaN, 3]);
  t.equal(series.mean(), 3);
  t.same([...series.sorted()], [1, 3, 5]);
  t.same([...series.sorted(0, 100)], [1, 3, 5], 'not beyond its end');
  t.ok(Number.isNaN(series.mean(1, 2)));
  t.ok(Number.isNaN(meanOf(series.sorted(1, 2))));
  t.ok(Number.isNaN(quantileOf(series.sorted(1, 2), 0.5)));
});

test('a quantile is the least value that so many do not exceed', async (t) => {
  const rising = Float64Array.from({ length: 10 }, (_, i) => i + 1);
  t.same(
    [0, 0.05, 0.1, 0.11, 0.5, 0.9, 0.91, 1].map((p) => quantileOf(rising, p)),
    [1, 1, 1, 2, 5, 9, 10, 10],
  );
  t.equal(meanOf(rising), 5.5);
});
