import { inverseOf } from '../numerics/cholesky.ts';
import { type LeastSquaresFit, leastSquares } from '../numerics/least-squares.ts';
import type { Term } from '../schemas/fit.ts';
import type { Law, ServiceTime } from '../schemas/model.ts';
import type { BenchmarkModel, BenchmarkPoint } from './benchmark-model.ts';
import { LAW, type Parameter, parameterAt, type Sought, soughtOf } from './law-parameters.ts';

export interface LawToFit {
  readonly law: Law;
  readonly terms: readonly Term[];
}

/** From here on (in units of the mean error) a deviation counts in proportion, not squared: a few bad points decide nothing. */
const LINEAR_FROM = 0.3;

/** What cannot be predicted is as wrong as this (in units of the mean). */
const UNPREDICTABLE = 100;

/** How long a search goes on. */
export interface Effort {
  readonly maxIterations?: number;
  readonly leastGain?: number;
}

export interface LawFit {
  readonly law: Law;
  readonly parameters: readonly Parameter[];
  readonly serviceTime: ServiceTime;
  /** Of α, β, γ relative to themselves and of the others, parameters × parameters; null: the points do not tell them apart. */
  readonly covariance: Float64Array | null;
  readonly cost: number;
}

/**
 * The least absolute errors of TTFT and ITL, each relative to its mean over the points, as benchmarks state them. α, β and γ are found as
 * logarithms; a term may be 0, so that it is found as it is, in a unit of its usual size.
 */
export function fitLaw(
  model: BenchmarkModel,
  points: readonly BenchmarkPoint[],
  { law, terms }: LawToFit,
  start: ServiceTime = startOf(points),
  effort: Effort = {},
): LawFit {
  const sought = soughtOf(law, terms, start);
  const n = sought.length;
  // One object of one shape for all evaluations: a new one for each costs more than the model.
  const serviceTime = (law === 'linear' ? {} : { law }) as {
    -readonly [Key in keyof ServiceTime]: ServiceTime[Key];
  };
  const lawAt = (x: Float64Array): ServiceTime => {
    for (let j = 0; j < n; j++) serviceTime[sought[j].name] = parameterAt(sought[j], x[j]);
    return serviceTime;
  };
  const scale = scalesOf(points);
  const predicted = new Float64Array(2);
  const residuals = {
    parameters: n,
    residuals: 2 * points.length,
    evaluate: (x: Float64Array, out: Float64Array) => {
      const there = lawAt(x);
      for (let i = 0; i < points.length; i++) {
        model.write(points[i], there, predicted);
        out[2 * i] = deviation(predicted[0], points[i].ttftMs, scale.ttftMs);
        out[2 * i + 1] = deviation(predicted[1], points[i].itlMs, scale.itlMs);
      }
    },
  };
  const fit = leastSquares(
    residuals,
    sought.map((one) => one.start),
    {
      linearFrom: LINEAR_FROM,
      lower: sought.map((one) => one.lower),
      upper: sought.map((one) => one.upper),
      ...effort,
    },
  );
  const parameters = sought.map(({ name }) => name);
  const found = { ...lawAt(fit.x) };
  return {
    law,
    parameters,
    serviceTime: found,
    covariance: covarianceOf(fit, sought, found),
    cost: fit.cost,
  };
}

export function scalesOf(points: readonly BenchmarkPoint[]): {
  readonly ttftMs: number;
  readonly itlMs: number;
} {
  const mean = (field: 'ttftMs' | 'itlMs') =>
    points.reduce((sum, point) => sum + point[field], 0) / points.length;
  return { ttftMs: mean('ttftMs'), itlMs: mean('itlMs') };
}

function deviation(predicted: number, measured: number, scale: number): number {
  const error = (predicted - measured) / scale;
  return Math.abs(error) <= UNPREDICTABLE ? error : UNPREDICTABLE;
}

/** α nearly all of the least ITL; β from the longest prompt; γ a tenth of the ITL. */
function startOf(points: readonly BenchmarkPoint[]): ServiceTime {
  const least = points.reduce((best, point) => (point.itlMs < best.itlMs ? point : best));
  const longest = points.reduce((best, point) => (point.inputTokens > best.inputTokens ? point : best));
  const alphaMs = 0.9 * least.itlMs;
  const rest = Math.max(longest.ttftMs - 2 * alphaMs, 0.1 * longest.ttftMs);
  const context = longest.inputTokens + (longest.outputTokens + 1) / 2;
  return {
    alphaMs,
    betaMsPerToken: rest / Math.max(longest.inputTokens, 1),
    gammaMsPerToken2: (0.03 * least.itlMs) / context,
  };
}

/** Variance of the residuals times (JᵀWJ)⁻¹. */
function covarianceOf(
  { information, cost, residuals }: LeastSquaresFit,
  sought: readonly Sought[],
  found: ServiceTime,
): Float64Array | null {
  const n = sought.length;
  const inverse = inverseOf(information, n);
  const free = residuals.length - n;
  if (!inverse || free <= 0) return null;
  const units = sought.map(({ name, isLogarithm, unit }, j) =>
    j < LAW.length ? 1 : isLogarithm ? found[name]! : unit,
  );
  return inverse.map((value, i) => ((value * cost) / free) * units[Math.floor(i / n)] * units[i % n]);
}
