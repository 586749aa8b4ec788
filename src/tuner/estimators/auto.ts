import { type Static, Type } from '#typebox';
import type { Sighting } from '../../schemas/tune-state.ts';
import { isIdentified } from '../belief.ts';
import { commonOptions, type Estimator, type Track, type Verdict } from '../estimator.ts';
import type { Expectation } from '../expectation.ts';
import { drifted, innovate, loadFilter, scoreOf, update } from '../filter.ts';
import { findMovement, fitMoved } from '../movement.ts';
import { fitWindow } from '../window-fit.ts';

const options = Type.Object(
  {
    ...commonOptions,
    driftFraction: Type.Number({
      minimum: 0,
      maximum: 0.5,
      default: 0.002,
      description: 'Standard deviation by which a parameter may drift from one observation to the next, relative.',
    }),
    windowLength: Type.Integer({
      minimum: 6,
      maximum: 100,
      default: 14,
      description: 'Observations that are kept: fitted together until the parameters are known, then to tell whether they move.',
    }),
  },
  { additionalProperties: false },
);
type Options = Static<typeof options>;

/** So many observations are fitted together, where that is enough, before the filter takes over. */
const FITTED_TOGETHER = 12;

/** Normalised innovation squared beyond which a sighting is not taken: χ², 2 degrees of freedom, 1 in 1000. */
const GATE = 13.8;

function take(track: Track, sighting: Sighting, expectation: Expectation, options: Options): Verdict {
  const { noiseFraction } = options;
  const believed = track.settled ? drifted(track.belief!, options.driftFraction ** 2) : track.belief!;
  const innovation = innovate(expectation, believed, sighting, noiseFraction);
  const entry: Sighting = {
    ...sighting,
    accepted: true,
    before: [...believed.mean],
    ...(innovation && { score: scoreOf(innovation) }),
  };
  track.window = [...track.window, entry].slice(-options.windowLength);
  const verdict = (accepted: boolean): Verdict => ({
    accepted,
    reason: accepted ? null : 'outlier',
    nis: innovation?.nis ?? null,
    deviation: innovation && [innovation.deviation[0], innovation.deviation[1]],
  });
  if (!track.settled) {
    const accepted = fitTogether(track, expectation, options);
    return verdict(restarted(track, expectation, options) || accepted);
  }
  const isExpected = innovation !== null && innovation.nis <= GATE;
  const updated = isExpected ? update(expectation, believed, sighting, noiseFraction) : null;
  if (updated) track.belief = updated;
  else entry.accepted = false;
  return verdict(restarted(track, expectation, options) || updated !== null);
}

/** Where the parameters have moved, the window begins there and is fitted anew; whether that was so, and its newest sighting agrees. */
function restarted(track: Track, expectation: Expectation, options: Options): boolean {
  // While it is not clear which parameter moved last, scores against the likeliest mean little.
  if (track.moved && !track.settled) return false;
  const movement = findMovement(expectation, track.window, track.belief!, options.noiseFraction);
  if (!movement) return false;
  track.window = track.window.slice(movement.from);
  track.prior = movement.before;
  track.moved = true;
  track.restarts++;
  track.sinceRestart = 0;
  return fitTogether(track, expectation, options);
}

/** Fits all of the window; whether its newest sighting is one of those that agree. */
function fitTogether(track: Track, expectation: Expectation, { noiseFraction, windowLength }: Options): boolean {
  const { window } = track;
  const fit = track.moved
    ? fitMoved(expectation, window, track.prior!, noiseFraction)
    : fitWindow(expectation, window, track.prior!, noiseFraction, track.belief!.mean);
  if (!fit) {
    window[window.length - 1].accepted = false;
    return false;
  }
  for (const [i, entry] of window.entries()) entry.accepted = !fit.isOutlier[i];
  track.belief = fit.belief;
  const taken = window.filter(({ accepted }) => accepted).length;
  track.settled =
    taken >= Math.min(FITTED_TOGETHER, windowLength) && isIdentified(fit.belief);
  return window[window.length - 1].accepted;
}

export default {
  name: 'auto',
  summary:
    'Fits the observations together until they tell the parameters apart, then filters them one by one; when they say that the parameters have moved, fits anew what came since.',
  options,
  load: loadFilter,
  take,
} satisfies Estimator<typeof options>;
