import type { Test } from 'tap';
import type { Estimator } from '../../src/tuner/estimator.ts';
import { forEach } from '../support/properties.ts';
import { seeded } from '../support/random.ts';
import { distance, Follower } from './follower.ts';
import { anyPoint, latencyError, near, seedOf, seenAt, TRUTHS } from './replica.ts';

/** Where a replica has worked at one operating point alone, its three parameters cannot be told apart by two latencies. */
export function isModest(t: Test, estimator: Estimator) {
  const afterOnePoint = (i: number, count: number) => {
    const random = seeded(1000 + i);
    const truth = near(TRUTHS[i % 4], 0.3, random);
    const point = anyPoint(random, truth);
    const seed = near(truth, 0.5, random);
    const follower = new Follower(estimator, { seed: seedOf(seed) });
    for (let k = 0; k < count; k++) follower.see(seenAt(point, truth, 0.01, random));
    return { truth, point, seed, follower };
  };
  const runs = Array.from({ length: 20 }, (_, i) => afterOnePoint(i, 30));
  type Run = (typeof runs)[number];
  const always = (t: Test, claim: string, holds: (run: Run) => boolean) =>
    forEach(t, claim, [...runs.keys()], (i) => holds(runs[i]));
  const shareOf = (some: Run[], holds: (run: Run) => boolean) => some.filter(holds).length / some.length;

  t.test('from one operating point, with 1 % of noise, its latencies are predicted within 3 %', async (t) => {
    always(
      t,
      'TTFT and ITL',
      ({ truth, point, follower }) => latencyError(point, follower.parameters, truth) < 0.03,
    );
  });

  t.test('from one operating point no parameter is carried off', async (t) => {
    always(
      t,
      'within three times of what the seed was off by',
      ({ truth, seed, follower }) =>
        distance(follower.parameters, truth) < distance(seed, truth) + Math.log(3),
    );
  });

  t.test(
    'after six observations of one operating point it tells known from unknown, and where to measure',
    async (t) => {
      const few = Array.from({ length: 16 }, (_, i) => afterOnePoint(i, 6));
      const isTold = ({ follower }: Run) => {
        const { diagnostics, calibration } = follower.answer;
        const [first, , third] = diagnostics!.combinations;
        return first.isKnown && !third.isKnown && calibration!.needed && calibration!.points.length > 0;
      };
      t.ok(
        shareOf(few, isTold) >= 0.9,
        'the first combination is known, the third is not, nine times in ten',
      );
    },
  );

  t.test('measured where it asks for it, the parameters become known', async (t) => {
    const isKnown = ({ truth, point, follower }: Run) => {
      const pupil = follower.fork();
      const random = seeded(1);
      for (const { requestsPerSec, inputTokens, outputTokens } of follower.answer.calibration!.points) {
        const there = { ...point, requestsPerSec, inputTokens, outputTokens };
        for (let k = 0; k < 4; k++) pupil.see(seenAt(there, truth, 0, random));
      }
      return distance(pupil.parameters, truth) < 0.25;
    };
    const asking = runs.filter(({ follower }) => follower.answer.calibration!.needed);
    t.ok(shareOf(asking, isKnown) >= 0.8, 'within a quarter, four times in five');
  });
}
