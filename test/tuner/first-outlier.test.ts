import { test } from 'tap';
import { seeded } from '../support/random.ts';
import { Follower, loaded } from './follower.ts';
import { near, seedOf, seenOften, TRUTHS } from './replica.ts';

const filter = await loaded('extended-kalman-filter');
const RUNS = 100;

test('an outlier among the first four, which the filter takes without a gate, is found out', async (t) => {
  let beyond = 0;
  for (let i = 0; i < 4 * RUNS; i++) {
    const at = i % 4;
    const times = (i >> 2) % 2 === 0 ? 10 : 0.1;
    const random = seeded(7000 + i);
    const truth = near(TRUTHS[(i >> 3) % TRUTHS.length], 0.3, random);
    const follower = new Follower(filter, { seed: seedOf(near(truth, 0.4, random)) });
    for (const [k, one] of seenOften(20, random, truth, 0.05).entries()) {
      follower.see(k === at ? { ...one, ttftMs: times * one.ttftMs, itlMs: times * one.itlMs } : one);
    }
    const { serviceTime, standardErrors } = follower.answer;
    const errors = (['alphaMs', 'betaMsPerToken', 'gammaMsPerToken2'] as const).map(
      (name) => standardErrors![name] / serviceTime![name],
    );
    if (follower.parameters.some((x, j) => Math.abs(x - truth[j]) > 3 * errors[j])) beyond++;
  }
  // Of normal errors one run in a hundred has a parameter beyond three of them.
  t.ok(beyond <= 0.015 * 4 * RUNS, `${beyond} of ${4 * RUNS} have a parameter beyond three standard errors`);
});
