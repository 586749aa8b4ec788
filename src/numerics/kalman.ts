import { add, identity, inv, type Matrix, multiply, subtract, transpose } from 'mathjs';

/** A normal density: a mean, and a covariance of rows. */
export interface Density {
  readonly mean: readonly number[];
  readonly covariance: readonly (readonly number[])[];
}

/** What is measured as a function of the state, at a state. */
export interface Measurement {
  readonly expected: number[];
  /** Rows: what is measured; columns: the state. */
  readonly jacobian: number[][];
}

export interface Innovation {
  /** Measured less expected. */
  readonly deviation: readonly number[];
  /** Its covariance: of what is expected, and of the noise. */
  readonly covariance: number[][];
  /** Normalised innovation squared: deviationᵀ·covariance⁻¹·deviation. */
  readonly nis: number;
}

type Rows = number[][];
const product = (...factors: Rows[]): Rows => factors.reduce((left, right) => multiply(left, right) as Rows);

/** What a measurement tells before it is taken; null: not finite, or sure without any noise. */
export function innovationOf(
  prior: Density,
  measured: readonly number[],
  noise: readonly number[],
  { expected, jacobian }: Measurement,
): Innovation | null {
  const covariance = add(
    product(jacobian, prior.covariance as Rows, transpose(jacobian)),
    diagonal(noise),
  ) as Rows;
  const deviation = measured.map((value, i) => value - expected[i]);
  if (![...deviation, ...covariance.flat()].every(Number.isFinite)) return null;
  const precision = inverseOf(covariance);
  if (!precision) return null;
  const nis = multiply(multiply(deviation, precision), deviation) as unknown as number;
  return Number.isFinite(nis) ? { deviation, covariance, nis } : null;
}

/** Steps of the iterated update at most, and the change below which there is no further one. */
const STEPS = 5;
const LEAST_CHANGE = 1e-4;

/**
 * Extended Kalman update, iterated about the newest estimate (Bell and Cathey 1993), steps damped, with Joseph's form of the covariance, which stays
 * symmetric and positive (Bucy and Joseph 1968).
 *
 * @param noise variances of what is measured
 * @param measure what is expected at a state
 * @returns null: something is not finite, or the covariance has no inverse, and nothing was learnt
 */
export function updateDensity(
  prior: Density,
  measured: readonly number[],
  noise: readonly number[],
  measure: (state: readonly number[]) => Measurement,
): Density | null {
  const covariance = prior.covariance as Rows;
  const noiseRows = diagonal(noise);
  const precision = inverseOf(covariance);
  if (!precision) return null;
  // What is minimised: deviationᵀ·R⁻¹·deviation + (x - mean)ᵀ·P⁻¹·(x - mean).
  const costAt = (x: readonly number[], { expected }: Measurement) => {
    const away = subtract([...x], [...prior.mean]) as number[];
    const misfit = measured.reduce((sum, value, i) => sum + (value - expected[i]) ** 2 / noise[i], 0);
    return misfit + (multiply(multiply(away, precision), away) as unknown as number);
  };
  let state: readonly number[] = prior.mean;
  let at = measure(state);
  let cost = costAt(state, at);
  let gain: Rows = [];
  for (let i = 0; i < STEPS; i++) {
    if (![cost, ...at.jacobian.flat()].every(Number.isFinite)) return null;
    gain = gainOf(covariance, at.jacobian, noiseRows);
    const shift = multiply(at.jacobian, subtract([...prior.mean], [...state])) as number[];
    const deviation = measured.map((value, j) => value - at.expected[j] - shift[j]);
    const full = add([...prior.mean], multiply(gain, deviation)) as number[];
    // A full step may overshoot where the model is far from linear: it is halved until it gains something.
    let next = full;
    let there = measure(next);
    for (let share = 0.5; share > 0.01 && !(costAt(next, there) <= cost); share /= 2) {
      next = state.map((value, j) => value + share * (full[j] - value));
      there = measure(next);
    }
    if (!(costAt(next, there) <= cost)) break;
    const before = state;
    [state, at, cost] = [next, there, costAt(next, there)];
    if (next.every((value, j) => Math.abs(value - before[j]) < LEAST_CHANGE)) break;
  }
  const { jacobian } = at;
  gain = gainOf(covariance, jacobian, noiseRows);
  const rest = subtract(identityRows(state.length), multiply(gain, jacobian)) as Rows;
  const updated = add(
    product(rest, covariance, transpose(rest)),
    product(gain, noiseRows, transpose(gain)),
  ) as Rows;
  const symmetric = updated.map((row, i) => row.map((value, j) => (value + updated[j][i]) / 2));
  const isSound =
    [...state, ...symmetric.flat()].every(Number.isFinite) && symmetric.every((row, i) => row[i] > 0);
  return isSound ? { mean: state, covariance: symmetric } : null;
}

/** null: it has none. */
function inverseOf(rows: Rows): Rows | null {
  try {
    return inv(rows) as Rows;
  } catch {
    return null;
  }
}

/** P·Hᵀ·(H·P·Hᵀ + R)⁻¹ */
function gainOf(covariance: Rows, jacobian: Rows, noise: Rows): Rows {
  const crossed = multiply(covariance, transpose(jacobian)) as Rows;
  return multiply(crossed, inv(add(multiply(jacobian, crossed), noise) as Rows)) as Rows;
}

function diagonal(values: readonly number[]): Rows {
  return values.map((value, i) => values.map((_, j) => (i === j ? value : 0)));
}

function identityRows(n: number): Rows {
  return (identity(n) as Matrix).toArray() as Rows;
}
