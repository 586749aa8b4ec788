import { type Faults, isNumber, isObject, type Json } from './fault-list.ts';

/** Rounding of correlations that determine each other. */
const ROUNDING = 1e-9;

/** Faults of meaning of how sure a profile's parameters are. */
export function checkUncertainty(profile: Json, path: string, faults: Faults): void {
  const { serviceTime, standardErrors, correlations } = profile;
  if (standardErrors !== undefined && serviceTime === undefined) {
    faults.add(`${path}/standardErrors`, 'says nothing without serviceTime');
  }
  if (correlations !== undefined && standardErrors === undefined) {
    faults.add(`${path}/correlations`, 'says nothing without standardErrors');
  }
  if (isObject(serviceTime) && isObject(standardErrors)) {
    for (const [parameter, error] of Object.entries(standardErrors)) {
      if (serviceTime[parameter] === 0 && isNumber(error) && error > 0) {
        faults.add(
          `${path}/standardErrors/${parameter}`,
          `must be 0 where ${parameter} is 0: errors are relative to the parameter; it is ${error}`,
        );
      }
    }
  }
  checkCorrelations(correlations, `${path}/correlations`, faults);
}

/** With entries within -1 … 1 the matrix is positive semidefinite when its determinant is not negative. */
function checkCorrelations(correlations: unknown, path: string, faults: Faults): void {
  if (!isObject(correlations)) return;
  const { alphaBeta, alphaGamma, betaGamma } = correlations;
  if (!isNumber(alphaBeta) || !isNumber(alphaGamma) || !isNumber(betaGamma)) return;
  if ([alphaBeta, alphaGamma, betaGamma].some((value) => Math.abs(value) > 1)) return;
  const determinant =
    1 + 2 * alphaBeta * alphaGamma * betaGamma - alphaBeta ** 2 - alphaGamma ** 2 - betaGamma ** 2;
  if (determinant < -ROUNDING) {
    faults.add(
      path,
      `contradict each other: no three errors are correlated like this (the covariance is not positive semidefinite; the determinant of the correlations is ${determinant.toPrecision(3)}). Give all three as they were estimated, with all their digits`,
    );
  }
}
