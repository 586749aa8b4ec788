import type { TSchema } from '#typebox';

interface AnyOption {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly AnyOption[];
}

const MOST = 64;

/** Every combination of a strategy's options that have few values; others are left at their defaults. */
export function optionSets(schema: TSchema): Record<string, unknown>[] {
  const { properties = {} } = schema as { properties?: Record<string, AnyOption> };
  let sets: Record<string, unknown>[] = [{}];
  for (const [name, option] of Object.entries(properties)) {
    const values = valuesOf(option);
    const combined = sets.flatMap((set) => [set, ...values.map((value) => ({ ...set, [name]: value }))]);
    if (combined.length <= MOST) sets = combined;
  }
  return sets;
}

function valuesOf({ type, const: only, enum: listed, anyOf }: AnyOption): unknown[] {
  if (only !== undefined) return [only];
  if (listed) return [...listed];
  if (anyOf) return anyOf.flatMap(valuesOf);
  return type === 'boolean' ? [false, true] : [];
}
