import { test } from 'tap';
import { errorsOf, logCovarianceOf } from '../../src/queueing/log-covariance.ts';
import { near } from '../support/properties.ts';

const serviceTime = { alphaMs: 10, betaMsPerToken: 0.05, gammaMsPerToken2: 2e-4 };
const standardErrors = { alphaMs: 1, betaMsPerToken: 0.01, gammaMsPerToken2: 1e-4 };
const correlations = { alphaBeta: -0.5, alphaGamma: 0.25, betaGamma: 0.1 };

test('relative errors and correlations make up the covariance of the logarithms', async (t) => {
  // The parameters are known within a tenth, a fifth and a half.
  const covariance = logCovarianceOf({ accelerator: 'a', serviceTime, standardErrors, correlations })!;
  const expected = [0.01, -0.01, 0.0125, -0.01, 0.04, 0.01, 0.0125, 0.01, 0.25];
  for (const [i, value] of expected.entries()) near(covariance[i], value, 1e-12, 0, `${i}`);
  const back = errorsOf([Math.log(10), Math.log(0.05), Math.log(2e-4)], covariance);
  for (const [name, value] of Object.entries({ ...standardErrors, ...correlations })) {
    near({ ...back.standardErrors, ...back.correlations }[name as 'alphaMs'], value, 1e-12, 0, name);
  }
  t.pass();
});

test('a parameter of 0 is exact, and without any error there is no covariance', async (t) => {
  const profile = { accelerator: 'a', serviceTime: { ...serviceTime, gammaMsPerToken2: 0 }, standardErrors };
  t.same([...logCovarianceOf(profile)!.subarray(6)], [0, 0, 0]);
  t.equal(logCovarianceOf({ accelerator: 'a', serviceTime }), null);
  const exact = { alphaMs: 0, betaMsPerToken: 0, gammaMsPerToken2: 0 };
  t.equal(logCovarianceOf({ accelerator: 'a', serviceTime, standardErrors: exact }), null);
});
