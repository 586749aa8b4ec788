import type { Profile } from '../schemas/model.ts';
import type { Correlations, StandardErrors } from '../schemas/uncertainty.ts';

// How sure the parameters of a service time are: to people, standard errors in their units and correlations; to the mathematics, the
// covariance P of their logarithms, row by row, in this order. To first order the error of a logarithm is the error over the parameter.

export const PARAMETERS = ['alphaMs', 'betaMsPerToken', 'gammaMsPerToken2'] as const;
const ORDER = PARAMETERS.length;

/** Covariance of the logarithms of the parameters; null: no errors are known, or there are none. A parameter of 0 is exact. */
export function logCovarianceOf({ serviceTime, standardErrors, correlations }: Profile): Float64Array | null {
  if (!serviceTime || !standardErrors) return null;
  const relative = PARAMETERS.map((name) =>
    serviceTime[name] > 0 ? standardErrors[name] / serviceTime[name] : 0,
  );
  if (relative.every((error) => error === 0)) return null;
  const { alphaBeta, alphaGamma, betaGamma } = correlations ?? { alphaBeta: 0, alphaGamma: 0, betaGamma: 0 };
  const correlation = [1, alphaBeta, alphaGamma, alphaBeta, 1, betaGamma, alphaGamma, betaGamma, 1];
  return Float64Array.from(
    correlation,
    (value, i) => value * relative[Math.floor(i / ORDER)] * relative[i % ORDER],
  );
}

/** The way back: errors and correlations of parameters with these logarithms, of which this is the covariance. */
export function errorsOf(
  logarithms: readonly number[],
  covariance: ArrayLike<number>,
): { standardErrors: StandardErrors; correlations: Correlations } {
  const spread = (j: number) => Math.sqrt(covariance[j * (ORDER + 1)]);
  const error = (j: number) => Math.exp(logarithms[j]) * spread(j);
  return {
    standardErrors: { alphaMs: error(0), betaMsPerToken: error(1), gammaMsPerToken2: error(2) },
    correlations: correlationsOf(covariance),
  };
}

export function correlationsOf(covariance: ArrayLike<number>): Correlations {
  const spread = (j: number) => Math.sqrt(covariance[j * (ORDER + 1)]);
  const correlation = (j: number, k: number) => covariance[j * ORDER + k] / (spread(j) * spread(k));
  return { alphaBeta: correlation(0, 1), alphaGamma: correlation(0, 2), betaGamma: correlation(1, 2) };
}
