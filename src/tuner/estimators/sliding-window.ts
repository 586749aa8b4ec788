import { type Static, Type } from '#typebox';
import type { Sighting } from '../../schemas/tune-state.ts';
import { commonOptions, type Estimator, type Track, type Verdict } from '../estimator.ts';
import type { Expectation } from '../expectation.ts';
import { fitNewest } from '../refit.ts';

const options = Type.Object(
  {
    ...commonOptions,
    windowLength: Type.Integer({
      minimum: 3,
      maximum: 1000,
      default: 10,
      description: 'Observations that are fitted together: the newest.',
    }),
  },
  { additionalProperties: false },
);
type Options = Static<typeof options>;

/** So many outliers in a row are no outliers: what came before them is forgotten. */
const BELIEVED = 3;

function take(
  track: Track,
  sighting: Sighting,
  expectation: Expectation,
  options: Options,
): Verdict {
  const verdict = fitNewest(track, sighting, expectation, options, options.windowLength);
  const newest = track.window.slice(-BELIEVED);
  if (newest.length < BELIEVED || newest.some(({ accepted }) => accepted)) return verdict;
  track.window = newest.slice(0, -1);
  track.restarts++;
  track.sinceRestart = 0;
  return { ...verdict, ...fitNewest(track, sighting, expectation, options, options.windowLength) };
}

export default {
  name: 'sliding-window',
  summary: 'Fits the newest observations together, outliers left out; three outliers in a row are believed.',
  options,
  take,
} satisfies Estimator<typeof options>;
