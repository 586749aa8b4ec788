import { inverseOf } from '../numerics/cholesky.ts';
import { type LeastSquaresFit, leastSquares } from '../numerics/least-squares.ts';
import type { Term } from '../schemas/fit.ts';
import type { ServiceTime } from '../schemas/model.ts';
import type { BenchmarkModel, BenchmarkPoint } from './benchmark-model.ts';

export const LAW = ['alphaMs', 'betaMsPerToken', 'gammaMsPerToken2'] as const;
export type Parameter = (typeof LAW)[number] | Term;

/** From here on (in units of the mean error) a deviation counts in proportion, not squared: a few bad points decide nothing. */
const LINEAR_FROM = 0.3;

/** α, β and γ stay within this factor of where they started (natural logarithm). */
const REACH = Math.log(1e4);

/** Terms beyond these stand for something else. */
const LARGEST: Readonly<Record<Term, number>> = {
  prefillMsPerToken: 1e6,
  prefillMsPerToken2: 1e6,
  requestOverheadMs: 1e6,
  residualIterations: 2,
};

/** What cannot be predicted is as wrong as this (in units of the mean). */
const UNPREDICTABLE = 100;

export interface LawFit {
  readonly parameters: readonly Parameter[];
  readonly serviceTime: ServiceTime;
  /** Of α, β, γ relative to themselves and of the terms, parameters × parameters; null: the points do not tell them apart. */
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
  terms: readonly Term[],
  start: ServiceTime = startOf(points),
  maxIterations = 60,
): LawFit {
  const parameters: Parameter[] = [...LAW, ...terms];
  const n = parameters.length;
  const units = parameters.map((name) => usualSize(name, start));
  const first = parameters.map((name, j) => {
    const value = start[name] ?? (name === 'prefillMsPerToken' ? start.betaMsPerToken : 0);
    return j < LAW.length ? Math.log(value / units[j]) : value / units[j];
  });
  const lawAt = (x: Float64Array) =>
    Object.fromEntries(
      parameters.map((name, j) => [name, units[j] * (j < LAW.length ? Math.exp(x[j]) : Math.max(0, x[j]))]),
    ) as ServiceTime;
  const scale = scalesOf(points);
  const predicted = new Float64Array(2);
  const residuals = {
    parameters: n,
    residuals: 2 * points.length,
    evaluate: (x: Float64Array, out: Float64Array) => {
      const law = lawAt(x);
      for (let i = 0; i < points.length; i++) {
        model.write(points[i], law, predicted);
        out[2 * i] = deviation(predicted[0], points[i].ttftMs, scale.ttftMs);
        out[2 * i + 1] = deviation(predicted[1], points[i].itlMs, scale.itlMs);
      }
    },
  };
  const fit = leastSquares(residuals, first, {
    linearFrom: LINEAR_FROM,
    lower: first.map((value, j) => (j < LAW.length ? value - REACH : 0)),
    upper: first.map((value, j) =>
      j < LAW.length ? value + REACH : LARGEST[terms[j - LAW.length]] / units[j],
    ),
    maxIterations,
  });
  const covariance = covarianceOf(fit, n);
  if (covariance) {
    for (let j = 0; j < n * n; j++) {
      const [row, column] = [Math.floor(j / n), j % n];
      covariance[j] *= (row < LAW.length ? 1 : units[row]) * (column < LAW.length ? 1 : units[column]);
    }
  }
  return { parameters, serviceTime: lawAt(fit.x), covariance, cost: fit.cost };
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

/** Of a parameter, in its own unit. */
function usualSize(name: Parameter, { alphaMs, betaMsPerToken, gammaMsPerToken2 }: ServiceTime): number {
  const sizes = {
    alphaMs,
    betaMsPerToken,
    gammaMsPerToken2,
    prefillMsPerToken: betaMsPerToken,
    prefillMsPerToken2: betaMsPerToken / 20_000,
    requestOverheadMs: alphaMs / 2,
    residualIterations: 0.5,
  };
  return sizes[name];
}

/** Variance of the residuals times (JᵀWJ)⁻¹. */
function covarianceOf({ information, cost, residuals }: LeastSquaresFit, n: number): Float64Array | null {
  const inverse = inverseOf(information, n);
  const free = residuals.length - n;
  return inverse && free > 0 ? inverse.map((value) => (value * cost) / free) : null;
}
