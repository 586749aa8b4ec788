import fc from 'fast-check';
import type { Test } from 'tap';

/** A claim about a value: false or a throw refutes it. */
type Claim<T> = (value: T) => boolean | undefined;

/** Asserts a claim for random values; the seed is fixed, so every run is the same. */
export function forAll<T>(t: Test, claim: string, values: fc.Arbitrary<T>, holds: Claim<T>, numRuns = 200) {
  const result = fc.check(
    fc.property(values, (value) => holds(value)),
    { seed: 20_260_601, numRuns },
  );
  if (result.failed) t.fail(`${claim}: ${result.errorInstance} with ${fc.stringify(result.counterexample)}`);
  else t.equal(result.numRuns, numRuns, claim);
}

/** Asserts a claim for each of some cases; says how many refute it, and the first that does. */
export function forEach<T>(t: Test, claim: string, cases: readonly T[], holds: Claim<T>) {
  const refuted = cases.flatMap((value) => {
    try {
      return holds(value) === false ? [{ value }] : [];
    } catch (error) {
      return [{ error: (error as Error).message, value }];
    }
  });
  if (refuted.length === 0) t.ok(cases.length > 0, `${claim}: ${cases.length} cases`);
  else t.fail(`${claim}: refuted by ${refuted.length} of ${cases.length}, first ${fc.stringify(refuted[0])}`);
}

/** Throws unless the numbers agree within `relative` of the expected one or within `absolute`. */
export function near(
  actual: number,
  expected: number,
  relative: number,
  absolute: number,
  what: string,
): undefined {
  const off = Math.abs(actual - expected);
  if (off <= relative * Math.abs(expected) || off <= absolute) return undefined;
  throw new Error(`${what} is ${actual}, expected ${expected}, off by ${off / Math.abs(expected)} of it`);
}
