import { type Static, Type } from '#typebox';
import type { Sighting } from '../../schemas/tune-state.ts';
import { commonOptions, type Estimator, type Track } from '../estimator.ts';
import type { Expectation } from '../expectation.ts';
import { fitNewest } from '../refit.ts';

const options = Type.Object(
  {
    ...commonOptions,
    maxObservations: Type.Optional(
      Type.Integer({
        minimum: 3,
        maximum: 10_000,
        default: 500,
        description: 'Observations that are kept at most; beyond, the oldest go.',
      }),
    ),
  },
  { additionalProperties: false },
);
type Options = Required<Static<typeof options>>;

export default {
  name: 'joint-fit',
  summary:
    'Fits all observations together, outliers left out: for a sweep on purpose, while the parameters stand still.',
  options,
  take: (track: Track, sighting: Sighting, expectation: Expectation, options: Options) =>
    fitNewest(track, sighting, expectation, options, options.maxObservations),
} satisfies Estimator<typeof options>;
