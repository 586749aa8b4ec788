import type { Test } from 'tap';
import type { Estimator } from '../../src/tuner/estimator.ts';
import { learns } from './conformance-learning.ts';
import { isModest } from './conformance-one-point.ts';
import { hasOptions } from './conformance-options.ts';
import { isRobust } from './conformance-outliers.ts';
import { refusesTheBad } from './conformance-refusals.ts';
import { keepsItsState } from './conformance-state.ts';

/** What every estimator must keep under its default options: ours, and any of a user's. */
export async function conforms(t: Test, estimator: Estimator) {
  await estimator.load?.();
  hasOptions(t, estimator);
  keepsItsState(t, estimator);
  learns(t, estimator);
  isModest(t, estimator);
  refusesTheBad(t, estimator);
  isRobust(t, estimator);
}
