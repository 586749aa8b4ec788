import { add, inv, type Matrix, matrix, multiply, transpose } from 'mathjs';

/** A normal density: a mean, and a covariance of rows. */
export interface Density {
  readonly mean: readonly number[];
  readonly covariance: number[][];
}

/** What is measured as a function of the state, at a state. */
export interface Measurement {
  readonly expected: readonly number[];
  /** Rows: what is measured; columns: the state. */
  readonly jacobian: number[][];
}

/** What a measurement tells before it is taken. */
export interface Innovation {
  /** Measured less expected. */
  readonly deviation: readonly number[];
  /** Its covariance: of what is expected, and of the noise. */
  readonly covariance: number[][];
  /** Normalised innovation squared: deviationᵀ·covariance⁻¹·deviation. */
  readonly nis: number;
  /** The density once the measurement is taken; null: it would not be finite, and nothing is learnt. */
  update(): Density | null;
}

/** Steps of the iterated update at most, and the change of the state below which there is no further one. */
const STEPS = 5;
const LEAST_CHANGE = 1e-4;
/** A first step shorter than this is the only one: the model is linear that near. */
const SHORT = 0.02;

/**
 * Looks at a measurement through an extended Kalman filter.
 *
 * @param noise variances of what is measured
 * @param measure what is expected at a state
 * @returns null: something is not finite, or sure without any noise
 */
export function innovationOf(
  prior: Density,
  measured: readonly number[],
  noise: readonly number[],
  measure: (state: readonly number[]) => Measurement,
): Innovation | null {
  const covariance = matrix(prior.covariance);
  const variances = matrix(noise.map((value, i) => noise.map((_, j) => (i === j ? value : 0))));
  const at = measure(prior.mean);
  if (![...at.expected, ...at.jacobian.flat()].every(Number.isFinite)) return null;
  const gain = gainOf(covariance, at, variances);
  if (!gain) return null;
  const deviation = measured.map((value, i) => value - at.expected[i]);
  const precision = gain.precision.toArray() as number[][];
  const nis = deviation.reduce(
    (sum, a, i) => sum + deviation.reduce((row, b, j) => row + a * precision[i][j] * b, 0),
    0,
  );
  if (!Number.isFinite(nis)) return null;
  const problem = {
    mean: prior.mean,
    prior: prior.covariance,
    covariance,
    measured,
    noise,
    variances,
    measure,
  };
  return {
    deviation,
    covariance: gain.spread.toArray() as number[][],
    nis,
    update: () => updated(problem, at, gain, deviation),
  };
}

interface Problem {
  readonly mean: readonly number[];
  readonly prior: readonly (readonly number[])[];
  readonly covariance: Matrix;
  readonly measured: readonly number[];
  readonly noise: readonly number[];
  readonly variances: Matrix;
  readonly measure: (state: readonly number[]) => Measurement;
}

interface Gain {
  readonly jacobian: Matrix;
  /** H·P·Hᵀ + R, its inverse, and P·Hᵀ times that. */
  readonly spread: Matrix;
  readonly precision: Matrix;
  readonly gain: Matrix;
}

/**
 * The update, iterated about the newest estimate (Bell and Cathey 1993) with steps that are halved until they gain something, and Joseph's
 * form of the covariance, which stays symmetric and positive (Bucy and Joseph 1968).
 */
