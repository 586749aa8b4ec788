import fc from 'fast-check';
import type { Profile, ServiceTime } from '../../src/schemas/model.ts';
import { logUniform, uniform } from './stations.ts';

const PARAMETERS = ['alphaMs', 'betaMsPerToken', 'gammaMsPerToken2'] as const;

/** How sure parameters are: a factor F of the covariance F·Fᵀ of their logarithms, row by row. */
export type Factor = readonly number[];

/** Random covariances: errors of up to about `most` (relative) and any correlations that can be. */
export function factors(most: number): fc.Arbitrary<Factor> {
  return fc
    .record({
      shape: fc.array(uniform(-1, 1), { minLength: 9, maxLength: 9 }),
      size: logUniform(0.005, most),
    })
    .map(({ shape, size }) => shape.map((value) => (value * size) / Math.sqrt(3)));
}

const row = (factor: Factor, i: number) => factor.slice(3 * i, 3 * i + 3);
const product = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, k) => sum + value * b[k], 0);

/** The same as a profile tells it. */
export function uncertain(
  serviceTime: ServiceTime,
  factor: Factor,
): Pick<Profile, 'serviceTime' | 'standardErrors' | 'correlations'> {
  const spread = PARAMETERS.map((_, i) => Math.sqrt(product(row(factor, i), row(factor, i))));
  const correlation = (i: number, j: number) => {
    const value = product(row(factor, i), row(factor, j)) / (spread[i] * spread[j]);
    return Math.min(1, Math.max(-1, value));
  };
  const { alphaMs, betaMsPerToken, gammaMsPerToken2 } = serviceTime;
  return {
    serviceTime,
    standardErrors: {
      alphaMs: spread[0] * alphaMs,
      betaMsPerToken: spread[1] * betaMsPerToken,
      gammaMsPerToken2: spread[2] * gammaMsPerToken2,
    },
    correlations: {
      alphaBeta: correlation(0, 1),
      alphaGamma: correlation(0, 2),
      betaGamma: correlation(1, 2),
    },
  };
}

/** Parameters as they may truly be, for three standard normal draws. */
export function drawn(serviceTime: ServiceTime, factor: Factor, draws: readonly number[]): ServiceTime {
  const moved = { ...serviceTime };
  for (const [i, name] of PARAMETERS.entries()) moved[name] *= Math.exp(product(row(factor, i), draws));
  return moved;
}
