import tap, { test } from 'tap';
import { skippedWithout } from '../support/shared-data.ts';
import { loaded } from './follower.ts';
import { latencyError } from './replica.ts';
import {
  followed,
  made,
  meanOf,
  parameterError,
  REFERENCE_ERRORS,
  recorded,
  TRAJECTORIES_FILE,
  type Trajectory,
} from './trajectories.ts';

tap.setTimeout(120_000);

const skip = skippedWithout(TRAJECTORIES_FILE);

/** What each estimator is for: a joint fit assumes that the parameters stand still. */
const FOR = {
  auto: ['constant', 'step', 'outlier'],
  'extended-kalman-filter': ['constant', 'step', 'outlier'],
  'sliding-window': ['constant', 'step', 'outlier'],
  'joint-fit': ['constant', 'outlier'],
} as const;

/** Share of the reference's error that is left at the end of runs of ours. */
const OURS = {
  auto: 1 / 3,
  'extended-kalman-filter': 2 / 5,
  'sliding-window': 2 / 5,
  'joint-fit': 1 / 3,
} as const;

/** Parameters, of twelve, that one operating point leaves further from the truth than their seeds were. */
const CARRIED_OFF = { auto: 1, 'extended-kalman-filter': 3, 'sliding-window': 1, 'joint-fit': 1 } as const;

for (const name of Object.keys(FOR) as (keyof typeof FOR)[]) {
  const errorOf = async (trajectories: readonly Trajectory[]) => {
    const estimator = await loaded(name);
    return meanOf(trajectories.map((one) => parameterError(followed(one, estimator).parameters, one.truth)));
  };

  test(`${name}: at the end of the recorded runs the parameters are off by a third of the reference's error at most`, {
    skip,
  }, async (t) => {
    for (const kind of FOR[name]) {
      const error = await errorOf(recorded().filter((one) => one.kind === kind));
      t.ok(error <= REFERENCE_ERRORS[kind] / 3, `${kind}: ${error}`);
    }
  });

  test(`${name}: at the end of runs that nothing was tuned by they are off by ${Math.round(100 * OURS[name])} % of it at most`, async (t) => {
    for (const kind of FOR[name]) {
      const error = await errorOf(made(kind, 16));
      t.ok(error <= REFERENCE_ERRORS[kind] * OURS[name], `${kind}: ${error}`);
    }
  });

  test(`${name}: from the recorded runs at one operating point latencies are told within 3 %, most parameters no worse than seeded`, {
    skip,
  }, async (t) => {
    const estimator = await loaded(name);
    let carriedOff = 0;
    for (const one of recorded().filter(({ kind }) => kind === 'single-point')) {
      const { parameters } = followed(one, estimator);
      const error = latencyError(one.observations[0], parameters, one.truth);
      t.ok(error <= 0.03, `${one.name}: ${error}`);
      carriedOff += parameters.filter(
        (x, j) => Math.abs(x - one.truth[j]) > Math.abs(one.seed[j] - one.truth[j]) + 1e-3,
      ).length;
    }
    t.ok(carriedOff <= CARRIED_OFF[name], `${carriedOff} of 12 are further from the truth`);
  });
}
