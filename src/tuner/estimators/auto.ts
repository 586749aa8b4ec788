import { type Static, Type } from '#typebox';
import type { Sighting } from '../../schemas/tune-state.ts';
import { certaintyOf } from '../belief.ts';
import { commonOptions, driftFraction, type Estimator, type Track, type Verdict } from '../estimator.ts';
import type { Expectation } from '../expectation.ts';
import { drifted, innovate, loadFilter, scoreOf, updatedBy, verdictOf } from '../filter.ts';
import { keptOf } from '../kept.ts';
import { findMovement, fitMoved, type Movement } from '../movement.ts';
import { fitSparingly } from '../sparing-fit.ts';

const options = Type.Object(
  {
    ...commonOptions,
    driftFraction: driftFraction(0.002),
    windowLength: Type.Optional(
      Type.Integer({
        minimum: 6,
        maximum: 100,
        default: 14,
        description:
          'Observations that are kept: fitted together until the parameters are known, then to tell whether they move.',
      }),
    ),
  },
  { additionalProperties: false },
);
type Options = Required<Static<typeof options>>;

/** So many observations are fitted together, where that is enough, before the filter takes over. */
const FITTED_TOGETHER = 12;

/** So many outliers in a row, where the window is fitted together, are believed. */
const DISAGREEING = 3;

/** Normalised innovation squared beyond which a sighting is not taken: χ², 2 degrees of freedom, 1 in 1000. */
const GATE = 13.8;

function take(track: Track, sighting: Sighting, expectation: Expectation, options: Options): Verdict {
  const { noiseFraction } = options;
  const believed = track.settled ? drifted(track.belief!, options.driftFraction ** 2) : track.belief!;
  const innovation = innovate(expectation, believed, sighting, noiseFraction);
  const isExpected = innovation !== null && innovation.nis <= GATE;
  const entry = keptOf(sighting, believed.mean, innovation && scoreOf(innovation), isExpected || track.moved);
  track.window = [...track.window, entry].slice(-options.windowLength);
  if (!track.settled) {
    const { belief, settled } = track;
    const accepted = fitTogether(track, expectation, options);
    // An outlier tells nothing: what the search makes of the others where it starts elsewhere is not to be followed.
    if (!accepted && !track.moved) Object.assign(track, { belief, settled });
    return verdictOf(innovation, restarted(track, expectation, options) || accepted);
  }
  const updated = isExpected ? updatedBy(innovation) : null;
  entry.accepted = updated !== null;
  if (updated) track.belief = updated;
  return verdictOf(innovation, restarted(track, expectation, options) || updated !== null);
}

/** Where the parameters have moved, the window begins there and is fitted anew; whether that was so, and its newest sighting agrees. */
function restarted(track: Track, expectation: Expectation, options: Options): boolean {
  // While it is not clear which parameter moved last, scores against the likeliest mean little: outliers in a row say it.
  const movement =
    track.moved && !track.settled
      ? disagreeing(track)
      : findMovement(expectation, track.window, track.belief!, options.noiseFraction);
  if (!movement) return false;
  track.window = track.window.slice(movement.from);
  track.prior = movement.before;
  track.moved = true;
  track.restarts++;
  track.sinceRestart = 0;
  return fitTogether(track, expectation, options);
}

/** The newest sightings, where so many in a row are outliers that they are none. */
function disagreeing({ window, belief }: Track): Movement | null {
  const from = window.length - DISAGREEING;
  const isSo = from > 0 && window.slice(from).every(({ accepted }) => !accepted);
  return isSo ? { from, before: belief! } : null;
}

/** Fits all of the window; whether its newest sighting is one of those that agree. */
function fitTogether(
  track: Track,
  expectation: Expectation,
  { noiseFraction, windowLength }: Options,
): boolean {
  const { window } = track;
  const fit = track.moved
    ? fitMoved(expectation, window, track.prior!, noiseFraction)
    : fitSparingly(expectation, window, track.prior!, noiseFraction, track.belief!.mean);
  if (!fit) {
    window[window.length - 1].accepted = false;
    return false;
  }
  track.window = window.map(({ score, ...entry }, i) => ({
    ...entry,
    accepted: !fit.isOutlier[i],
    // Scores against a likeliest hypothesis say nothing of the next movement.
    ...(score && !track.moved && { score }),
  }));
  track.belief = fit.belief;
  const taken = track.window.filter(({ accepted }) => accepted).length;
  track.settled = taken >= Math.min(FITTED_TOGETHER, windowLength) && certaintyOf(fit.belief).isIdentified;
  return track.window[window.length - 1].accepted;
}

export default {
  name: 'auto',
  summary:
    'Fits the observations together until they tell the parameters apart, then filters them one by one; when they say that the parameters have moved, fits anew what came since.',
  options,
  load: loadFilter,
  take,
} satisfies Estimator<typeof options>;
