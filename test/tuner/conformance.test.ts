import tap, { test } from 'tap';
import { DEFAULT_ESTIMATOR } from '../../src/tuner/estimator.ts';
import { conforms } from './conformance.ts';
import { estimators } from './follower.ts';

// A contract of minutes is none, but the machine may be busy.
tap.setTimeout(240_000);

test('the registry has the default, the filter and the fits', async (t) => {
  for (const name of [DEFAULT_ESTIMATOR, 'extended-kalman-filter', 'sliding-window', 'joint-fit'])
    t.ok(estimators.has(name), name);
});

for (const [name, estimator] of estimators) {
  test(`the estimator ${name} keeps the contract`, async (t) => {
    await conforms(t, estimator);
  });
}
