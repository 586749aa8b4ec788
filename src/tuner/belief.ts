import { factorize } from '../numerics/cholesky.ts';
import { type EigenPair, symmetricEigen } from '../numerics/symmetric-eigen.ts';
import type { ServiceTime } from '../schemas/model.ts';
import type { Combination } from '../schemas/tune.ts';
import type { Belief, Sighting } from '../schemas/tune-state.ts';
import { PARAMETERS } from './expectation.ts';

/** Standard deviation (natural logarithm) of a parameter about its seed, and about a guess. */
const SEED_SPREAD = 1;
const GUESS_SPREAD = 1.5;

/** Logarithms of what a parameter may be: 0 has none, and less than the least has no effect; more than the largest is no service. */
export const LEAST_LOGARITHM = Math.log(1e-12);
export const LARGEST_LOGARITHM = Math.log(1e6);

/** Nobody is less sure than this (variance of a logarithm): what is not observed does not get lost without bound. */
export const LARGEST_VARIANCE = 1;

/** The observations tell parameters apart up to this condition number of the residuals by their logarithms. */
export const LARGEST_CONDITION = 1000;

/** A combination of parameters is known when its relative standard error is at most this; all parameters, when each is. */
export const KNOWN_WITHIN = 0.25;
export const IDENTIFIED_WITHIN = 0.5;

export function beliefOfSeed({ alphaMs, betaMsPerToken, gammaMsPerToken2 }: ServiceTime): Belief {
  const mean = [alphaMs, betaMsPerToken, gammaMsPerToken2].map(boundedLogarithm);
  return { mean, covariance: diagonal(SEED_SPREAD ** 2) };
}

/** Without a seed: α most of the ITL, β the TTFT that is left over, γ a tenth of the ITL. */
export function guessedBelief({ ttftMs, itlMs, inputTokens, outputTokens }: Sighting): Belief {
  const context = inputTokens + (outputTokens + 1) / 2;
  const alpha = 0.7 * itlMs;
  const beta = Math.max(ttftMs - 2 * itlMs, 0.1 * ttftMs) / Math.max(inputTokens, 1);
  const gamma = (0.1 * itlMs) / context;
  return { mean: [alpha, beta, gamma].map(boundedLogarithm), covariance: diagonal(GUESS_SPREAD ** 2) };
}

function boundedLogarithm(value: number): number {
  return Math.min(LARGEST_LOGARITHM, Math.max(LEAST_LOGARITHM, Math.log(value)));
}

/** What is not symmetric by more than this, in units of both standard deviations, was not rounded but is no covariance. */
const ASYMMETRY = 1e-6;

/** A belief that somebody else kept: one without a covariance is as sure of its mean as of a seed. */
export function soundBelief({ mean, covariance }: Belief): Belief {
  const isSound = isSymmetric(covariance) && factorize(new Float64Array(covariance), PARAMETERS);
  return { mean, covariance: isSound ? covariance : diagonal(SEED_SPREAD ** 2) };
}

function isSymmetric(covariance: readonly number[]): boolean {
  for (let i = 0; i < PARAMETERS; i++) {
    for (let j = 0; j < i; j++) {
      const difference = covariance[i * PARAMETERS + j] - covariance[j * PARAMETERS + i];
      const product = covariance[i * (PARAMETERS + 1)] * covariance[j * (PARAMETERS + 1)];
      if (!(Math.abs(difference) <= ASYMMETRY * Math.sqrt(product))) return false;
    }
  }
  return true;
}

export function diagonal(variance: number): number[] {
  return Array.from({ length: PARAMETERS ** 2 }, (_, i) => (i % (PARAMETERS + 1) === 0 ? variance : 0));
}

/** How well the parameters are known. */
export interface Certainty {
  /** Independent combinations of the logarithms, the best known first: unit vectors, with the variance of each. */
  readonly combinations: readonly EigenPair[];
  /**
   * Condition number of the residuals by the logarithms: of what is known beyond a factor of e about each; null: there is a combination of
   * which no more is known than that.
   */
  readonly conditionNumber: number | null;
  /** Whether all are known, well enough to be followed one observation at a time. */
  readonly isIdentified: boolean;
}

export function certaintyOf({ covariance }: Pick<Belief, 'covariance'>): Certainty {
  const combinations = combinationsOf(covariance);
  const [best, , worst] = combinations.map(({ value }) => informationOf(value));
  const conditionNumber = worst > 0 && best < Number.POSITIVE_INFINITY ? Math.sqrt(best / worst) : null;
  const isIdentified =
    conditionNumber !== null &&
    conditionNumber <= LARGEST_CONDITION &&
    combinations[PARAMETERS - 1].value <= IDENTIFIED_WITHIN ** 2;
  return { combinations, conditionNumber, isIdentified };
}

/** What is known of a combination beyond a factor of e: the inverse of its variance, less that of a seed. */
function informationOf(variance: number): number {
  return variance > 0 ? 1 / variance - 1 / SEED_SPREAD ** 2 : Number.POSITIVE_INFINITY;
}

/** Independent combinations of the logarithms, the best known first. */
export function combinationsOf(covariance: ArrayLike<number>): EigenPair[] {
  return symmetricEigen(covariance, PARAMETERS).reverse();
}

/** Combinations as they are answered: products of powers of the parameters. */
export function shownCombinations(combinations: readonly EigenPair[]): Combination[] {
  return combinations.map(({ value, vector }) => {
    const standardErrorFraction = Math.sqrt(Math.max(0, value));
    const [alphaMs, betaMsPerToken, gammaMsPerToken2] = vector;
    return {
      exponents: { alphaMs, betaMsPerToken, gammaMsPerToken2 },
      standardErrorFraction,
      isKnown: standardErrorFraction <= KNOWN_WITHIN,
    };
  });
}
