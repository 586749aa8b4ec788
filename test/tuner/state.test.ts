import { test } from 'tap';
import type { TuneState } from '../../src/schemas/tune-state.ts';
import { forEach } from '../support/properties.ts';
import { seeded } from '../support/random.ts';
import { estimators, Follower } from './follower.ts';
import { LIMITS, latencyError, near, seedOf, seen, seenOften, TRUTHS } from './replica.ts';

type Damage = readonly [what: string, damage: (state: TuneState) => void];

/** States of the right form that no estimator has written. */
const DAMAGES: Damage[] = [
  ['a covariance of zeros', ({ belief }) => belief!.covariance.fill(0)],
  ['a negative variance', ({ belief }) => belief!.covariance.fill(-1, 4, 5)],
  ['a covariance that is not symmetric', ({ belief }) => belief!.covariance.fill(0.5, 1, 2)],
  ['a correlation of more than 1', ({ belief }) => belief!.covariance.fill(100, 1, 2).fill(100, 3, 4)],
  [
    'a covariance of very little',
    ({ belief }) => Object.assign(belief!, { covariance: belief!.covariance.map((value) => value * 1e-300) }),
  ],
  ['a prior without a covariance', ({ prior }) => prior!.covariance.fill(0)],
  ['no prior', (state) => Object.assign(state, { prior: null })],
  ['a prior and no belief', (state) => Object.assign(state, { belief: null })],
  ['no window', ({ window }) => window.splice(0)],
  ['settled, whatever it knows', (state) => Object.assign(state, { settled: true })],
  ['moved, whatever it knows', (state) => Object.assign(state, { moved: true })],
  [
    'enormous scores',
    (state) =>
      Object.assign(state, { window: state.window.map((entry) => ({ ...entry, score: [1e308, -1e308] })) }),
  ],
  ['slopes from far away', (state) => Object.assign(state, { linearizedAt: [40, -40, 40] })],
  ['slopes from nowhere', (state) => Object.assign(state, { linearizedAt: [-50, -50, -50] })],
  ['a date that is none', (state) => Object.assign(state, { observedAt: 'yesterday' })],
];

function numbersOf(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : [];
}

for (const [name, estimator] of estimators) {
  test(`${name}: a state that was damaged on its way does no harm to others, and is recovered from`, async (t) => {
    await estimator.load?.();
    const random = seeded(60);
    const truth = TRUTHS[3];
    const sound = new Follower(estimator, { seed: seedOf(near(truth, 0.3, random)) });
    sound.see(...seenOften(12, random, truth, 0.02));
    const observations = seenOften(15, random, truth, 0.02);
    forEach(t, 'finite, and its latencies within a tenth after 15 observations', DAMAGES, ([, damage]) => {
      const state = structuredClone(sound.state);
      damage(state);
      const other = new Follower(estimator, { state: state as unknown as Record<string, unknown> });
      const answers = observations.map((observation) => other.see(observation).answer);
      const point = seen(random, truth, 0, LIMITS);
      return numbersOf(answers).every(Number.isFinite) && latencyError(point, other.parameters, truth) < 0.1;
    });
  });
}
