import { Ajv } from 'ajv';
import type { Test } from 'tap';
import type { Estimator } from '../../src/tuner/estimator.ts';
import { seeded } from '../support/random.ts';
import { Follower, reasonsOf } from './follower.ts';
import { seedOf, seen, TRUTHS } from './replica.ts';

/** What a request may say to an estimator. */
export function hasOptions(t: Test, estimator: Estimator) {
  const { options, name, summary } = estimator;
  const { properties } = options as unknown as { properties: Record<string, { default?: unknown }> };

  t.test('it has a name, a summary and options, each with a default that is valid', async (t) => {
    t.match(name, /^[a-z]+(-[a-z]+)*$/);
    t.ok(summary.length > 20);
    const isValid = new Ajv({ strict: false }).compile(options);
    const defaults = Object.entries(properties).map(([option, schema]) => [option, schema.default]);
    t.ok(isValid({}), 'every option has a default');
    t.ok(isValid(Object.fromEntries(defaults)), 'the defaults are valid');
    t.ok(
      defaults.every(([, value]) => value !== undefined),
      'and are told',
    );
    t.notOk(isValid({ 'no such option': 1 }), 'an option that it does not know is refused');
  });

  t.test('the options that all estimators have are there', async (t) => {
    for (const option of ['noiseFraction', 'maxAgeSec'])
      t.equal(typeof properties[option]?.default, 'number');
    const follower = new Follower(estimator, { seed: seedOf(TRUTHS[0]) }, { maxAgeSec: 10 });
    const observation = seen(seeded(1), TRUTHS[0], 0);
    follower.see({ ...observation, ageSec: 9 }, { ...observation, ageSec: 11 });
    t.same(reasonsOf(follower), [null, 'stale']);
  });

  t.test('latencies that are said to be noisier leave it less sure', async (t) => {
    const errors = [0.02, 0.1].map((noiseFraction) => {
      const random = seeded(2);
      const follower = new Follower(estimator, { seed: seedOf(TRUTHS[0]) }, { noiseFraction });
      for (let i = 0; i < 15; i++) follower.see(seen(random, TRUTHS[0], 0.02));
      return follower.answer.standardErrors!;
    });
    t.ok(errors[0].alphaMs < errors[1].alphaMs, JSON.stringify(errors));
    t.ok(errors[0].gammaMsPerToken2 < errors[1].gammaMsPerToken2);
  });
}
