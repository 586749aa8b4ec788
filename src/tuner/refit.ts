import type { Belief, Sighting } from '../schemas/tune-state.ts';
import { certaintyOf, diagonal, LARGEST_VARIANCE } from './belief.ts';
import type { CommonOptions, Track, Verdict } from './estimator.ts';
import { type Expectation, PARAMETERS } from './expectation.ts';
import { scoreOf } from './filter.ts';
import { keptOf } from './kept.ts';
import { fitSparingly } from './sparing-fit.ts';
import { OUTLIER } from './window-fit.ts';

/** Takes a sighting into the window and fits all of it. What it does not tell stays as it was when all was known, or at the seed. */
export function fitNewest(
  track: Track,
  sighting: Sighting,
  expectation: Expectation,
  { noiseFraction }: CommonOptions,
  length: number,
): Verdict {
  const believed = track.belief!;
  const { nis, deviation, score } = expectedOf(expectation, believed, sighting, noiseFraction);
  const entry = keptOf(sighting, believed.mean, score, nis !== null && nis <= OUTLIER);
  track.window = newestOf([...track.window, entry], length);
  fitWhole(track, expectation, noiseFraction);
  const { accepted } = track.window[track.window.length - 1];
  return { accepted, reason: accepted ? null : 'outlier', nis, deviation };
}

/** Fits the window; if its newest sighting is an outlier nothing else changes. */
function fitWhole(track: Track, expectation: Expectation, noiseFraction: number): void {
  const { window } = track;
  const prior = { mean: track.prior!.mean, covariance: diagonal(LARGEST_VARIANCE) };
  const fit = fitSparingly(expectation, window, prior, noiseFraction, track.belief!.mean);
  const isOutlier = !fit || fit.isOutlier[window.length - 1];
  if (isOutlier) {
    window[window.length - 1].accepted = false;
    return;
  }
  for (const [i, entry] of window.entries()) entry.accepted = !fit.isOutlier[i];
  track.belief = fit.belief;
  if (certaintyOf(fit.belief).isIdentified) track.prior = fit.belief;
}

/** As many as are wanted that were accepted, and what was rejected since: an outlier pushes nothing out. */
function newestOf(window: readonly Sighting[], length: number): Sighting[] {
  let surplus = window.filter(({ accepted }) => accepted).length - length;
  let from = 0;
  for (; surplus > 0 || window.length - from > 2 * length; from++) if (window[from].accepted) surplus--;
  return window.slice(from);
}

/** The deviation from what was expected, its normalised square, and it in units of its own standard deviations. */
function expectedOf(
  expectation: Expectation,
  { mean, covariance }: Belief,
  sighting: Sighting,
  noiseFraction: number,
): Pick<Verdict, 'nis' | 'deviation'> & { score: [number, number] | null } {
  expectation.write(sighting, mean, expected);
  expectation.differentiate(sighting, mean, jacobian);
  const deviation = [
    Math.log(sighting.ttftMs) - expected[0],
    Math.log(sighting.itlMs) - expected[1],
  ] as const;
  const spread = (row: number, column: number) => {
    let sum = row === column ? noiseFraction ** 2 : 0;
    for (let j = 0; j < PARAMETERS; j++) {
      for (let k = 0; k < PARAMETERS; k++) {
        sum +=
          jacobian[row * PARAMETERS + j] * covariance[j * PARAMETERS + k] * jacobian[column * PARAMETERS + k];
      }
    }
    return sum;
  };
  const across = spread(1, 0);
  const spreads = [
    [spread(0, 0), across],
    [across, spread(1, 1)],
  ];
  const score = scoreOf({ deviation, covariance: spreads });
  const nis = score[0] ** 2 + score[1] ** 2;
  return Number.isFinite(nis) ? { nis, deviation, score } : { nis: null, deviation: null, score: null };
}

// Scratch of one look.
const expected = new Float64Array(2);
const jacobian = new Float64Array(2 * PARAMETERS);
