import { test } from 'tap';
import { Type } from '#typebox';
import { bundle } from '../../src/schemas/bundle.ts';
import { DEFAULT_LIMITS } from '../../src/schemas/limits.ts';
import { suggestion } from '../../src/schemas/suggestion.ts';

const referTo = (name: string) => `#/definitions/${name}`;
const Inner = Type.Object({ x: Type.Number() }, { $id: 'Inner' });

test('A named schema is defined once and referred to wherever it is used', async (t) => {
  const Outer = Type.Object({ one: Inner, many: Type.Array(Inner) }, { $id: 'Outer' });
  const { root, definitions } = bundle(Outer, referTo);
  t.strictSame(root, { $ref: '#/definitions/Outer' });
  t.strictSame(Object.keys(definitions).sort(), ['Inner', 'Outer']);
  t.match(definitions.Outer.properties, {
    one: { $ref: '#/definitions/Inner' },
    many: { type: 'array', items: { $ref: '#/definitions/Inner' } },
  });
  t.match(definitions.Inner, { title: 'Inner', type: 'object', properties: { x: { type: 'number' } } });
  t.notMatch(JSON.stringify(definitions), '$id');
});

test('The same schema written twice under one name is one definition', async (t) => {
  const again = Type.Object({ x: Type.Number() }, { $id: 'Inner' });
  t.strictSame(Object.keys(bundle(Type.Union([Inner, again]), referTo).definitions), ['Inner']);
});

test('Two different schemas of one name are an error that says the name', async (t) => {
  const other = Type.Object({ x: Type.String() }, { $id: 'Inner' });
  t.throws(() => bundle(Type.Union([Inner, other]), referTo), { message: /Inner/ });
});

test('A schema without a name stands where it is used, with the limits that are given', async (t) => {
  const servers = { maxItems: DEFAULT_LIMITS.MAX_SERVERS, 'x-limit': 'MAX_SERVERS' };
  const batch = { maximum: DEFAULT_LIMITS.MAX_BATCH_SIZE, 'x-limit': 'MAX_BATCH_SIZE' };
  const schema = Type.Object({ list: Type.Array(Type.Integer(batch), servers) });
  const limits = { ...DEFAULT_LIMITS, MAX_SERVERS: 3, MAX_BATCH_SIZE: 7 };
  const { root, definitions } = bundle(schema, referTo, limits);
  t.match(root.properties, { list: { maxItems: 3, items: { maximum: 7 } } });
  t.strictSame(definitions, {});
  t.match(bundle(schema, referTo).root.properties, { list: { maxItems: 20_000 } });
});

test('A near name is suggested whatever its case, a far one is not', async (t) => {
  t.equal(suggestion('RoundRobbin', ['None', 'RoundRobin']), 'did you mean "RoundRobin"?');
  t.equal(suggestion('TTFTMS', ['itlMs', 'ttftMs']), 'did you mean "ttftMs"?');
  t.equal(suggestion('colour', ['name', 'type']), undefined);
  t.equal(suggestion('x', []), undefined);
  t.equal(suggestion('y'.repeat(100_000), ['y'.repeat(100_000)]), undefined);
});
