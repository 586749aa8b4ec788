import type { Test } from 'tap';
import type { Observation, Rejection } from '../../src/schemas/observation.ts';
import type { Estimator } from '../../src/tuner/estimator.ts';
import { seeded } from '../support/random.ts';
import { Follower, reasonsOf } from './follower.ts';
import { latencies, near, seedOf, seen, TRUTHS } from './replica.ts';

const good = seen(seeded(50), TRUTHS[0], 0);

/** What tells nothing, and why: fields that differ from a good observation. */
const BAD: readonly (readonly [reason: Rejection, fields: Partial<Observation>])[] = [
  ...(['requestsPerSec', 'inputTokens', 'outputTokens', 'ttftMs', 'itlMs'] as const).flatMap((field) => [
    ['missing', { [field]: null }] as const,
    ['missing', { [field]: undefined }] as const,
    ['not-a-number', { [field]: Number.NaN }] as const,
    ['not-a-number', { [field]: Number.POSITIVE_INFINITY }] as const,
  ]),
  ...(['requestsPerSec', 'outputTokens', 'ttftMs', 'itlMs'] as const).map(
    (field) => ['zero', { [field]: 0 }] as const,
  ),
  ['not-a-number', { throughputPerSec: Number.NaN }],
  ['not-a-number', { meanConcurrency: Number.NaN }],
  ['not-a-number', { ageSec: Number.NaN }],
  ['impossible', { ttftMs: -1 }],
  ['impossible', { itlMs: -1 }],
  ['impossible', { cachedInputTokens: good.inputTokens + 1 }],
  ['stale', { ageSec: 601 }],
  ['stale', { observedAt: '2026-06-01T12:00:00Z' }],
  ['stale', { observedAt: '2026-06-01T13:59:00+02:00' }],
  ['overloaded', { throughputPerSec: 0.5 * good.requestsPerSec }],
  ['overloaded', { meanConcurrency: good.maxBatchSize }],
];

/** What tells nothing is refused with its reason, and changes nothing. */
export function refusesTheBad(t: Test, estimator: Estimator) {
  const follower = new Follower(estimator, { seed: seedOf(near(TRUTHS[0], 0.3, seeded(51))) });
  const random = seeded(52);
  for (let i = 0; i < 20; i++)
    follower.see({ ...seen(random, TRUTHS[0], 0.05), observedAt: `2026-06-01T11:${10 + i}:00Z` });
  follower.see({ ...seen(random, TRUTHS[0], 0.05), observedAt: '2026-06-01T12:00:00Z' });
  const { serviceTime, standardErrors, correlations } = follower.answer;

  t.test(
    'what is missing, zero, no number, impossible, stale or overloaded is refused with that reason and changes nothing',
    async (t) => {
      for (const [reason, fields] of BAD) {
        const other = follower.fork().see({ ...good, ...fields });
        const said = Object.entries(fields).map(([field, value]) => `${field} ${value}`);
        t.same(reasonsOf(other), [reason], `${said}: ${reason}`);
        t.same(other.state, follower.state, 'the state is the same');
        t.match(other.answer, { status: 'held', serviceTime, standardErrors, correlations });
        t.match(other.answer.observations, [{ accepted: false, nis: null, innovation: null }]);
      }
    },
  );

  t.test(
    'more than the replica can serve, as its parameters are known, is refused where its TTFT shows it',
    async (t) => {
      const { maxBatchSize, inputTokens, outputTokens } = good;
      const point = {
        ...good,
        requestsPerSec: 100 * good.requestsPerSec,
        maxBatchSize,
        inputTokens,
        outputTokens,
      };
      const other = follower.fork().see({ ...point, ...latencies(point, TRUTHS[0]) });
      t.same(reasonsOf(other), ['overloaded']);
      t.same(other.state.belief, follower.state.belief);
      t.same(other.answer.serviceTime, serviceTime);
    },
  );

  t.test('the good among the bad are taken as if they were alone', async (t) => {
    const observations = Array.from({ length: 5 }, () => seen(random, TRUTHS[0], 0.05));
    const alone = follower.fork().see(...observations);
    const mixed = follower
      .fork()
      .see(...observations.flatMap((observation, i) => [{ ...good, ...BAD[3 * i][1] }, observation]));
    t.same(mixed.state, alone.state);
    t.same(mixed.answer.serviceTime, alone.answer.serviceTime);
  });

  t.test('replicas that report for the same time are all taken', async (t) => {
    const observedAt = '2026-06-01T12:05:00Z';
    const reports = ['a', 'b', 'c'].map((replica) => ({
      ...seen(random, TRUTHS[0], 0.02),
      replica,
      observedAt,
    }));
    const other = follower.fork().see(...reports);
    t.same(reasonsOf(other), [null, null, null]);
    t.same(reasonsOf(other.see(...reports)), ['stale', 'stale', 'stale'], 'but not twice');
  });

  t.test('what is refused from the start on leaves it knowing nothing', async (t) => {
    const other = new Follower(estimator).see(
      ...BAD.filter(([reason]) => reason !== 'stale').map(([, fields]) => ({ ...good, ...fields })),
    );
    t.match(other.answer, { status: 'collecting', serviceTime: null });
  });
}
