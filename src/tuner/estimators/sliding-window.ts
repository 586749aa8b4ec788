import { type Static, Type } from '#typebox';
import type { Sighting } from '../../schemas/tune-state.ts';
import { commonOptions, type Estimator, type Track, type Verdict } from '../estimator.ts';
import type { Expectation } from '../expectation.ts';
import { findMovement, fitMoved } from '../movement.ts';
import { fitNewest } from '../refit.ts';

const options = Type.Object(
  {
    ...commonOptions,
    windowLength: Type.Optional(
      Type.Integer({
        minimum: 3,
        maximum: 1000,
        default: 10,
        description: 'Observations that are fitted together: the newest.',
      }),
    ),
  },
  { additionalProperties: false },
);
type Options = Required<Static<typeof options>>;

function take(track: Track, sighting: Sighting, expectation: Expectation, options: Options): Verdict {
  const verdict = fitNewest(track, sighting, expectation, options, options.windowLength);
  const movement = findMovement(expectation, track.window, track.belief!, options.noiseFraction);
  if (!movement) return verdict;
  const { from, before } = movement;
  const since = track.window.slice(from);
  const fit = fitMoved(expectation, since, before, options.noiseFraction);
  if (!fit) return verdict;
  // Scores against what was believed before say nothing of the next movement.
  track.window = since.map(({ score: _, ...entry }, i) => ({ ...entry, accepted: !fit.isOutlier[i] }));
  track.belief = fit.belief;
  track.prior = before;
  track.restarts++;
  track.sinceRestart = 0;
  return { ...verdict, accepted: true, reason: null };
}

export default {
  name: 'sliding-window',
  summary:
    'Fits the newest observations together, outliers left out; when they say that the parameters have moved, those since then.',
  options,
  take,
} satisfies Estimator<typeof options>;
