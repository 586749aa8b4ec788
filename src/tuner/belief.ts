import { inverseOf } from '../numerics/cholesky.ts';
import { type EigenPair, symmetricEigen } from '../numerics/symmetric-eigen.ts';
import type { ServiceTime } from '../schemas/model.ts';
import type { Combination } from '../schemas/tune.ts';
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
export const LARGEST_CONDITION = 1000;

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
  const information = inverseOf(Float64Array.from(covariance), PARAMETERS);
  let conditionNumber: number | null = null;
  if (information) {
    for (let j = 0; j < PARAMETERS; j++) information[j * (PARAMETERS + 1)] -= 1 / SEED_SPREAD ** 2;
    const values = symmetricEigen(information, PARAMETERS);
    const [largest, least] = [values[0].value, values[PARAMETERS - 1].value];
    if (least > 0) conditionNumber = Math.sqrt(largest / least);
  }
  const isIdentified =
    conditionNumber !== null &&
    conditionNumber <= LARGEST_CONDITION &&
    combinations[PARAMETERS - 1].value <= IDENTIFIED_WITHIN ** 2;
  return { combinations, conditionNumber, isIdentified };
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