function updated(
  problem: Problem,
  first: Measurement,
  firstGain: Gain,
  deviation: readonly number[],
): Density | null {
  const { mean, measured, measure } = problem;
  let state = moved(mean, firstGain.gain, deviation);
  let gain = firstGain;
  if (state.some((value, j) => Math.abs(value - mean[j]) > SHORT)) {
    const prior = inverseOf(problem.covariance)?.toArray() as number[][] | undefined;
    if (!prior) return null;
    let from: readonly number[] = mean;
    let at = first;
    let cost = costOf(problem, prior, mean, first);
    let full = state;
    for (let i = 0; i < STEPS; i++) {
      let next = full;
      let there = measure(next);
      for (let share = 0.5; share > 0.01 && !(costOf(problem, prior, next, there) <= cost); share /= 2) {
        next = from.map((value, j) => value + share * (full[j] - value));
        there = measure(next);
      }
      const nextCost = costOf(problem, prior, next, there);
      if (!(nextCost <= cost) || !there.jacobian.flat().every(Number.isFinite)) break;
      const change = Math.max(...next.map((value, j) => Math.abs(value - from[j])));
      [from, at, cost] = [next, there, nextCost];
      const gainThere = gainOf(problem.covariance, at, problem.variances);
      if (!gainThere) return null;
      gain = gainThere;
      if (change < LEAST_CHANGE) break;
      // Of the linear model at this state: measured - expected - H·(mean - state).
      const rest = measured.map(
        (value, i) =>
          value -
          at.expected[i] -
          at.jacobian[i].reduce((sum, slope, j) => sum + slope * (mean[j] - from[j]), 0),
      );
      full = moved(mean, gain.gain, rest);
    }
    state = [...from];
  }
  return densityAt(state, problem, gain);
}

/** Joseph's form (I - K·H)·P·(I - K·H)ᵀ + K·R·Kᵀ as one product W·B·Wᵀ, with W = (I - K·H | K) and B of P and R. */
function densityAt(
  state: readonly number[],
  { prior, noise }: Problem,
  { gain, jacobian }: Gain,
): Density | null {
  const taken = multiply(gain, jacobian).toArray() as number[][];
  const gains = gain.toArray() as number[][];
  const weights = matrix(
    taken.map((row, i) => [...row.map((value, j) => (i === j ? 1 - value : -value)), ...gains[i]]),
  );
  const both = matrix([
    ...prior.map((row) => [...row, ...noise.map(() => 0)]),
    ...noise.map((variance, i) => [...state.map(() => 0), ...noise.map((_, j) => (i === j ? variance : 0))]),
  ]);
  const sum = multiply(multiply(weights, both), transpose(weights)).toArray() as number[][];
  const symmetric = sum.map((row, i) => row.map((value, j) => (value + sum[j][i]) / 2));
  const isSound =
    state.every(Number.isFinite) && symmetric.every((row, i) => row.every(Number.isFinite) && row[i] > 0);
  return isSound ? { mean: state, covariance: symmetric } : null;
}

/** null: sure without any noise. */
function gainOf(covariance: Matrix, { jacobian: rows }: Measurement, variances: Matrix): Gain | null {
  const jacobian = matrix(rows);
  const crossed = multiply(covariance, transpose(jacobian));
  const spread = add(multiply(jacobian, crossed), variances);
  const precision = inverseOf(spread);
  return precision && { jacobian, spread, precision, gain: multiply(crossed, precision) };
}

/** null: it has none. */
function inverseOf(rows: Matrix): Matrix | null {
  try {
    return inv(rows);
  } catch {
    return null;
  }
}

function moved(mean: readonly number[], gain: Matrix, deviation: readonly number[]): number[] {
  const rows = gain.toArray() as number[][];
  return mean.map((value, j) => value + rows[j].reduce((sum, weight, i) => sum + weight * deviation[i], 0));
}

/** What is minimised: deviationᵀ·R⁻¹·deviation + (x - mean)ᵀ·P⁻¹·(x - mean). */
function costOf(
  { mean, measured, noise }: Problem,
  precision: readonly (readonly number[])[],
  x: readonly number[],
  { expected }: Measurement,
): number {
  const misfit = measured.reduce((sum, value, i) => sum + (value - expected[i]) ** 2 / noise[i], 0);
  const away = x.map((value, j) => value - mean[j]);
  return (
    misfit + away.reduce((sum, a, i) => sum + away.reduce((row, b, j) => row + a * precision[i][j] * b, 0), 0)
  );
}
