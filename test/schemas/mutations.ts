import fc from 'fast-check';
import { at, type Edits, edited, jsonOf } from '../support/service.ts';

/** Pointers to every value below a body, itself not among them. */
function pointersIn(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inside]) => [
    `${path}/${key}`,
    ...pointersIn(inside, `${path}/${key}`),
  ]);
}

const numbers = fc.constantFrom(
  0,
  -0,
  1,
  -1,
  2,
  0.5,
  1e-9,
  1e-300,
  5e-324,
  3,
  7,
  100,
  1000,
  16_384,
  65_536,
  1e6,
  1e7,
  1e9,
  1e12,
  1e15,
  1e21,
  1.7976931348623157e308,
  2 ** 31,
  2 ** 53,
  Number.POSITIVE_INFINITY,
);

const texts = fc.constantFrom(
  '',
  'A100',
  'G2',
  'granite_13b',
  'Premium',
  'Free',
  'greedy',
  'unlimited',
  'state-dependent',
  '5',
  'null',
  '__proto__',
  'constructor',
  'toString',
  '\u0000',
  '\ud800',
  'x'.repeat(300),
  '/~',
);

const deep = fc.constantFrom(10, 1000).map((levels) => {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = i % 2 ? [value] : { a: value };
  return value;
});

const values = fc.oneof(
  { weight: 5, arbitrary: numbers },
  { weight: 3, arbitrary: texts },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { name: 'greedy' }),
  },
  { weight: 1, arbitrary: deep },
);

/** A body, as JSON, of which one to four places hold something else, nothing, or something more. */
export function mutations(body: unknown): fc.Arbitrary<string> {
  const pointers = pointersIn(body);
  const place = fc.constantFrom(...pointers);
  const field = fc.constantFrom(
    ...new Set(pointers.map((pointer) => pointer.split('/').pop()!)),
    'name',
    'nodes',
    'e2eMs',
    'cachedInputTokens',
    'maxQueueLength',
    'maxReplicas',
    'minReplicas',
    'unknown',
    'kvCacheTokens',
    'maxBatchTokens',
    'minTokensPerSec',
    'spareReplicas',
    'pinVariant',
    '0',
    '2',
    'toString',
  );
  const edit = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(place, values) },
    { weight: 1, arbitrary: fc.tuple(place, fc.constant(undefined)) },
    {
      weight: 2,
      arbitrary: fc.tuple(
        fc.tuple(place, field).map((path) => path.join('/')),
        values,
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(
        place,
        place.map((pointer) => ({ copyOf: pointer })),
      ),
    },
  );
  return fc
    .array(edit, { minLength: 1, maxLength: 4 })
    .map((edits) => edits.reduce((mutated, [pointer, value]) => tryEdit(mutated, pointer, value), body))
    .map(jsonOf);
}

/** The body as it is when the place is gone, or cannot hold anything. */
function tryEdit(body: unknown, pointer: string, value: unknown): unknown {
  const edits: Edits = { [pointer]: isCopy(value) ? at(body, value.copyOf) : value };
  try {
    return edited(body, edits);
  } catch {
    return body;
  }
}

function isCopy(value: unknown): value is { copyOf: string } {
  return typeof value === 'object' && value !== null && 'copyOf' in value;
}
