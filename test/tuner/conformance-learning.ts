import type { Test } from 'tap';
import { symmetricEigen } from '../../src/numerics/symmetric-eigen.ts';
import type { Estimator } from '../../src/tuner/estimator.ts';
import { seeded } from '../support/random.ts';
import { distance, Follower } from './follower.ts';
import { near, seedOf, seenOften, TRUTHS } from './replica.ts';

const LONG = 2_000;
/** What fits all of hundreds again and again takes its time: it is to keep fewer. */
const KEPT = { maxObservations: 8 };
const AT_ONCE = 50;

/** It finds the parameters, says how sure it is of them, and keeps its covariance a covariance. */
export function learns(t: Test, estimator: Estimator) {
  const claim = (name: string, body: (t: Test) => void) => t.test(name, async (t) => body(t));

  claim('what is measured without noise at several points is found, from a seed and without one', (t) => {
    for (const [i, truth] of TRUTHS.entries()) {
      const random = seeded(20 + i);
      const seed = seedOf(near(truth, 0.4, random));
      const observations = seenOften(25, random, truth, 0);
      for (const known of [{ seed }, {}]) {
        const follower = new Follower(estimator, known);
        for (const observation of observations) follower.see(observation);
        const error = distance(follower.parameters, truth);
        t.ok(error < 0.1, `within ${error} of ${truth} ${'seed' in known ? 'from a seed' : 'without'}`);
        t.equal(follower.answer.status, 'tracking');
      }
    }
  });

  claim('most truths lie within two of the standard errors that are told, nearly all within four', (t) => {
    const deviations = Array.from({ length: 20 }, (_, i) => {
      const random = seeded(100 + i);
      const truth = near(TRUTHS[i % 4], 0.3, random);
      const follower = new Follower(estimator, { seed: seedOf(near(truth, 0.3, random)) });
      for (const observation of seenOften(20, random, truth, 0.05)) follower.see(observation);
      const { serviceTime, standardErrors } = follower.answer;
      const names = ['alphaMs', 'betaMsPerToken', 'gammaMsPerToken2'] as const;
      return names.map(
        (name, j) =>
          Math.abs(Math.log(serviceTime![name]) - truth[j]) / (standardErrors![name] / serviceTime![name]),
      );
    }).flat();
    const shareWithin = (errors: number) => deviations.filter((d) => d <= errors).length / deviations.length;
    t.ok(shareWithin(2) >= 0.8, `${shareWithin(2)} within two`);
    t.ok(shareWithin(4) >= 0.97, `${shareWithin(4)} within four`);
  });

  claim('before it knows anything it says so, and a seed is answered as it is', (t) => {
    const nothing = new Follower(estimator);
    t.match(nothing.answer, {
      status: 'collecting',
      serviceTime: null,
      standardErrors: null,
      correlations: null,
      calibration: null,
    });
    const seed = seedOf(TRUTHS[0]);
    const seeded = new Follower(estimator, { seed });
    t.ok(distance(seeded.parameters, TRUTHS[0]) < 1e-12);
    t.equal(seeded.answer.status, 'collecting');
  });

  claim('terms of the first token that are not estimated are kept', (t) => {
    const terms = { prefillMsPerToken: 0.02, requestOverheadMs: 5, residualIterations: 0.5 };
    const follower = new Follower(estimator, { seed: { ...seedOf(TRUTHS[0]), ...terms } });
    for (const observation of seenOften(5, seeded(5), TRUTHS[0], 0)) follower.see(observation);
    t.match(follower.answer.serviceTime, terms);
  });

  claim('over thousands of observations the covariance stays finite, symmetric and positive', (t) => {
    const random = seeded(30);
    let truth = TRUTHS[0];
    const { properties } = estimator.options as unknown as { properties: object };
    const options = 'maxObservations' in properties ? KEPT : {};
    const follower = new Follower(estimator, { seed: seedOf(truth) }, options);
    let least = Number.POSITIVE_INFINITY;
    let asymmetry = 0;
    for (let i = 0; i < LONG; i += AT_ONCE) {
      if (i % 500 === 0) truth = near(TRUTHS[(i / 500) % 4], 0.3, random);
      const observations = seenOften(AT_ONCE, random, truth, 0.05);
      // A tenth are outliers; the noise varies too.
      for (const [k, o] of observations.entries())
        if (k % 10 === 0) observations[k] = { ...o, itlMs: o.itlMs * 3 };
      const { mean, covariance } = follower.see(...observations).state.belief!;
      if (![...mean, ...covariance].every(Number.isFinite)) t.fail(`not finite after ${i}`);
      least = Math.min(least, symmetricEigen(covariance, 3)[2].value);
      asymmetry = Math.max(
        asymmetry,
        ...covariance.map((value, j) => Math.abs(value - covariance[(j % 3) * 3 + Math.floor(j / 3)])),
      );
    }
    t.ok(least > 0, `the least eigenvalue is ${least}`);
    t.equal(asymmetry, 0, 'symmetric');
  });
}
