import { test } from 'tap';
import { type Edits, edited, post, refused, service } from '../support/service.ts';
import { fleet } from './bodies.ts';

type Row = readonly [claim: string, edits: Edits, path: string, says: RegExp];

const LOAD = '/servers/0/load';
const TARGET = '/serviceClasses/0/targets/0';
const PROFILE = '/models/0/profiles/0';

const TYPES: Row[] = [
  [
    'text for a number',
    { [`${LOAD}/requestsPerSec`]: '5' },
    `${LOAD}/requestsPerSec`,
    /a finite number; it is "5"/,
  ],
  [
    'null for a number',
    { [`${LOAD}/inputTokens`]: null },
    `${LOAD}/inputTokens`,
    /a finite number; it is null/,
  ],
  ['true for a number', { [`${TARGET}/itlMs`]: true }, `${TARGET}/itlMs`, /a finite number; it is true/],
  ['1e999', { [`${TARGET}/ttftMs`]: Infinity }, `${TARGET}/ttftMs`, /it is Infinity/],
  [
    'a list for a number',
    { '/accelerators/0/cards': [1] },
    '/accelerators/0/cards',
    /an integer; it is an array/,
  ],
  [
    'a fraction for a count',
    { '/servers/0/minReplicas': 1.5 },
    '/servers/0/minReplicas',
    /an integer; it is 1.5/,
  ],
  ['a number for a name', { '/servers/0/name': 5 }, '/servers/0/name', /a string; it is 5/],
  ['a number for a switch', { '/servers/0/pinVariant': 1 }, '/servers/0/pinVariant', /a boolean; it is 1/],
  [
    'text for a switch',
    { '/servers/0/pinVariant': 'true' },
    '/servers/0/pinVariant',
    /a boolean; it is "true"/,
  ],
  ['an object for a list', { '/servers': {} }, '/servers', /an array; it is an object/],
  ['text for a load', { [LOAD]: 'none' }, LOAD, /an object or null; it is "none"/],
  ['text for cards', { '/capacity/A100': '5' }, '/capacity/A100', /an integer or an object; it is "5"/],
  ['a fraction of a card', { '/capacity/A100': 1.5 }, '/capacity/A100', /an integer; it is 1.5/],
  ['a list of capacities', { '/capacity': [5] }, '/capacity', /an object; it is an array/],
  ['a number for a solver', { '/solver': 5 }, '/solver', /a string or an object; it is 5/],
  ['a list of options', { '/solver/options': [] }, '/solver/options', /an object; it is an array/],
];

const RANGES: Row[] = [
  [
    'negative',
    { [`${LOAD}/requestsPerSec`]: -1 },
    `${LOAD}/requestsPerSec`,
    /at least 0; it is -1 \(Offered load/,
  ],
  [
    'absurdly large',
    { [`${LOAD}/requestsPerSec`]: 1e9 },
    `${LOAD}/requestsPerSec`,
    /at most 1000000; it is 1000000000/,
  ],
  ['no priority', { '/serviceClasses/0/priority': 0 }, '/serviceClasses/0/priority', /at least 1; it is 0/],
  ['no cards', { '/accelerators/0/cards': 0 }, '/accelerators/0/cards', /at least 1; it is 0/],
  ['negative cards', { '/capacity/G2': -1 }, '/capacity/G2', /at least 0; it is -1/],
  [
    'a KV cache of nothing',
    { [`${PROFILE}/kvCacheTokens`]: 0 },
    `${PROFILE}/kvCacheTokens`,
    /at least 1; it is 0/,
  ],
  [
    'mid power at full',
    { '/accelerators/1/power/midUtilizationFraction': 1 },
    '/accelerators/1/power/midUtilizationFraction',
    /less than 1; it is 1/,
  ],
  ['an empty name', { '/servers/1/name': '' }, '/servers/1/name', /must not be empty/],
  ['an endless name', { '/servers/1/name': 'x'.repeat(254) }, '/servers/1/name', /at most 253 characters/],
  ['a name of two lines', { '/servers/1/name': 'a\nb' }, '/servers/1/name', /control characters/],
  ['a type of no name', { '/capacity': { A100: 16, G2: 8, '': 1 } }, '/capacity/', /empty/],
  [
    'a type with an endless name',
    { [`/capacity/${'x'.repeat(254)}`]: 1 },
    `/capacity/${'x'.repeat(254)}`,
    /253/,
  ],
  ['a type of two lines', { '/capacity/a\nb': 1 }, '/capacity/a\nb', /control characters/],
];

/** Keys of an object are not for its schema to judge. */
const NAMES_OF_TYPES = /^a type /;

const GROUPS = { 'Wrong types': TYPES, 'Values out of range': RANGES };
for (const [group, rows] of Object.entries(GROUPS)) {
  test(`${group} are refused where they are, once, with what would be right`, async (t) => {
    const app = await service(t);
    for (const [claim, edits, path, says] of rows)
      await refused(
        t,
        app,
        '/optimize',
        edited(fleet, edits),
        NAMES_OF_TYPES.test(claim) ? 422 : 400,
        [[path, says]],
        claim,
      );
  });
}

test('A fleet with every optional field is accepted', async (t) => {
  const app = await service(t);
  t.equal((await post(app, '/optimize', fleet)).status, 200);
});

test('A body that is no object is refused as a whole', async (t) => {
  const app = await service(t);
  for (const url of [
    '/optimize',
    '/compare',
    '/minimum-cards',
    '/analyze',
    '/size',
    '/concurrency',
    '/simulate',
    '/inferno/optimizeOne',
  ])
    for (const body of ['null', '[]', '5', '"x"', 'true'])
      await refused(t, app, url, body, 400, [['', /must be an object/]], `${url} ${body}`);
});
