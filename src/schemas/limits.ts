/**
 * Upper bounds on what one request may hold. Each is an environment variable of the service of the same name;
 * a schema that is bounded by one says so with `x-limit`, in the OpenAPI document too.
 */
export const DEFAULT_LIMITS = {
  MAX_SERVERS: 20_000,
  MAX_ACCELERATORS: 1_000,
  MAX_MODELS: 5_000,
  MAX_PROFILES: 500,
  MAX_SERVICE_CLASSES: 1_000,
  MAX_CURVE_POINTS: 10_000,
  MAX_BATCH_SIZE: 16_384,
  MAX_QUEUE_LENGTH: 100_000,
} as const;

export type LimitName = keyof typeof DEFAULT_LIMITS;
export type Limits = Readonly<Record<LimitName, number>>;

/** The keyword of a schema that the named limit bounds, with its default. */
export function limited<K extends 'maximum' | 'maxItems'>(keyword: K, limit: LimitName) {
  return { [keyword]: DEFAULT_LIMITS[limit], 'x-limit': limit } as Record<K, number> & {
    'x-limit': LimitName;
  };
}
