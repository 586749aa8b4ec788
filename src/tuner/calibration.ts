import { inverseOf } from '../numerics/cholesky.ts';
import { largestEigenvalue } from '../numerics/symmetric-eigen.ts';
import type { Tuned } from '../schemas/tune.ts';
import type { Belief } from '../schemas/tune-state.ts';
import { type Certainty, combinationsOf, KNOWN_WITHIN } from './belief.ts';
import { type Expectation, type OperatingPoint, PARAMETERS } from './expectation.ts';

/** Points of a sweep: shares of the highest stable rate, prompt and output lengths. */
const SHARES = [0.05, 0.4, 0.8];
const INPUTS = [64, 1024, 4096];
const OUTPUTS = [32, 256, 2048];

/** Points that are named at most. */
const POINTS = 3;

/**
 * Whether a sweep on purpose is worth while, and where: one point after the other, each the one after which the largest uncertainty that is
 * left is least (a grid of rates and lengths is looked through).
 *
 * @param like where the replica works now; its limits hold for the sweep too
 */
export function calibrationFor(
  belief: Belief,
  { combinations }: Certainty,
  like: OperatingPoint,
  expectation: Expectation,
  noiseFraction: number,
): NonNullable<Tuned['calibration']> {
  const open = combinations[PARAMETERS - 1];
  const worst = Math.sqrt(Math.max(0, open.value));
  if (worst <= KNOWN_WITHIN) {
    return { needed: false, reason: `All parameters are known within ${percent(worst)}.`, points: [] };
  }
  const grid = gridOf(belief, like, expectation);
  const points = [];
  let { covariance } = belief;
  for (let i = 0; i < POINTS && largestError(covariance) > KNOWN_WITHIN / 2; i++) {
    const before = inverseOf(Float64Array.from(covariance), PARAMETERS)!;
    const after = grid.map(({ jacobian }) => updated(before, jacobian, noiseFraction));
    const errors = after.map((next) => largestError(next));
    const best = errors.indexOf(Math.min(...errors));
    if (best < 0) break;
    covariance = after[best];
    const { requestsPerSec, inputTokens, outputTokens } = grid[best].point;
    points.push({ requestsPerSec, inputTokens, outputTokens, standardErrorFraction: errors[best] });
  }
  const [name] = namesByWeight(open.vector);
  return {
    needed: true,
    reason: `A combination of parameters, mostly ${name}, is known within ${percent(worst)} only; measured at these points it would be better known.`,
    points,
  };
}

/** Rates that the replica can serve even where what is known least is a standard error off: overloaded, it would tell nothing. */
function gridOf(belief: Belief, like: OperatingPoint, expectation: Expectation) {
  const { value, vector } = combinationsOf(belief.covariance)[PARAMETERS - 1];
  const beliefs = [-1, 0, 1].map((errors) =>
    belief.mean.map((x, j) => x + errors * Math.sqrt(Math.max(0, value)) * vector[j]),
  );
  return INPUTS.flatMap((inputTokens) =>
    OUTPUTS.flatMap((outputTokens) => {
      const { cachedInputTokens: _, ...limits } = like;
      const base = { ...limits, inputTokens, outputTokens };
      const highest = beliefs.map((mean) => expectation.highestRate(base, mean));
      const maxRequestsPerSec = Math.min(...highest);
      return SHARES.map((share) => {
        const requestsPerSec = Number((share * maxRequestsPerSec).toPrecision(3));
        const point = { ...base, requestsPerSec };
        const jacobian = new Float64Array(2 * PARAMETERS);
        expectation.differentiate(point, belief.mean, jacobian);
        return { point, jacobian };
      });
    }),
  ).filter(({ jacobian }) => jacobian.every(Number.isFinite));
}

/** Covariance after a measurement: (P⁻¹ + JᵀJ/σ²)⁻¹. */
function updated(before: Float64Array, jacobian: Float64Array, noiseFraction: number): number[] {
  const information = before.slice();
  for (let row = 0; row < 2; row++) {
    for (let j = 0; j < PARAMETERS; j++) {
      for (let k = 0; k < PARAMETERS; k++) {
        information[j * PARAMETERS + k] +=
          (jacobian[row * PARAMETERS + j] * jacobian[row * PARAMETERS + k]) / noiseFraction ** 2;
      }
    }
  }
  return [...inverseOf(information, PARAMETERS)!];
}

function largestError(covariance: ArrayLike<number>): number {
  return Math.sqrt(Math.max(0, largestEigenvalue(covariance, PARAMETERS)));
}

function namesByWeight(vector: readonly number[]): string[] {
  const names = ['alphaMs', 'betaMsPerToken', 'gammaMsPerToken2'];
  return names
    .map((name, i) => ({ name, weight: Math.abs(vector[i]) }))
    .sort((a, b) => b.weight - a.weight)
    .map(({ name }) => name);
}

function percent(fraction: number): string {
  return `${Math.round(100 * fraction)} %`;
}
