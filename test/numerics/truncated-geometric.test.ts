import fc from 'fast-check';
import { test } from 'tap';
import { sumGeometric } from '../../src/numerics/truncated-geometric.ts';
import { forAll, forEach, near } from '../support/properties.ts';
import { logUniform } from '../support/stations.ts';

function ours(decay: number, last: number) {
  const tail = { sum: Number.NaN, mean: Number.NaN, last: Number.NaN };
  sumGeometric(decay, Math.exp(-decay), -Math.expm1(-decay), last, tail);
  return tail;
}
const geometricSum = (decay: number, last: number) => ours(decay, last).sum;
const geometricMean = (decay: number, last: number) => ours(decay, last).mean;

/** Both sums term by term; the smallest terms first, so that rounding stays near 1e-16. */
function plain(decay: number, last: number): { sum: number; mean: number } {
  let sum = 0;
  let moment = 0;
  for (let i = last; i >= 0; i--) {
    const weight = Math.exp(-decay * i);
    sum += weight;
    moment += i * weight;
  }
  return { sum, mean: moment / sum };
}

const DECAYS = [0, 1e-300, 1e-15, 1e-12, 1e-9, 1e-7, 4.9e-6, 5.1e-6, 1e-4, 0.01, 0.2, 0.5, 1, 20, 700, 1e4];

test('a truncated geometric sum and its mean are those of the plain loop', async (t) => {
  const cases = [0, 1, 2, 3, 17, 1000, 100_000].flatMap((last) => DECAYS.map((decay) => ({ decay, last })));
  forEach(t, 'sum and mean', cases, ({ decay, last }) => {
    const expected = plain(decay, last);
    near(geometricSum(decay, last), expected.sum, 1e-12, 0, 'the sum');
    near(ours(decay, last).last, Math.exp(-decay * last), 1e-10, 1e-300, 'the last term');
    return near(geometricMean(decay, last), expected.mean, 1e-11, 1e-300, 'the mean');
  });
});

test('random sums are those of the plain loop', async (t) => {
  const values = fc.record({ decay: logUniform(1e-12, 100), last: logUniform(1, 3000).map(Math.floor) });
  forAll(t, 'sum and mean', values, ({ decay, last }) => {
    const expected = plain(decay, last);
    near(geometricSum(decay, last), expected.sum, 1e-12, 0, 'the sum');
    near(ours(decay, last).last, Math.exp(-decay * last), 1e-10, 1e-300, 'the last term');
    return near(geometricMean(decay, last), expected.mean, 1e-11, 1e-300, 'the mean');
  });
});

test('an infinite sum is the limit of the finite ones', async (t) => {
  forEach(t, 'sum and mean', [1e-3, 0.01, 0.3, 1, 30], (decay) => {
    const expected = plain(decay, Math.ceil(60 / decay));
    near(geometricSum(decay, Infinity), expected.sum, 1e-12, 0, 'the sum');
    return near(geometricMean(decay, Infinity), expected.mean, 1e-11, 0, 'the mean');
  });
  t.equal(geometricSum(0, Infinity), Infinity, 'it grows without bound where nothing decays');
});

test('the mean moves to the middle as the decay vanishes and to zero as it grows', async (t) => {
  t.equal(geometricMean(0, 100_000), 50_000);
  t.ok(geometricMean(800, 100_000) < 1e-300);
  forAll(t, 'it lies between', logUniform(1e-9, 100), (decay) => {
    const mean = geometricMean(decay, 1000);
    return mean > 0 && mean <= 500 && geometricMean(2 * decay, 1000) < mean;
  });
});
