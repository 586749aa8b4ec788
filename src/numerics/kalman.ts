import { inverseOf } from './cholesky.ts';
import { multiplied } from './matrix-product.ts';

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
  const problem = { prior, measured, noise, measure };
  const at = measure(prior.mean);
  const gain = gainOf(problem, at);
  if (!gain) return null;
  const deviation = measured.map((value, i) => value - at.expected[i]);
  const nis = squareOf(deviation, gain.precision);
  if (!Number.isFinite(nis)) return null;
  return { deviation, covariance: gain.spread, nis, update: () => updated(problem, at, gain, deviation) };
}

interface Problem {
  readonly prior: Density;
  readonly measured: readonly number[];
  readonly noise: readonly number[];
  readonly measure: (state: readonly number[]) => Measurement;
}

interface Gain {
  readonly jacobian: number[][];
  /** H·P·Hᵀ + R, its inverse, and P·Hᵀ times that. */
  readonly spread: number[][];
  readonly precision: Float64Array;
  readonly gain: number[][];
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
  const { prior, measured, measure } = problem;
  const { mean } = prior;
  let state = moved(mean, firstGain.gain, deviation);
  let gain = firstGain;
  if (state.some((value, j) => Math.abs(value - mean[j]) > SHORT)) {
    const precision = inverseOf(flat(prior.covariance), mean.length);
    if (!precision) return null;
    let from: readonly number[] = mean;
    let at = first;
    let cost = costOf(problem, precision, mean, first);
    let full = state;
    for (let i = 0; i < STEPS; i++) {
      let next = full;
      let there = measure(next);
      let nextCost = costOf(problem, precision, next, there);
      for (let share = 0.5; share > 0.01 && !(nextCost <= cost); share /= 2) {
        next = from.map((value, j) => value + share * (full[j] - value));
        there = measure(next);
        nextCost = costOf(problem, precision, next, there);
      }
      if (!(nextCost <= cost) || !allFinite(there)) break;
      const change = Math.max(...next.map((value, j) => Math.abs(value - from[j])));
      [from, at, cost] = [next, there, nextCost];
      // Slopes that stay where they are have the gain that they had.
      const gainThere = at.jacobian === gain.jacobian ? gain : gainOf(problem, at);
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
  const weights = multiplied(gain, jacobian).map((row, i) => [
    ...row.map((value, j) => (i === j ? 1 - value : -value)),
    ...gain[i],
  ]);
  const both = [
    ...prior.covariance.map((row) => [...row, ...noise.map(() => 0)]),
    ...noise.map((variance, i) => [...state.map(() => 0), ...noise.map((_, j) => (i === j ? variance : 0))]),
  ];
  const sum = multiplied(multiplied(weights, both), transposed(weights));
  const symmetric = sum.map((row, i) => row.map((value, j) => (value + sum[j][i]) / 2));
  const isSound =
    state.every(Number.isFinite) && symmetric.every((row, i) => row.every(Number.isFinite) && row[i] > 0);
  return isSound ? { mean: state, covariance: symmetric } : null;
}

/** null: something is not finite, or sure without any noise. */
function gainOf({ prior, noise }: Problem, measurement: Measurement): Gain | null {
  if (!allFinite(measurement)) return null;
  const { jacobian } = measurement;
  const crossed = multiplied(prior.covariance, transposed(jacobian));
  const spread = multiplied(jacobian, crossed);
  for (let i = 0; i < noise.length; i++) spread[i][i] += noise[i];
  const precision = inverseOf(flat(spread), noise.length);
  if (!precision) return null;
  const inverse = noise.map((_, i) => [...precision.subarray(i * noise.length, (i + 1) * noise.length)]);
  return { jacobian, spread, precision, gain: multiplied(crossed, inverse) };
}

function allFinite({ expected, jacobian }: Measurement): boolean {
  return expected.every(Number.isFinite) && jacobian.every((row) => row.every(Number.isFinite));
}

function flat(rows: readonly (readonly number[])[]): Float64Array {
  const all = new Float64Array(rows.length * rows[0].length);
  for (const [i, row] of rows.entries()) all.set(row, i * row.length);
  return all;
}

function transposed(rows: readonly (readonly number[])[]): number[][] {
  return rows[0].map((_, j) => rows.map((row) => row[j]));
}

function moved(mean: readonly number[], gain: number[][], deviation: readonly number[]): number[] {
  return mean.map((value, j) => value + gain[j].reduce((sum, weight, i) => sum + weight * deviation[i], 0));
}

/** What is minimised: deviationᵀ·R⁻¹·deviation + (x - mean)ᵀ·P⁻¹·(x - mean). */
function costOf(
  { prior, measured, noise }: Problem,
  precision: Float64Array,
  x: readonly number[],
  { expected }: Measurement,
): number {
  const misfit = measured.reduce((sum, value, i) => sum + (value - expected[i]) ** 2 / noise[i], 0);
  const away = x.map((value, j) => value - prior.mean[j]);
  return misfit + squareOf(away, precision);
}

/** xᵀ·A·x. */
function squareOf(x: readonly number[], matrix: Float64Array): number {
  const n = x.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) sum += x[i] * matrix[i * n + j] * x[j];
  }
  return sum;
}
