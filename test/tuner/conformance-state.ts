import type { Test } from 'tap';
import { formCheck } from '../../src/schemas/checker.ts';
import { TuneState } from '../../src/schemas/tune-state.ts';
import type { Estimator } from '../../src/tuner/estimator.ts';
import { seeded } from '../support/random.ts';
import { distance, estimators, Follower } from './follower.ts';
import { latencyError, near, seedOf, seen, seenOften, TRUTHS } from './replica.ts';

const faultsOf = formCheck(TuneState);
const shown = ({ answer }: Follower) => JSON.stringify(answer);

/** All that an estimator knows stands in the state, which its caller keeps. */
export function keepsItsState(t: Test, estimator: Estimator) {
  const claim = (name: string, body: (t: Test) => void) => t.test(name, async (t) => body(t));
  const story = (seed: number, count = 14) => {
    const random = seeded(seed);
    const observations = seenOften(count, random, TRUTHS[1], 0.05);
    // Something of everything: an outlier, and parameters that move.
    observations[7] = { ...observations[7], ttftMs: observations[7].ttftMs * 10 };
    observations.push(...seenOften(6, random, [TRUTHS[1][0] + Math.LN2, TRUTHS[1][1], TRUTHS[1][2]], 0.05));
    return observations;
  };
  const begun = () => new Follower(estimator, { seed: seedOf(near(TRUTHS[1], 0.4, seeded(3))) });

  claim(
    'the state is of its form after every observation, and has been through text without a change',
    (t) => {
      const follower = begun();
      const faults = story(4).flatMap((observation) => {
        const { state } = follower.see(observation);
        t.same(JSON.parse(JSON.stringify(state)), state);
        return faultsOf(state);
      });
      t.same(faults, []);
    },
  );

  claim('two that have come as far go on alike, to the last byte', (t) => {
    const follower = begun().see(...story(5));
    const other = follower.fork();
    for (const observation of story(6, 10))
      t.equal(shown(other.see(observation)), shown(follower.see(observation)));
  });

  claim('the same observations have the same answer, to the last byte', (t) => {
    t.equal(shown(begun().see(...story(7))), shown(begun().see(...story(7))));
  });

  claim('one at a time or all at once comes to the same', (t) => {
    const [slow, fast] = [begun(), begun().see(...story(8))];
    for (const observation of story(8)) slow.see(observation);
    t.ok(distance(slow.parameters, fast.parameters) < 1e-6);
  });

  claim('the state, and what is observed, are left as they were', (t) => {
    const observations = story(9);
    const before = JSON.stringify(observations);
    const { state } = begun().see(...observations);
    const kept = JSON.stringify(state);
    new Follower(estimator, { state: state as unknown as Record<string, unknown> }).see(...observations);
    t.equal(JSON.stringify(observations), before);
    t.equal(JSON.stringify(state), kept);
  });

  t.test('what any other estimator has kept is understood, and made use of', async (t) => {
    for (const other of estimators.values()) {
      await other.load?.();
      const random = seeded(10);
      const follower = new Follower(other, { seed: seedOf(near(TRUTHS[2], 0.4, random)) });
      follower.see(...seenOften(20, random, TRUTHS[2], 0.02));
      const heir = follower.fork(estimator);
      t.ok(distance(heir.parameters, follower.parameters) < 1e-12, `${other.name}: nothing is lost`);
      for (let i = 0; i < 5; i++) heir.see(seen(random, TRUTHS[2], 0.02));
      t.equal(heir.answer.diagnostics!.estimator, estimator.name);
      t.same(faultsOf(heir.state), []);
      const error = latencyError(seen(random, TRUTHS[2], 0), heir.parameters, TRUTHS[2]);
      t.ok(error < 0.06, `${other.name}: latencies within ${error}`);
    }
  });
}
