import { test } from 'tap';
import { type BatchFigure, groupingOf, halfWidthOf } from '../../src/simulator/batches.ts';
import { near } from '../support/properties.ts';
import { seeded } from '../support/random.ts';

test('all of the run but its first eighth counts, in batches that are as equal as they can be', async (t) => {
  for (let fine = 16; fine <= 64; fine++) {
    const { counted, groups } = groupingOf(fine, true);
    t.ok(counted.from >= fine / 8 && counted.from < fine / 8 + 1 && counted.to === fine, `${fine}`);
    t.same(
      [groups[0].from, ...groups.map(({ to }) => to)],
      [...groups.map(({ from }) => from), counted.to],
      'one after the other',
    );
    const lengths = groups.map(({ from, to }) => to - from);
    t.ok(Math.max(...lengths) - Math.min(...lengths) <= 1, `lengths ${lengths}`);
  }
  t.same(groupingOf(15, true).groups, [], 'too few');
  t.same(groupingOf(40, false), { counted: { from: 0, to: 40 }, groups: [] }, 'no steady state');
});

test('batches that know nothing of one another have the interval of Student', async (t) => {
  // Values 9 and 11 by turns: their autocorrelation is negative. Student's t for 13 degrees of freedom at 97.5 % is 2.1604.
  const batches = Array.from({ length: 14 }, (_, i) => ({ weight: 1, value: i % 2 === 0 ? 9 : 11 }));
  const half = (2.1604 * Math.sqrt(14 / 13)) / Math.sqrt(14);
  t.doesNotThrow(() => near(halfWidthOf(batches, 10), half * (1 + half / 20), 1e-4, 0, 'half width'));
  const heavy = batches.map(({ value }) => ({ weight: 7, value }));
  t.doesNotThrow(() => near(halfWidthOf(heavy, 10), half * (1 + half / 20), 1e-4, 0, 'weights are relative'));
  const fromZero = batches.map(({ weight, value }) => ({ weight, value: value - 10 }));
  t.doesNotThrow(() => near(halfWidthOf(fromZero, 0), half, 1e-4, 0, 'of no size, none of the skew'));
  t.equal(
    halfWidthOf(
      batches.map(() => ({ weight: 1, value: 3 })),
      3,
    ),
    0,
  );
  t.ok(Number.isNaN(halfWidthOf(batches.slice(0, 3), 10)), 'too few');
});

/** Share of the intervals that contain the mean 100 of a process in 14 batches of some weights, whose neighbours correlate. */
function coverage(phi: number, weights: readonly number[]): number {
  const { normal } = seeded(11);
  const RUNS = 4000;
  let covered = 0;
  for (let run = 0; run < RUNS; run++) {
    let level = normal();
    const batches = weights.map((weight): BatchFigure => {
      level = phi * level + Math.sqrt(1 - phi * phi) * normal();
      return { weight, value: 100 + level / Math.sqrt(weight) };
    });
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const mean = batches.reduce((total, { weight, value }) => total + weight * value, 0) / sum;
    if (Math.abs(mean - 100) <= halfWidthOf(batches, mean)) covered++;
  }
  return covered / RUNS;
}

// Of 4000 intervals that cover at 95 %, a share of less than 0.939 does with a probability of 0.1 %. Those of Student cover 0.84 and 0.73 where
// neighbours correlate by 0.3 and 0.5.
test('intervals contain what they should, of even and uneven batches, and nearly so where neighbours correlate', async (t) => {
  const even = Array.from({ length: 14 }, () => 2);
  const uneven = even.map((_, i) => 2 + (i % 2));
  for (const weights of [even, uneven]) {
    const independent = coverage(0, weights);
    t.ok(independent >= 0.939 && independent < 0.985, `independent: ${independent}`);
    t.ok(coverage(0.3, weights) >= 0.92, `0.3: ${coverage(0.3, weights)}`);
    t.ok(coverage(0.5, weights) >= 0.87, `0.5: ${coverage(0.5, weights)}`);
  }
});
