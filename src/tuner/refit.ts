import type { Sighting } from '../schemas/tune-state.ts';
import { diagonal, LARGEST_VARIANCE } from './belief.ts';
import type { CommonOptions, Track, Verdict } from './estimator.ts';
import { type Expectation, PARAMETERS } from './expectation.ts';
import { fitWindow } from './window-fit.ts';

/** Takes a sighting into the window and fits all of it. What the window does not tell stays as it was believed. */
export function fitNewest(
  track: Track,
  sighting: Sighting,
  expectation: Expectation,
  { noiseFraction }: CommonOptions,
  length: number,
): Verdict {
  const believed = track.belief!;
  track.window = [...track.window, { ...sighting, accepted: true }].slice(-length);
  const { window } = track;
  const newest = window[window.length - 1];
  const { nis, deviation } = expectedOf(expectation, believed.mean, believed.covariance, sighting, noiseFraction);
  const prior = { mean: believed.mean, covariance: diagonal(LARGEST_VARIANCE) };
  const fit = fitWindow(expectation, window, prior, noiseFraction);
  if (fit) {
    for (const [i, entry] of window.entries()) entry.accepted = !fit.isOutlier[i];
    track.belief = fit.belief;
  } else {
    newest.accepted = false;
  }
  return { accepted: newest.accepted, reason: newest.accepted ? null : 'outlier', nis, deviation };
}

/** The deviation from what was expected, and its normalised square: of what is believed and of the noise. */
function expectedOf(
  expectation: Expectation,
  mean: readonly number[],
  covariance: readonly number[],
  sighting: Sighting,
  noiseFraction: number,
): Pick<Verdict, 'nis' | 'deviation'> {
  expectation.write(sighting, mean, expected);
  expectation.differentiate(sighting, mean, jacobian);
  const deviation = [Math.log(sighting.ttftMs) - expected[0], Math.log(sighting.itlMs) - expected[1]] as const;
  const spread = (row: number, column: number) => {
    let sum = row === column ? noiseFraction ** 2 : 0;
    for (let j = 0; j < PARAMETERS; j++) {
      for (let k = 0; k < PARAMETERS; k++) {
        sum += jacobian[row * PARAMETERS + j] * covariance[j * PARAMETERS + k] * jacobian[column * PARAMETERS + k];
      }
    }
    return sum;
  };
  const [a, b, d] = [spread(0, 0), spread(0, 1), spread(1, 1)];
  const nis =
    (d * deviation[0] ** 2 - 2 * b * deviation[0] * deviation[1] + a * deviation[1] ** 2) / (a * d - b * b);
  return Number.isFinite(nis) ? { nis, deviation } : { nis: null, deviation: null };
}

// Scratch of one look.
const expected = new Float64Array(2);
const jacobian = new Float64Array(2 * PARAMETERS);
