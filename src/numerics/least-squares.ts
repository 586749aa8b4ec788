import { factorize, solveFactorized } from './cholesky.ts';

/** Residuals of a model with n parameters; total: what cannot be told is NaN, and such a point is never moved to. */
export interface ResidualModel {
  readonly parameters: number;
  readonly residuals: number;
  /** Writes the residuals at x. */
  evaluate(x: Float64Array, residuals: Float64Array): void;
}

/** What is known beforehand: a normal density about `mean`. */
export interface NormalPrior {
  readonly mean: ArrayLike<number>;
  /** Inverse covariance, n × n, row by row. */
  readonly information: ArrayLike<number>;
}

export interface LeastSquaresOptions {
  readonly prior?: NormalPrior;
  /** From this |residual| on the loss grows linearly (Huber 1964); Infinity, the default: never. */
  readonly linearFrom?: number;
  readonly maxIterations?: number;
  /** A step that changes the cost by less than this (relative) ends the search; absent: 1e-9. */
  readonly leastGain?: number;
  /** Parameters stay within; absent: everywhere. */
  readonly lower?: ArrayLike<number>;
  readonly upper?: ArrayLike<number>;
}

export interface LeastSquaresFit {
  readonly x: Float64Array;
  /** Σ loss, of which the plain part is r², and the prior's (x - mean)ᵀ·Λ·(x - mean). */
  readonly cost: number;
  readonly residuals: Float64Array;
  /** ∂r/∂x, residuals × parameters, row by row. */
  readonly jacobian: Float64Array;
  /** JᵀWJ, with W the weights of the loss; without the prior. */
  readonly information: Float64Array;
  readonly converged: boolean;
}

/** Step of the central differences; parameters are scaled so that 1 is a large change. */
const STEP = 1e-4;

/** A step that changes the cost by less than this (relative), or no parameter by more than `LEAST_STEP`, ends the search, unless another is wanted. */
const LEAST_GAIN = 1e-9;
const LEAST_STEP = 1e-7;

/** A step longer than this is shortened to it. */
const LONGEST_STEP = 2;

/**
 * Least squares with a robust loss and a prior by Levenberg's and Marquardt's method (Madsen, Nielsen and Tingleff 2004, §3.2), the loss
 * by weights that are found anew at each step.
 */
export function leastSquares(
  model: ResidualModel,
  start: ArrayLike<number>,
  options: LeastSquaresOptions = {},
): LeastSquaresFit {
  const {
    prior,
    linearFrom = Number.POSITIVE_INFINITY,
    maxIterations = 60,
    leastGain = LEAST_GAIN,
  } = options;
  const n = model.parameters;
  const m = model.residuals;
  let x: Float64Array = Float64Array.from(start);
  clamp(x, options);
  let residuals: Float64Array = new Float64Array(m);
  model.evaluate(x, residuals);
  let cost = lossOf(residuals, linearFrom) + priorCost(x, prior);
  let trialX: Float64Array = new Float64Array(n);
  let trialResiduals: Float64Array = new Float64Array(m);
  const jacobian = new Float64Array(m * n);
  const information = new Float64Array(n * n);
  const normal = new Float64Array(n * n);
  const gradient = new Float64Array(n);
  const step = new Float64Array(n);
  const above = new Float64Array(m);
  const below = new Float64Array(m);
  let damping = 1e-3;
  let converged = false;
  differentiate(model, x, jacobian, trialX, above, below);
  accumulate(jacobian, residuals, n, linearFrom, information, gradient);
  for (let i = 0; i < maxIterations && !converged; i++) {
    normal.set(information);
    for (let j = 0; j < n; j++) step[j] = -gradient[j];
    addPrior(normal, step, x, prior);
    holdAtBounds(normal, step, x, options);
    for (let j = 0; j < n; j++) normal[j * n + j] += damping * Math.max(normal[j * n + j], 1e-12);
    if (!factorize(normal, n)) {
      damping *= 10;
      continue;
    }
    solveFactorized(normal, n, step);
    const longest = largest(step);
    const scale = longest > LONGEST_STEP ? LONGEST_STEP / longest : 1;
    for (let j = 0; j < n; j++) trialX[j] = x[j] + scale * step[j];
    clamp(trialX, options);
    model.evaluate(trialX, trialResiduals);
    const trialCost = lossOf(trialResiduals, linearFrom) + priorCost(trialX, prior);
    if (trialCost <= cost || (Number.isNaN(cost) && !Number.isNaN(trialCost))) {
      converged = cost - trialCost <= leastGain * cost || longest < LEAST_STEP;
      [x, trialX] = [trialX, x];
      [residuals, trialResiduals] = [trialResiduals, residuals];
      cost = trialCost;
      damping = Math.max(damping / 5, 1e-9);
      differentiate(model, x, jacobian, trialX, above, below);
      accumulate(jacobian, residuals, n, linearFrom, information, gradient);
    } else {
      converged = longest < LEAST_STEP || damping > 1e12;
      damping *= 5;
    }
  }
  return { x, cost, residuals, jacobian, information, converged };
}

