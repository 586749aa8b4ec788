import { test } from 'tap';
import { clusterAfter, clusterAround } from '../../src/queueing/variability.ts';
import { arrivalTimes } from '../../src/simulator/arrivals.ts';
import { randomStreams } from '../../src/simulator/random.ts';

/** Others that come within so long of an arrival, seen from a moment of that time at random, less those under Poisson arrivals. */
function seenAround(cv: number, arrivals: number, draws: number): number {
  const [uniform, moment] = randomStreams(5, 2);
  const next = arrivalTimes({ kind: 'gamma', cv }, 1000, uniform);
  const times = Float64Array.from({ length: draws }, next);
  let others = 0;
  for (let i = 1000; i < draws - 1000; i++) {
    const before = moment() * arrivals;
    for (let j = i - 1; times[i] - times[j] <= before; j--) others++;
    for (let j = i + 1; times[j] - times[i] <= arrivals - before; j++) others++;
  }
  return others / (draws - 2000) - arrivals;
}

test('those that come around another are those of a renewal process with gamma distributed gaps', (t) => {
  for (const cv of [0.2, 0.5, 0.8, 1.4, 2, 3, 5])
    for (const arrivals of [0.1, 1, 5]) {
      const seen = seenAround(cv, arrivals, 200_000);
      const told = clusterAround(cv * cv, arrivals);
      const off = Math.abs(told - seen);
      t.ok(off < 0.12 * Math.abs(cv * cv - 1), `cv ${cv}, ${arrivals} arrivals: ${told} for ${seen}`);
    }
  t.end();
});

test('under Poisson arrivals none come beside what the rate says', (t) => {
  for (const arrivals of [1e-9, 0.3, 100]) {
    t.equal(clusterAround(1, arrivals), 0);
    t.equal(clusterAfter(1, arrivals), 0);
  }
  t.end();
});

test('those around another are twice the mean of those after it', (t) => {
  const STEPS = 200_000;
  for (const cv2 of [0.01, 0.25, 4])
    for (const arrivals of [0.2, 2, 20]) {
      let sum = 0;
      for (let i = 0; i < STEPS; i++) sum += clusterAfter(cv2, ((i + 0.5) / STEPS) * arrivals);
      t.ok(Math.abs((2 * sum) / STEPS / clusterAround(cv2, arrivals) - 1) < 1e-4, `${cv2}, ${arrivals}`);
    }
  t.end();
});
