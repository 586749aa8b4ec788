import { isObject } from '../schemas/fault-list.ts';
import type { FitAnswer } from '../schemas/fit.ts';
import type { Model, Profile } from '../schemas/model.ts';
import type { StandardErrors } from '../schemas/uncertainty.ts';

/** A profile for a fleet file, or where the model has a name its entry in `models`. */
export type FittedProfile = Profile | Model;

/** More digits than any benchmark tells. */
const DIGITS = 6;

const DEFAULT_LIMITS = { maxBatchSize: 256, maxBatchTokens: 8192 } as const;

/** What was fitted, as a fleet file has it. */
export function fittedProfile(
  { serviceTime, standardErrors, correlations, identified, observedRange }: FitAnswer,
  request: Readonly<Record<string, unknown>>,
  { model, accelerator }: { readonly model?: string | undefined; readonly accelerator: string },
): FittedProfile {
  const profile: Profile = {
    accelerator,
    maxBatchSize: limitOf(request, 'maxBatchSize'),
    maxBatchTokens: limitOf(request, 'maxBatchTokens'),
    serviceTime: rounded(serviceTime),
    ...(identified && standardErrors && { standardErrors: ofLaw(rounded(standardErrors)) }),
    // With all their digits: rounded, they might contradict each other.
    ...(identified && correlations && { correlations }),
    observedRange: rounded(observedRange),
  };
  return model === undefined ? profile : { name: model, profiles: [profile] };
}

/** A profile tells how sure it is of these three. */
function ofLaw({
  alphaMs,
  betaMsPerToken,
  gammaMsPerToken2,
}: Readonly<Record<string, number>>): StandardErrors {
  return { alphaMs, betaMsPerToken, gammaMsPerToken2 };
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
