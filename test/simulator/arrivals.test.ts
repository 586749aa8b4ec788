import { test } from 'tap';
import type { DrawnArrivals } from '../../src/schemas/simulation-process.ts';
import { arrivalTimes } from '../../src/simulator/arrivals.ts';
import { forEach, near } from '../support/properties.ts';
import { seeded } from '../support/random.ts';

const DRAWS = 200_000;
const PER_SEC = 40;

/** Coefficients of variation and of each the fourth central moment of gaps of mean 1: 3·cv⁴ + 6·cv⁶ of the gamma distribution. */
const CVS = [0, 0.5, 1, 2];

function gapsOf(arrivals: DrawnArrivals, count = DRAWS): number[] {
  const next = arrivalTimes(arrivals, PER_SEC, seeded(7).uniform);
  let before = 0;
  return Array.from({ length: count }, () => {
    const at = next();
    const gap = at - before;
    before = at;
    return gap;
  });
}

function meanAndVariance(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, variance };
}

/** Within four standard errors of the sample's mean and variance. */
function hasCv(gaps: readonly number[], cv: number): undefined {
  const unit = gaps.map((gap) => (gap * PER_SEC) / 1000);
  const { mean, variance } = meanAndVariance(unit);
  near(mean, 1, 0, (4 * cv) / Math.sqrt(gaps.length) + 1e-9, 'mean');
  const fourth = 3 * cv ** 4 + 6 * cv ** 6;
  return near(variance, cv ** 2, 0, 4 * Math.sqrt((fourth - cv ** 4) / gaps.length) + 1e-9, 'variance');
}

test('gamma gaps have their mean and coefficient of variation', async (t) => {
  forEach(t, 'mean and variance', CVS, (cv) => hasCv(gapsOf({ kind: 'gamma', cv }), cv));
});

test('Poisson gaps are exponential, constant ones all the same', async (t) => {
  t.doesNotThrow(() => hasCv(gapsOf({ kind: 'poisson' }), 1), 'Poisson');
  const gaps = gapsOf({ kind: 'poisson' });
  for (const quantile of [0.1, 0.5, 0.9, 0.99]) {
    const below = gaps.filter((gap) => gap < (-Math.log1p(-quantile) * 1000) / PER_SEC).length / DRAWS;
    const within = 4 * Math.sqrt((quantile * (1 - quantile)) / DRAWS);
    t.doesNotThrow(() => near(below, quantile, 0, within, 'share'), `below the ${quantile} quantile`);
  }
  t.ok(gapsOf({ kind: 'constant' }, 100).every((gap) => Math.abs(gap - 1000 / PER_SEC) < 1e-9));
});

const PIECES = [
  { fromSec: 10, requestsPerSec: 20 },
  { fromSec: 110, requestsPerSec: 0 },
  { fromSec: 200, requestsPerSec: 100 },
  { fromSec: 300, requestsPerSec: 5 },
  { fromSec: 400, requestsPerSec: 0 },
];

test('of a piecewise rate every piece gets its number, nothing comes at rate 0, and a last rate of 0 ends it', async (t) => {
  for (const cv of [...CVS, undefined]) {
    const next = arrivalTimes(
      { kind: 'rates', rates: PIECES, ...(cv !== undefined && { cv }) },
      1,
      seeded(3).uniform,
    );
    const counts = PIECES.map(() => 0);
    let last = 0;
    for (let at = next(); at < Number.POSITIVE_INFINITY; at = next()) {
      if (at < last) t.fail('times fall');
      last = at;
      counts[PIECES.findLastIndex(({ fromSec }) => 1000 * fromSec <= at)]++;
    }
    t.equal(next(), Number.POSITIVE_INFINITY, 'and stays at its end');
    const expected = [2000, 0, 10_000, 500, 0];
    forEach(t, `cv ${cv}`, [...expected.keys()], (i) => {
      // The number of a renewal process in a long time has a variance of cv² times its mean.
      near(
        counts[i],
        expected[i],
        0,
        4 * (cv ?? 1) * Math.sqrt(expected[i]) + (expected[i] > 0 ? 1 : 0),
        `piece ${i}`,
      );
      return undefined;
    });
  }
});

test('a last rate lasts, and gaps go on from one piece into the next', async (t) => {
  const rates = [
    { fromSec: 0, requestsPerSec: 1 },
    { fromSec: 2.5, requestsPerSec: 0 },
    { fromSec: 4, requestsPerSec: 0.25 },
  ];
  const next = arrivalTimes({ kind: 'rates', rates, cv: 0 }, 1, seeded(1).uniform);
  // Half a gap is behind at 2.5 s; the other half takes 2 s from 4 s on.
  t.same([next(), next(), next(), next(), next()], [1000, 2000, 6000, 10_000, 14_000]);
});
