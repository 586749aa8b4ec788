import { type Static, Type } from '#typebox';
import type { Belief, Sighting } from '../../schemas/tune-state.ts';
import { diagonal, LARGEST_VARIANCE } from '../belief.ts';
import { commonOptions, type Estimator, type Track, type Verdict } from '../estimator.ts';
import type { Expectation } from '../expectation.ts';
import { drifted, innovate, loadFilter, update } from '../filter.ts';
import { fitWindow } from '../window-fit.ts';

const options = Type.Object(
  {
    ...commonOptions,
    driftFraction: Type.Number({
      minimum: 0,
      maximum: 0.5,
      default: 0.01,
      description: 'Standard deviation by which a parameter may drift from one observation to the next, relative.',
    }),
    gate: Type.Number({
      minimum: 1,
      maximum: 1000,
      default: 13.8,
      description: 'Normalised innovation squared beyond which an observation is rejected (χ², 2 degrees of freedom).',
    }),
    restartAfter: Type.Integer({
      minimum: 2,
      maximum: 20,
      default: 3,
      description:
        'Rejections in a row after which the covariance is inflated; after as many more the state is found anew from the rejected.',
    }),
  },
  { additionalProperties: false },
);
type Options = Static<typeof options>;

/** Updates without a gate, at the start. */
const UNGATED = 3;

/** Variance (natural logarithm) that is added where the filter no longer believes itself. */
const INFLATION = 0.1;

/** What is kept in the window is what was rejected since the last that was accepted. */
function take(track: Track, sighting: Sighting, expectation: Expectation, options: Options): Verdict {
  const { noiseFraction, gate, restartAfter } = options;
  const rejected = track.window.length;
  let believed = drifted(track.belief!, options.driftFraction ** 2);
  if (rejected >= restartAfter) believed = inflated(believed);
  const innovation = innovate(expectation, believed, sighting, noiseFraction);
  const deviation = innovation && ([innovation.deviation[0], innovation.deviation[1]] as const);
  const nis = innovation?.nis ?? null;

  const isWithin = nis !== null && (nis <= gate || track.accepted < UNGATED);
  const updated = isWithin ? update(expectation, believed, sighting, noiseFraction) : null;
  if (updated) {
    track.belief = updated;
    track.window = [];
    return { accepted: true, reason: null, nis, deviation };
  }
  track.window = [...track.window, { ...sighting, accepted: false }];
  if (rejected + 1 < 2 * restartAfter) return { accepted: false, reason: 'outlier', nis, deviation };

  const prior = { mean: track.belief!.mean, covariance: diagonal(LARGEST_VARIANCE) };
  const fit = fitWindow(expectation, track.window, prior, noiseFraction);
  track.window = fit ? [] : track.window.slice(1);
  if (!fit) return { accepted: false, reason: 'outlier', nis, deviation };
  track.belief = fit.belief;
  track.restarts++;
  track.sinceRestart = 0;
  return { accepted: true, reason: null, nis, deviation };
}

function inflated({ mean, covariance }: Belief): Belief {
  const added = diagonal(INFLATION);
  return { mean, covariance: covariance.map((value, i) => value + added[i]) };
}

export default {
  name: 'extended-kalman-filter',
  summary:
    'Iterated extended Kalman filter on the logarithms of the parameters, one observation at a time; rejections in a row inflate its covariance, then start it anew.',
  options,
  load: loadFilter,
  take,
} satisfies Estimator<typeof options>;
