import type { Density, Innovation } from '../numerics/kalman.ts';
import type { Belief, Sighting } from '../schemas/tune-state.ts';
import { LARGEST_LOGARITHM, LARGEST_VARIANCE, LEAST_LOGARITHM } from './belief.ts';
import type { Verdict } from './estimator.ts';
import { type Expectation, PARAMETERS } from './expectation.ts';

// One step of the extended Kalman filter on the logarithms of the parameters, with the logarithms of both latencies measured: noise that is
// relative to what is observed is additive there, and no parameter can become negative.

let kalman: typeof import('../numerics/kalman.ts') | undefined;

/** Loads the matrix algebra, which takes most of a second. */
export async function loadFilter(): Promise<void> {
  kalman ??= await import('../numerics/kalman.ts');
}

/**
 * What a sighting tells against a belief, and what is believed once it is taken; null: the model expects nothing finite of it.
 *
 * @param linearizedAt logarithms at which the Jacobian is taken; absent: at the state
 */
export function innovate(
  expectation: Expectation,
  belief: Belief,
  sighting: Sighting,
  noiseFraction: number,
  linearizedAt?: readonly number[],
): Innovation | null {
  const measured = [Math.log(sighting.ttftMs), Math.log(sighting.itlMs)];
  const noise = [noiseFraction ** 2, noiseFraction ** 2];
  const fixed = linearizedAt && slopesAt(expectation, sighting, linearizedAt);
  return kalman!.innovationOf(densityOf(belief), measured, noise, (state) => {
    expectation.write(sighting, state, expected);
    return { expected: Array.from(expected), jacobian: fixed ?? slopesAt(expectation, sighting, state) };
  });
}

/** What became of a sighting, with what it told before it was taken. */
export function verdictOf(innovation: Innovation | null, accepted: boolean): Verdict {
  return {
    accepted,
    reason: accepted ? null : 'outlier',
    nis: innovation?.nis ?? null,
    deviation: innovation && [innovation.deviation[0], innovation.deviation[1]],
  };
}

/** The belief once a sighting is taken; null: nothing is learnt from it. */
export function updatedBy(innovation: Innovation): Belief | null {
  const density = innovation.update();
  const isBounded = density?.mean.every((value) => value >= LEAST_LOGARITHM && value <= LARGEST_LOGARITHM);
  return density && isBounded ? { mean: [...density.mean], covariance: density.covariance.flat() } : null;
}

/** The belief before the next sighting: parameters may have drifted. */
export function drifted({ mean, covariance }: Belief, variance: number): Belief {
  const next = [...covariance];
  for (let j = 0; j < PARAMETERS; j++) {
    const at = j * PARAMETERS + j;
    next[at] = Math.max(next[at], Math.min(LARGEST_VARIANCE, next[at] + variance));
  }
  return { mean, covariance: next };
}

/** The innovation in units of its own standard deviations: L⁻¹·deviation with L·Lᵀ its covariance. */
export function scoreOf({
  deviation,
  covariance,
}: Pick<Innovation, 'deviation' | 'covariance'>): [number, number] {
  const l11 = Math.sqrt(covariance[0][0]);
  const l21 = covariance[1][0] / l11;
  const l22 = Math.sqrt(covariance[1][1] - l21 * l21);
  const first = deviation[0] / l11;
  return [first, (deviation[1] - l21 * first) / l22];
}

function densityOf({ mean, covariance }: Belief): Density {
  return {
    mean,
    covariance: [0, 1, 2].map((row) => covariance.slice(row * PARAMETERS, (row + 1) * PARAMETERS)),
  };
}

function slopesAt(expectation: Expectation, sighting: Sighting, state: readonly number[]): number[][] {
  expectation.differentiate(sighting, state, jacobian);
  return [Array.from(jacobian.subarray(0, PARAMETERS)), Array.from(jacobian.subarray(PARAMETERS))];
}

// Scratch of one measurement.
const expected = new Float64Array(2);
const jacobian = new Float64Array(2 * PARAMETERS);
