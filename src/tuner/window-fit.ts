import { inverseOf } from '../numerics/cholesky.ts';
import { leastSquares } from '../numerics/least-squares.ts';
import type { Belief, Sighting } from '../schemas/tune-state.ts';
import { LARGEST_LOGARITHM, LEAST_LOGARITHM } from './belief.ts';
import { type Expectation, PARAMETERS } from './expectation.ts';

/** Relative residuals beyond this many standard deviations count less: once while outliers are sought, then for those that stay. */
const LINEAR_FROM_AT_FIRST = 1.5;
const LINEAR_FROM = 2.5;

/** Sum of squares of both residuals (in standard deviations) beyond which a sighting is an outlier: χ², 2 degrees of freedom, 1 in 10,000. */
export const OUTLIER = 18.4;

/** A window that is not fitted by then tells little. */
const MAX_ITERATIONS = 30;

/** Parameters stay within this factor of where the prior has them (natural logarithm). */
const REACH = Math.log(1000);

export interface WindowFit {
  readonly belief: Belief;
  /** Squares of both residuals in standard deviations, summed, by sighting. */
  readonly misfits: Float64Array;
  readonly isOutlier: readonly boolean[];
  /** Σ of the squares, each cut off at that of an outlier, and the prior's. */
  readonly cost: number;
}

/**
 * The most likely parameters given a prior and several sightings with relative noise, outliers left out (those
 * that were not accepted are, unless they fit): maximum a posteriori, in logarithms.
 * Where the sightings do not tell parameters apart, their combination is found and the rest stays with the prior.
 *
 * @param noiseFraction standard deviation of an observed latency, relative
 */
export function fitWindow(
  expectation: Expectation,
  sightings: readonly Sighting[],
  prior: Belief,
  noiseFraction: number,
  start: readonly number[] = prior.mean,
): WindowFit | null {
  const information = inverseOf(Float64Array.from(prior.covariance), PARAMETERS);
  if (!information) return null;
  const misfits = new Float64Array(sightings.length);
  let isOutlier = majority(sightings.map(({ accepted }) => !accepted));
  let x: ArrayLike<number> = start;
  for (let round = 0; round < 4; round++) {
    const kept = sightings.filter((_, i) => !isOutlier[i]);
    const fit = leastSquares(residualsOf(expectation, kept, noiseFraction), x, {
      prior: { mean: prior.mean, information },
      linearFrom: round === 0 ? LINEAR_FROM_AT_FIRST : LINEAR_FROM,
      lower: prior.mean.map((mean) => Math.max(LEAST_LOGARITHM, mean - REACH)),
      upper: prior.mean.map((mean) => Math.min(LARGEST_LOGARITHM, mean + REACH)),
      maxIterations: MAX_ITERATIONS,
    });
    if (Number.isNaN(fit.cost)) return null;
    x = fit.x;
    writeMisfits(expectation, sightings, x, noiseFraction, misfits);
    const found = outliersOf(misfits);
    const isSettled = round > 0 && found.every((flag, i) => flag === isOutlier[i]);
    if (isSettled || round === 3) {
      const precision = fit.information.map((value, i) => value + information[i]);
      const covariance = inverseOf(precision, PARAMETERS);
      if (!covariance) return null;
      const cost =
        misfits.reduce((sum, misfit) => sum + Math.min(misfit, OUTLIER), 0) +
        priorCost(x, prior, information);
      return { belief: { mean: [...fit.x], covariance: [...covariance] }, misfits, isOutlier, cost };
    }
    isOutlier = found;
  }
  return null;
}

/** Most of what is kept must agree: where more than half would be outliers nobody is. */
function outliersOf(misfits: Float64Array): boolean[] {
  return majority([...misfits].map((misfit) => !(misfit <= OUTLIER)));
}

function majority(isOutlier: boolean[]): boolean[] {
  const count = isOutlier.filter(Boolean).length;
  return 2 * count < isOutlier.length ? isOutlier : isOutlier.map(() => false);
}

function residualsOf(expectation: Expectation, sightings: readonly Sighting[], noiseFraction: number) {
  const observed = sightings.flatMap(({ ttftMs, itlMs }) => [Math.log(ttftMs), Math.log(itlMs)]);
  return {
    parameters: PARAMETERS,
    residuals: 2 * sightings.length,
    evaluate: (x: Float64Array, residuals: Float64Array) => {
      expectation.writeAll(sightings, x, residuals);
      for (let i = 0; i < observed.length; i++) residuals[i] = (residuals[i] - observed[i]) / noiseFraction;
    },
  };
}

/** Squares of both residuals in standard deviations, summed, at the given parameters. */
export function writeMisfits(
  expectation: Expectation,
  sightings: readonly Sighting[],
  x: ArrayLike<number>,
  noiseFraction: number,
  misfits: Float64Array,
): void {
  for (let i = 0; i < sightings.length; i++) {
    const { ttftMs, itlMs } = sightings[i];
    expectation.write(sightings[i], x, expected);
    const ttft = (expected[0] - Math.log(ttftMs)) / noiseFraction;
    const itl = (expected[1] - Math.log(itlMs)) / noiseFraction;
    misfits[i] = ttft * ttft + itl * itl;
  }
}

const expected = new Float64Array(2);

function priorCost(x: ArrayLike<number>, { mean }: Belief, information: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < PARAMETERS; j++) {
    for (let k = 0; k < PARAMETERS; k++) {
      sum += (x[j] - mean[j]) * information[j * PARAMETERS + k] * (x[k] - mean[k]);
    }
  }
  return sum;
}
