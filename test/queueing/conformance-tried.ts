import type { Arbitrary } from 'fast-check';
import type { Test } from 'tap';
import type { Queue, QueueModel } from '../../src/queueing/queue-model.ts';
import type { Station } from '../../src/schemas/station.ts';
import { forAll } from '../support/properties.ts';

/** Of a model that is not light each case takes longer: this share of the cases is tried. */
const OF_A_SLOW_MODEL = 0.1;

/** A model on trial. */
export interface Tried {
  readonly model: QueueModel;
  prepare(station: Station): Queue;
  /** How many cases are tried where a light model is tried in so many. */
  cases(many: number): number;
  /** Asserts a claim for random values, as the one of all properties does. */
  forAll<T>(
    t: Test,
    claim: string,
    values: Arbitrary<T>,
    holds: (value: T) => boolean | undefined,
    many?: number,
  ): void;
}

/** @param options with which the model takes little time */
export function tried(model: QueueModel, options: object = {}): Tried {
  const cases = (many: number) => Math.ceil((model.isLight ? 1 : OF_A_SLOW_MODEL) * many);
  return {
    model,
    cases,
    prepare: (station) => model.prepare(station, options),
    forAll: (t, claim, values, holds, many = 200) => forAll(t, claim, values, holds, cases(many)),
  };
}
