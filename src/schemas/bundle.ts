import type { TSchema } from '#typebox';
import { DEFAULT_LIMITS, type LimitName, type Limits } from './limits.ts';

type Json = Record<string, unknown>;

export interface Bundle {
  /** The schema itself, or a reference to it when it has a name. */
  readonly root: Json;
  /** Every named schema below it, by name. */
  readonly definitions: Readonly<Record<string, Json>>;
}

/**
 * Turns a schema whose parts are nested values into one whose named parts (`$id`) are references, and sets the limits.
 *
 * @param referTo the reference to a name, e.g. `#/components/schemas/Fleet`
 * @throws Error when two different schemas share a name
 */
export function bundle(
  schema: TSchema,
  referTo: (name: string) => string,
  limits: Limits = DEFAULT_LIMITS,
): Bundle {
  const definitions: Record<string, Json> = {};
  const texts = new Map<string, string>();

  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null) return node;
    const { $id, ...rest } = node as Json;
    if (typeof $id !== 'string') return limitedBy(mapValues(rest, walk), limits);
    const text = JSON.stringify(rest);
    if (!texts.has($id)) {
      texts.set($id, text);
      definitions[$id] = {};
      definitions[$id] = { title: $id, ...limitedBy(mapValues(rest, walk), limits) };
    } else if (texts.get($id) !== text) {
      throw new Error(`two different schemas are named ${$id}`);
    }
    return { $ref: referTo($id) };
  };
  return { root: walk(schema) as Json, definitions };
}

/** The schema whole, its named parts in place with their names as titles, and the limits set: what a value is checked against. */
export function inlined(schema: TSchema, limits: Limits = DEFAULT_LIMITS): TSchema {
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null) return node;
    const { $id, ...rest } = node as Json;
    return { ...(typeof $id === 'string' && { title: $id }), ...limitedBy(mapValues(rest, walk), limits) };
  };
  return walk(schema) as TSchema;
}

function limitedBy(schema: Json, limits: Limits): Json {
  const name = schema['x-limit'] as LimitName | undefined;
  if (name === undefined) return schema;
  return { ...schema, [schema.maxItems === undefined ? 'maximum' : 'maxItems']: limits[name] };
}

function mapValues(object: Json, map: (value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
