import { type TNumberOptions, type TSchema, Type } from '#typebox';
import { limited } from './limits.ts';

// The quantities of the interface, each with its unit's bounds once. A number above these bounds is a slip of
// units or of a digit, not a fleet.

export const Name = (description: string) =>
  Type.String({ minLength: 1, maxLength: 253, pattern: '^[^\\u0000-\\u001f\\u007f]*$', description });

const quantity =
  (defaults: TNumberOptions) =>
  (description: string, options: TNumberOptions = {}) =>
    Type.Number({ ...defaults, ...options, description });

export const Milliseconds = quantity({ minimum: 0, maximum: 1e9 });
export const RequestsPerSec = quantity({ minimum: 0, maximum: 1e6 });
/** Less is no rate: one request in thirty years. */
export const LEAST_RATE_PER_SEC = 1e-9;
export const PositiveRequestsPerSec = quantity({ minimum: LEAST_RATE_PER_SEC, maximum: 1e6 });
export const Tokens = quantity({ minimum: 0, maximum: 1e7 });
export const TokensPerSec = quantity({ minimum: 0, maximum: 1e9 });
export const CostPerHour = quantity({ minimum: 0, maximum: 1e9 });
export const Watts = quantity({ minimum: 0, maximum: 1e7 });
export const Gib = quantity({ minimum: 0, maximum: 1e6 });
export const Seconds = quantity({ minimum: 0, maximum: 1e6 });

export const Count = (description: string, options: TNumberOptions = {}) =>
  Type.Integer({ minimum: 0, maximum: 1_000_000, ...options, description });

export const BatchSize = (description: string) =>
  Type.Integer({ minimum: 1, ...limited('maximum', 'MAX_BATCH_SIZE'), description });

export const QueueLength = (description: string) =>
  Type.Integer({ minimum: 0, ...limited('maximum', 'MAX_QUEUE_LENGTH'), description });

/** What answers hold: text, a number, a whole number, yes or no. */
export const Text = (description: string) => Type.String({ description });
export const Figure = (description: string) => Type.Number({ description });
export const Whole = (description: string) => Type.Integer({ description });
export const Flag = (description: string) => Type.Boolean({ description });

/** What may be absent from an answer; the description says what null means. */
export const Nullable = <S extends TSchema>(schema: S, description: string) =>
  Type.Union([schema, Type.Null()], { description });

/** A number in an answer that may be unknown or unbounded. */
export const OrNull = (description: string) => Nullable(Type.Number(), description);

/** An object that refuses unknown fields; `notYet` names fields of the design that are refused as "not supported yet". */
export const closed = <const Id extends string>(
  id: Id,
  description: string,
  notYet: readonly string[] = [],
) => ({
  $id: id,
  description,
  additionalProperties: false as const,
  ...(notYet.length > 0 && { 'x-not-supported-yet': notYet }),
});
