import { type Static, type TSchema, Type } from '#typebox';
import type { Rejection } from '../schemas/observation.ts';
import type { Strategy } from '../schemas/plug-in.ts';
import type { Sighting, TuneState } from '../schemas/tune-state.ts';
import type { Expectation } from './expectation.ts';

/** Options that every estimator has. */
export const commonOptions = {
  noiseFraction: Type.Optional(
    Type.Number({
      minimum: 0.001,
      maximum: 1,
      default: 0.05,
      description: 'Standard deviation of an observed latency, relative to it.',
    }),
  ),
  maxAgeSec: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1e9,
      default: 600,
      description: 'Observations of a greater `ageSec` are stale.',
    }),
  ),
};
/** How far a parameter may drift, for estimators that filter. */
export const driftFraction = (byDefault: number) =>
  Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 0.5,
      default: byDefault,
      description:
        'Standard deviation by which a parameter may drift from one observation to the next, relative.',
    }),
  );

/** As an estimator gets them: what a request leaves out is there by default. */
export type CommonOptions = Required<Static<ReturnType<typeof Type.Object<typeof commonOptions>>>>;

/** What is known of a variant while observations are taken, one after the other; its owner writes to it. */
export type Track = { -readonly [Key in keyof TuneState]: TuneState[Key] };

/** What became of one sighting. Logarithms: of relative deviations. */
export interface Verdict {
  readonly accepted: boolean;
  readonly reason: Rejection | null;
  readonly nis: number | null;
  /** ln observed - ln expected of TTFT and ITL before it was taken. */
  readonly deviation: readonly [ttft: number, itl: number] | null;
}

/**
 * Learns the parameters of a service time from sightings of its latencies. It keeps nothing: all that it knows stands in the track, which
 * is plain JSON. A track that another estimator has written is understood.
 */
export interface Estimator<Options extends TSchema = TSchema> extends Strategy<Options> {
  /** Loads what it computes with, off the start-up path; awaited before `take`. */
  load?(): Promise<void>;
  /** Takes a sighting whose figures are sound into the track, whose belief and prior are there. */
  take(track: Track, sighting: Sighting, expectation: Expectation, options: Static<Options>): Verdict;
}

/** How an estimator that is chosen by default is called. */
export const DEFAULT_ESTIMATOR = 'auto';
