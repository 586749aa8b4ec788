import type { Test } from 'tap';
import type { Estimator } from '../../src/tuner/estimator.ts';
import { forEach } from '../support/properties.ts';
import { seeded } from '../support/random.ts';
import { distance, Follower, reasonsOf } from './follower.ts';
import { near, seedOf, seen, seenOften, TRUTHS } from './replica.ts';

const KINDS = [
  { ttft: 10, itl: 1 },
  { ttft: 1, itl: 10 },
  { ttft: 10, itl: 10 },
  { ttft: 0.1, itl: 1 },
  { ttft: 1, itl: 0.1 },
] as const;

const LARGE = { maxBatchSize: 128, maxQueueLength: 64, maxBatchTokens: 8192 };

/** One that is far from all others says nothing of the parameters. */
export function isRobust(t: Test, estimator: Estimator) {
  const cases = Array.from({ length: 30 }, (_, i) => ({ i, ...KINDS[i % KINDS.length] }));
  const struck = ({ i, ttft, itl }: (typeof cases)[number]) => {
    const random = seeded(2000 + i);
    const truth = near(TRUTHS[i % 4], 0.3, random);
    const follower = new Follower(estimator, { seed: seedOf(near(truth, 0.1, random)) });
    const count = 4 + Math.floor(16 * random.uniform());
    for (const observation of seenOften(count, random, truth, 0.05)) follower.see(observation);
    const odd = seen(random, truth, 0.05);
    const before = follower.parameters;
    follower.see({ ...odd, ttftMs: odd.ttftMs * ttft, itlMs: odd.itlMs * itl });
    return { follower, before, truth, random };
  };

  t.test(
    'one outlier of ten times, or a tenth, is told, and moves no parameter by more than 2 %',
    async (t) => {
      forEach(t, 'after four observations or more', cases, (kind) => {
        const { follower, before } = struck(kind);
        return reasonsOf(follower)[0] === 'outlier' && distance(follower.parameters, before) <= 0.02;
      });
    },
  );

  t.test('one among the first four carries no parameter off for good', async (t) => {
    const runs = Array.from({ length: 60 }, (_, i) => ({ i, at: i % 4, ...KINDS[i % KINDS.length] }));
    forEach(t, 'after thirty observations', runs, ({ i, at, ttft, itl }) => {
      const random = seeded(3000 + i);
      const truth = near(TRUTHS[(i >> 2) % 4], 0.3, random);
      const follower = new Follower(estimator, { seed: seedOf(near(truth, 0.4, random)) });
      const first = seenOften(30, random, truth, 0.05, LARGE).map((one, k) =>
        k === at ? { ...one, ttftMs: one.ttftMs * ttft, itlMs: one.itlMs * itl } : one,
      );
      return distance(follower.see(...first).parameters, truth) <= 0.8;
    });
  });

  t.test('after an outlier the next ones are taken as before', async (t) => {
    forEach(t, 'most of the next five', cases, (kind) => {
      const { follower, truth, random } = struck(kind);
      const reasons = seenOften(5, random, truth, 0.03).flatMap((o) => reasonsOf(follower.see(o)));
      return reasons.filter((reason) => reason === null).length >= 4;
    });
  });
}
