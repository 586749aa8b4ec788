import { factorize, inverseOf } from '../numerics/cholesky.ts';
import { type EigenPair, symmetricEigen } from '../numerics/symmetric-eigen.ts';
import type { ServiceTime } from '../schemas/model.ts';
import type { Belief, Sighting } from '../schemas/tune-state.ts';
import { PARAMETERS } from './expectation.ts';

/** Standard deviation (natural logarithm) of a parameter about its seed, and about a guess. */
const SEED_SPREAD = 1;
const GUESS_SPREAD = 1.5;

/** A parameter of 0 has no logarithm; this has no effect. */
const LEAST_PARAMETER = 1e-9;

/** Nobody is less sure than this (variance of a logarithm): what is not observed does not get lost without bound. */
export const LARGEST_VARIANCE = 1;

/** The observations tell parameters apart up to this condition number of the residuals by their logarithms. */
const LARGEST_CONDITION = 1000;

/** A combination of parameters is known when its relative standard error is at most this; all parameters, when each is. */
export const KNOWN_WITHIN = 0.25;
export const IDENTIFIED_WITHIN = 0.5;

export function beliefOfSeed({ alphaMs, betaMsPerToken, gammaMsPerToken2 }: ServiceTime): Belief {
  const logarithms = [alphaMs, betaMsPerToken, gammaMsPerToken2].map((value) =>
    Math.log(Math.max(value, LEAST_PARAMETER)),
  );
  return { mean: logarithms, covariance: diagonal(SEED_SPREAD ** 2) };
}

/** Without a seed: α most of the ITL, β the TTFT that is left over, γ a tenth of the ITL. */
export function guessedBelief({ ttftMs, itlMs, inputTokens, outputTokens }: Sighting): Belief {
  const context = inputTokens + (outputTokens + 1) / 2;
  const alpha = 0.7 * itlMs;
  const beta = Math.max(ttftMs - 2 * itlMs, 0.1 * ttftMs) / Math.max(inputTokens, 1);
  const gamma = (0.1 * itlMs) / context;
  return { mean: [alpha, beta, gamma].map(Math.log), covariance: diagonal(GUESS_SPREAD ** 2) };
}

/** What is not symmetric by more than this, in units of both standard deviations, was not rounded but is no covariance. */
const ASYMMETRY = 1e-6;

/** A belief that somebody else kept: one without a covariance is as sure of its mean as of a seed. */
export function soundBelief({ mean, covariance }: Belief): Belief {
  const isSymmetric = covariance.every((value, i) => {
    const [row, column] = [Math.floor(i / PARAMETERS), i % PARAMETERS];
    const product = covariance[row * (PARAMETERS + 1)] * covariance[column * (PARAMETERS + 1)];
    return Math.abs(value - covariance[column * PARAMETERS + row]) <= ASYMMETRY * Math.sqrt(product);
  });
  const isSound = isSymmetric && factorize(Float64Array.from(covariance), PARAMETERS);
  return { mean, covariance: isSound ? covariance : diagonal(SEED_SPREAD ** 2) };
}

export function diagonal(variance: number): number[] {
  return Array.from({ length: PARAMETERS ** 2 }, (_, i) => (i % (PARAMETERS + 1) === 0 ? variance : 0));
}

/** Independent combinations of the logarithms, the best known first: of unit vectors, with the variance of each. */
export function combinationsOf({ covariance }: Belief): EigenPair[] {
  return symmetricEigen(covariance, PARAMETERS).reverse();
}

/**
 * Condition number of the residuals by the logarithms of the parameters: of what the belief knows beyond a factor of e about each;
 * null: there is a combination of which it knows no more than that.
 */
export function conditionNumberOf({ covariance }: Belief): number | null {
  const information = inverseOf(Float64Array.from(covariance), PARAMETERS);
  if (!information) return null;
  const values = symmetricEigen(
    information.map((value, i) => value - (i % (PARAMETERS + 1) === 0 ? 1 / SEED_SPREAD ** 2 : 0)),
    PARAMETERS,
  ).map(({ value }) => value);
  const [largest, least] = [values[0], values[PARAMETERS - 1]];
  return least > 0 ? Math.sqrt(largest / least) : null;
}

/** Whether all parameters are known, well enough to be followed one observation at a time. */
export function isIdentified(belief: Belief): boolean {
  const condition = conditionNumberOf(belief);
  if (condition === null || condition > LARGEST_CONDITION) return false;
  return combinationsOf(belief).every(({ value }) => value <= IDENTIFIED_WITHIN ** 2);
}
