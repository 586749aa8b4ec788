import type { TSchema } from '#typebox';

interface AnySchema {
  readonly properties?: Readonly<Record<string, AnySchema>>;
  readonly items?: AnySchema;
}

/**
 * A copy of a JSON value in which the keys that a schema knows are spelt as the schema spells them, whatever their case,
 * and null stands for absent, as in Go's decoder. Of two spellings of one key the later one counts. What the schema does not
 * know is left out.
 */
export function canonicalKeys(schema: TSchema, value: unknown): unknown {
  return rename(schema as AnySchema, value);
}

function rename(schema: AnySchema, value: unknown): unknown {
  if (Array.isArray(value)) return schema.items ? value.map((item) => rename(schema.items!, item)) : value;
  if (typeof value !== 'object' || value === null || !schema.properties) return value;
  const names = new Map(Object.keys(schema.properties).map((name) => [name.toLowerCase(), name]));
  const renamed: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const name = names.get(key.toLowerCase());
    if (name !== undefined && item !== null) renamed[name] = rename(schema.properties[name], item);
  }
  return renamed;
}
