import { isObject } from '../schemas/fault-list.ts';
import type { FitAnswer } from '../schemas/fit.ts';
import type { Model, Profile } from '../schemas/model.ts';

/** A profile for a fleet file, or where the model has a name its entry in `models`. */
export type FittedProfile = Profile | Model;

/** More digits than any benchmark tells. */
const DIGITS = 6;

const DEFAULT_LIMITS = { maxBatchSize: 256, maxBatchTokens: 8192 } as const;

/** What was fitted, as a fleet file has it. */
export function fittedProfile(
  { serviceTime, observedRange }: FitAnswer,
  request: Readonly<Record<string, unknown>>,
  { model, accelerator }: { readonly model?: string | undefined; readonly accelerator: string },
): FittedProfile {
  const profile: Profile = {
    accelerator,
    maxBatchSize: limitOf(request, 'maxBatchSize'),
    maxBatchTokens: limitOf(request, 'maxBatchTokens'),
    serviceTime: rounded(serviceTime),
    observedRange: rounded(observedRange),
  };
  return model === undefined ? profile : { name: model, profiles: [profile] };
}

/** With as many digits as mean anything, whatever it is made of. */
export function rounded<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (_, item) => (typeof item === 'number' ? Number(item.toPrecision(DIGITS)) : item)),
  );
}

/** That of the replica that was measured: of the station, else where all observations agree. */
function limitOf(request: Readonly<Record<string, unknown>>, limit: keyof typeof DEFAULT_LIMITS): number {
  const { station, observations } = request;
  const ofStation = isObject(station) ? station[limit] : undefined;
  const all = new Set((Array.isArray(observations) ? observations : []).map((entry) => entry[limit]));
  const ofObservations = all.size === 1 ? [...all][0] : undefined;
  return ((ofStation ?? ofObservations) as number | undefined) ?? DEFAULT_LIMITS[limit];
}
