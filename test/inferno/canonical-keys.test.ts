import fc from 'fast-check';
import { test } from 'tap';
import { canonicalKeys } from '../../src/inferno/canonical-keys.ts';
import { formCheck } from '../../src/schemas/checker.ts';
import { InfernoRequest } from '../../src/schemas/inferno.ts';
import { forAll } from '../support/properties.ts';
import { answerTo, systemOf, translated } from './systems.ts';

/** The same with the letters of every key in a random case. */
function recased(value: unknown, bits: () => boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => recased(item, bits));
  if (typeof value !== 'object' || value === null) return value;
  const letters = (key: string) => [...key].map((c) => (bits() ? c.toUpperCase() : c.toLowerCase())).join('');
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [letters(key), recased(item, bits)]));
}

function bitsOf(seed: number): () => boolean {
  let state = seed | 1;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return ((state >>> 16) & 1) === 1;
  };
}

test('keys are read in any case', async (t) => {
  const system = systemOf();
  const expected = JSON.stringify(translated(system));
  let changed = 0;
  forAll(t, 'translations', fc.nat(), (seed) => {
    const other = recased(system, bitsOf(seed));
    if (JSON.stringify(other) !== JSON.stringify(system)) changed++;
    return JSON.stringify(translated(other)) === expected;
  });
  t.equal(changed, 200);
  t.match(translated(system).request, { servers: [{ name: 'server', minReplicas: 1, maxQueueLength: 100 }] });
});

test('values keep their case', async (t) => {
  const { request } = translated(systemOf({ server: { name: 'SerVer' } }));
  t.equal(request.servers[0].name, 'SerVer');
  t.equal(translated(systemOf({ server: { model: 'MODEL' } })).dropped.length, 1);
});

test('what is canonical already is left as it is, and no list or value is lost', async (t) => {
  const request = { system: systemOf() };
  t.strictSame(canonicalKeys(InfernoRequest, request), request);
});

test('keys that nobody knows are left out', async (t) => {
  const request = { system: { ...systemOf(), other: 1 }, further: {} };
  t.strictSame(canonicalKeys(InfernoRequest, request), { system: systemOf() });
});

test('null stands for absent', async (t) => {
  const without = systemOf({ server: { maxQueueSize: undefined, currentAlloc: undefined } });
  const nulls = systemOf({ server: { maxQueueSize: null, currentAlloc: null } });
  t.same(translated(nulls), translated(without));
  t.same(answerTo({ ...systemOf(), capacityData: null }), answerTo({ ...systemOf(), capacityData: {} }));
  t.same(translated({ serverData: { servers: null } }).request.servers, []);
});

test('of two spellings of a key the later one counts, unless it is null', async (t) => {
  const rate = (load: object) =>
    translated(systemOf({ server: { currentAlloc: { load } } })).request.servers[0].load?.requestsPerSec;
  const tokens = { avgInTokens: 1, avgOutTokens: 1 };
  t.equal(rate({ ...tokens, arrivalRate: 60, ArrivalRate: 120 }), 2);
  t.equal(rate({ ...tokens, ArrivalRate: 120, arrivalRate: 60 }), 1);
  t.equal(rate({ ...tokens, ARRIVALRATE: 120, arrivalRate: null }), 2);
});

test('whatever the value is, reading its keys does not throw, and wrong shapes are left to the check', async (t) => {
  const faults = formCheck(InfernoRequest);
  const known = fc.constantFrom(
    'system',
    'serverData',
    'servers',
    'name',
    'currentAlloc',
    'load',
    '__proto__',
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.array(tie('tree')), fc.dictionary(known, tie('tree'))),
  }));
  forAll(
    t,
    'values',
    tree,
    (value) => {
      const canonical = canonicalKeys(InfernoRequest, value);
      if (faults(canonical).length === 0) translated((canonical as { system: unknown }).system);
      return Array.isArray(canonical) === Array.isArray(value) && typeof canonical === typeof value;
    },
    60,
  );
  t.ok(faults(canonicalKeys(InfernoRequest, { system: { serverData: { servers: [3] } } })).length > 0);
  t.equal(faults(canonicalKeys(InfernoRequest, { SYSTEM: {} })).length, 0);
});
