import type { InfernoModel, InfernoModelData } from '../schemas/inferno.ts';
import type { InfernoCalibrationStatuses, InfernoParameters } from '../schemas/inferno-tuner.ts';
import { pairKey } from './from-inferno-tuner.ts';
import { LARGEST_CONDITION, type LearnedPair } from './learned-pair.ts';

/** What the tuner says of a pair that the model data did not have. */
const APPENDED = { accCount: 1, maxBatchSize: 256, atTokens: 1024 };

/** JSON has no infinity. */
const WITHOUT_BOUND = 1e18;

/** A pair whose parameters are told. */
export type KnownPair = Pick<LearnedPair, 'model' | 'accelerator'> & {
  readonly parameters: NonNullable<LearnedPair['parameters']>;
};

/** An entry of the answer to a tuning: what was observed, and what is now known. */
export function tunedModel(
  { model, accelerator, parameters }: KnownPair,
  maxBatchSize: number,
): InfernoModel {
  return { name: model, acc: accelerator, accCount: 0, maxBatchSize, atTokens: 0, perfParms: parameters };
}

/** The posted entries with the parameters that are known, then the pairs that were not posted, by name. */
export function mergedModels(
  { models = [] }: InfernoModelData,
  known: readonly KnownPair[],
): InfernoModelData {
  const byPair = new Map(known.map((pair) => [pairKey(pair.model, pair.accelerator), pair]));
  const posted = new Set<string>();
  const overlaid = models.map((entry) => {
    const key = pairKey(entry.name, entry.acc);
    posted.add(key);
    const pair = byPair.get(key);
    return pair ? { ...entry, perfParms: pair.parameters } : entry;
  });
  const appended = [...byPair]
    .filter(([key]) => !posted.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { model, accelerator, parameters }]) => ({
      name: model,
      acc: accelerator,
      ...APPENDED,
      perfParms: parameters,
    }));
  return { models: [...overlaid, ...appended] };
}

export function parametersOf(pair: LearnedPair & KnownPair): InfernoParameters {
  const { model, accelerator, parameters, lastUpdated, nis, updateCount } = pair;
  return { accelerator, ...parameters, lastUpdated, model, nis, updateCount };
}

export function calibrationStatuses(pairs: readonly LearnedPair[]): InfernoCalibrationStatuses {
  return { statuses: pairs.map(statusOf) };
}

function statusOf(pair: LearnedPair): InfernoCalibrationStatuses['statuses'][number] {
  const { model, accelerator, parameters, isCalibrated, observations, observationsWanted } = pair;
  const condition = Math.min(pair.conditionNumber ?? WITHOUT_BOUND, WITHOUT_BOUND);
  const illConditioned = parameters !== null && condition > LARGEST_CONDITION;
  return {
    model,
    accelerator,
    storePresent: parameters !== null,
    calibrated: isCalibrated,
    obsCount: observations,
    obsTarget: observationsWanted,
    conditionNumber: parameters ? condition : 0,
    illConditioned,
    needsCalibration: illConditioned && !isCalibrated && observations >= observationsWanted,
  };
}
