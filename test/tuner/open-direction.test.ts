import tap, { test } from 'tap';
import { symmetricEigen } from '../../src/numerics/symmetric-eigen.ts';
import { seeded } from '../support/random.ts';
import { Follower, loaded } from './follower.ts';
import { anyPoint, near, seedOf, seenAt, TRUTHS, type Truth } from './replica.ts';
import { meanOf, parameterError } from './trajectories.ts';

tap.setTimeout(240_000);

const RUNS = 40;
const OBSERVATIONS = 200;

/** What the filter makes of one operating point, against a truth that it is not told. */
async function runs() {
  const filter = await loaded('extended-kalman-filter');
  return Array.from({ length: RUNS }, (_, i) => {
    const random = seeded(7000 + i);
    const truth = near(TRUTHS[i % 4], 0.3, random);
    const point = anyPoint(random, truth);
    const seed = near(truth, 0.5, random);
    const follower = new Follower(filter, { seed: seedOf(seed) });
    for (let k = 0; k < OBSERVATIONS; k++) follower.see(seenAt(point, truth, 0.05, random));
    const { mean, covariance } = follower.state.belief!;
    const [open] = symmetricEigen(covariance, 3);
    const off = open.vector.reduce((sum, weight, j) => sum + weight * (mean[j] - truth[j]), 0);
    const errorOf = (parameters: Truth) => parameterError(parameters, truth);
    return { z: off / Math.sqrt(open.value), seeded: errorOf(seed), found: errorOf(follower.parameters) };
  });
}

test('hundreds of observations of one operating point do not pass for knowledge of what it leaves open', async (t) => {
  const all = await runs();
  const beyond = all.filter(({ z }) => Math.abs(z) > 2).length;
  t.ok(
    beyond <= 0.1 * RUNS,
    `${beyond} of ${RUNS} truths beyond two standard errors along the open direction`,
  );
  const carriedOff = all.filter(({ seeded, found }) => found > seeded + 0.05).length;
  t.ok(carriedOff <= 0.05 * RUNS, `${carriedOff} further from the truth than the seed, by more than noise`);
  const [found, before] = [meanOf(all.map((one) => one.found)), meanOf(all.map((one) => one.seeded))];
  t.ok(found <= 0.6 * before, `off by ${found} on average, the seeds by ${before}`);
});