function differentiate(
  model: ResidualModel,
  x: Float64Array,
  jacobian: Float64Array,
  moved: Float64Array,
  above: Float64Array,
  below: Float64Array,
): void {
  const n = model.parameters;
  const m = model.residuals;
  moved.set(x);
  for (let j = 0; j < n; j++) {
    moved[j] = x[j] + STEP;
    model.evaluate(moved, above);
    moved[j] = x[j] - STEP;
    model.evaluate(moved, below);
    moved[j] = x[j];
    for (let i = 0; i < m; i++) jacobian[i * n + j] = (above[i] - below[i]) / (2 * STEP);
  }
}

/** JᵀWJ and JᵀWr; the weight of Huber's loss is min(1, k/|r|). */
function accumulate(
  jacobian: Float64Array,
  residuals: Float64Array,
  n: number,
  linearFrom: number,
  information: Float64Array,
  gradient: Float64Array,
): void {
  information.fill(0);
  gradient.fill(0);
  for (let i = 0; i < residuals.length; i++) {
    const weight = Math.min(1, linearFrom / Math.abs(residuals[i]));
    if (!(weight >= 0)) continue;
    for (let j = 0; j < n; j++) {
      const weighted = weight * jacobian[i * n + j];
      gradient[j] += weighted * residuals[i];
      for (let k = 0; k <= j; k++) information[j * n + k] += weighted * jacobian[i * n + k];
    }
  }
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < j; k++) information[k * n + j] = information[j * n + k];
  }
}

function lossOf(residuals: Float64Array, linearFrom: number): number {
  let sum = 0;
  for (const r of residuals) {
    const size = Math.abs(r);
    sum += size <= linearFrom ? r * r : linearFrom * (2 * size - linearFrom);
  }
  return sum;
}

function priorCost(x: Float64Array, prior: NormalPrior | undefined): number {
  if (!prior) return 0;
  const n = x.length;
  let sum = 0;
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < n; k++) {
      sum += (x[j] - prior.mean[j]) * prior.information[j * n + k] * (x[k] - prior.mean[k]);
    }
  }
  return sum;
}

function addPrior(
  normal: Float64Array,
  step: Float64Array,
  x: Float64Array,
  prior: NormalPrior | undefined,
): void {
  if (!prior) return;
  const n = x.length;
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < n; k++) {
      const weight = prior.information[j * n + k];
      normal[j * n + k] += weight;
      step[j] -= weight * (x[k] - prior.mean[k]);
    }
  }
}

/** A parameter at its bound that would leave it is no unknown of this step: else the others would move as if it could. */
function holdAtBounds(
  normal: Float64Array,
  descent: Float64Array,
  x: Float64Array,
  { lower, upper }: LeastSquaresOptions,
): void {
  const n = x.length;
  for (let j = 0; j < n; j++) {
    const isHeld =
      (lower && x[j] <= lower[j] && descent[j] < 0) || (upper && x[j] >= upper[j] && descent[j] > 0);
    if (!isHeld) continue;
    for (let k = 0; k < n; k++) {
      normal[j * n + k] = 0;
      normal[k * n + j] = 0;
    }
    normal[j * n + j] = 1;
    descent[j] = 0;
  }
}

function clamp(x: Float64Array, { lower, upper }: LeastSquaresOptions): void {
  for (let j = 0; j < x.length; j++) {
    if (lower) x[j] = Math.max(x[j], lower[j]);
    if (upper) x[j] = Math.min(x[j], upper[j]);
  }
}

function largest(step: Float64Array): number {
  let longest = 0;
  for (const component of step) longest = Math.max(longest, Math.abs(component));
  return longest;
}
