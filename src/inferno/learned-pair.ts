import type { InfernoModel } from '../schemas/inferno.ts';
import type { Tuned } from '../schemas/tune.ts';

/** What is kept of a model on an accelerator from one tuning to the next. Plain data: it crosses to worker threads. */
export interface LearnedPair {
  readonly model: string;
  readonly accelerator: string;
  /** The state of the tuner, as JSON. */
  readonly state: string;
  /** null: not known well enough to be told. */
  readonly parameters: Required<NonNullable<InfernoModel['perfParms']>> | null;
  /** Tunings that took an observation. */
  readonly updateCount: number;
  readonly observations: number;
  readonly observationsWanted: number;
  readonly nis: number;
  /** null: without bound. */
  readonly conditionNumber: number | null;
  /** Whether its parameters have settled. Once they have, it stays so: that they move later must not stop a control loop. */
  readonly isSettled: boolean;
  readonly isCalibrated: boolean;
  /** When an observation was last taken (RFC 3339). */
  readonly lastUpdated: string;
}

/**
 * Parameters are told once the observations tell them apart, or after so many tunings whatever they tell: a fleet whose load never changes
 * has what predicts that load. They have settled when the tuner tracks them, or after so many tunings more. The figures are those of the
 * llm-inferno tuner.
 */
export const FIRST_TUNINGS = 5;
export const WARM_UP_TUNINGS = 5;

/** Above this condition number the observations do not tell the parameters apart: the limit of the llm-inferno tuner. */
export const LARGEST_CONDITION = 1000;

/** Larger parameters (ms) are none; no model has them, and no request may. */
const LARGEST_PARAMETER = 1e6;

/**
 * A pair after a tuning; null: nothing is known of it.
 *
 * @param before null: it was not known
 * @param now when it was observed (RFC 3339)
 */
export function tunedPair(before: LearnedPair | null, tuned: Tuned, now: string): LearnedPair | null {
  const found = parametersOf(tuned);
  if (!found) return before;
  const isTaken = tuned.observations.some(({ accepted }) => accepted);
  const updateCount = (before?.updateCount ?? 0) + (isTaken ? 1 : 0);
  const isTold = before?.parameters || isIdentified(tuned) || updateCount >= FIRST_TUNINGS;
  const isSettled = tuned.status === 'tracking' || updateCount >= FIRST_TUNINGS + WARM_UP_TUNINGS - 1;
  return {
    ...learned(tuned),
    parameters: isTold ? found : null,
    updateCount,
    observations: (before?.observations ?? 0) + (isTaken ? 1 : 0),
    observationsWanted: before?.observationsWanted ?? FIRST_TUNINGS,
    isSettled: before?.isSettled || isSettled,
    isCalibrated: before?.isCalibrated ?? false,
    lastUpdated: isTaken || !before ? now : before.lastUpdated,
  };
}

/** A pair after a sweep, whatever was known before; null: the sweep does not tell its parameters, or most of it disagrees with them. */
export function calibratedPair(tuned: Tuned, now: string): LearnedPair | null {
  const parameters = parametersOf(tuned);
  const points = tuned.observations.length;
  const taken = tuned.diagnostics?.accepted ?? 0;
  const condition = tuned.diagnostics?.conditionNumber ?? Number.POSITIVE_INFINITY;
  if (!parameters || condition > LARGEST_CONDITION || 2 * taken <= points) return null;
  return {
    ...learned(tuned),
    parameters,
    updateCount: WARM_UP_TUNINGS,
    observations: points,
    observationsWanted: points,
    nis: 0,
    isSettled: true,
    isCalibrated: true,
    lastUpdated: now,
  };
}

function isIdentified({ status }: Tuned): boolean {
  return status === 'warming-up' || status === 'tracking';
}

function parametersOf({ serviceTime }: Tuned): LearnedPair['parameters'] {
  if (!serviceTime) return null;
  const { alphaMs: alpha, betaMsPerToken: beta, gammaMsPerToken2: gamma } = serviceTime;
  const isSound = [alpha, beta, gamma].every((value) => Number.isFinite(value) && value <= LARGEST_PARAMETER);
  return isSound ? { alpha, beta, gamma } : null;
}

function learned({ model, variant, state, observations, diagnostics }: Tuned) {
  const nis = observations.findLast(({ accepted }) => accepted)?.nis ?? 0;
  return {
    model: model ?? '',
    accelerator: variant ?? '',
    state: JSON.stringify(state),
    nis: Number.isFinite(nis) ? nis : 0,
    conditionNumber: diagnostics?.conditionNumber ?? null,
  };
}
