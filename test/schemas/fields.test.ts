import { test } from 'tap';
import { type Edits, edited, refused, service } from '../support/service.ts';
import { fleet } from './bodies.ts';

type Row = readonly [claim: string, edits: Edits, path: string, says: RegExp];

const LOAD = '/servers/0/load';
const TARGET = '/serviceClasses/0/targets/0';
const PROFILE = '/models/0/profiles/0';

const UNKNOWN: Row[] = [
  [
    'a misspelt field',
    { '/server': [] },
    '/server',
    /not a field of OptimizeRequest; did you mean "servers"\?/,
  ],
  [
    'wrong case',
    { [`${LOAD}/RequestsPerSec`]: 1 },
    `${LOAD}/RequestsPerSec`,
    /did you mean "requestsPerSec"\?/,
  ],
  ['another unit', { [`${TARGET}/ttft`]: 1 }, `${TARGET}/ttft`, /did you mean "ttftMs"\?/],
  [
    'something else',
    { [`${LOAD}/colour`]: 1 },
    `${LOAD}/colour`,
    /its fields are requestsPerSec, inputTokens/,
  ],
  ['a key with a slash', { '/a~b': 1 }, '/a~0b', /not a field/],
  ['deep inside', { '/accelerators/1/power/idlewatts': 1 }, '/accelerators/1/power/idlewatts', /"idleWatts"/],
  ['in a choice', { '/solver/option': {} }, '/solver/option', /did you mean "options"\?/],
  [
    'of a capacity',
    { '/capacity/A100': { cards: 1, card: 2 } },
    '/capacity/A100/card',
    /did you mean "cards"\?/,
  ],
];

const MISSING: Row[] = [
  ['no servers', { '/servers': undefined }, '/servers', /is required/],
  [
    'no price',
    { '/accelerators/0/costPerHour': undefined },
    '/accelerators/0/costPerHour',
    /is required: Cost/,
  ],
  [
    'no gamma',
    { [`${PROFILE}/serviceTime/gammaMsPerToken2`]: undefined },
    `${PROFILE}/serviceTime/gammaMsPerToken2`,
    /is required: Time per token of context/,
  ],
  ['a solver without a name', { '/solver': {} }, '/solver/name', /is required: Name of the strategy/],
];

/** Where another field may stand for it. */
const MISSING_BOTH: Row[] = [
  ['no load', { [LOAD]: undefined }, LOAD, /is required: The load offered.*; or loads/],
  [
    'no class',
    { '/servers/0/serviceClass': undefined },
    '/servers/0/serviceClass',
    /is required: Name.*; or loads/,
  ],
  [
    'no output length',
    { [`${LOAD}/outputTokens`]: undefined },
    `${LOAD}/outputTokens`,
    /is required: Mean output length; or sizes/,
  ],
];

const GROUPS = { 'Unknown fields': UNKNOWN, 'Missing fields': MISSING };
for (const [group, rows] of Object.entries(GROUPS)) {
  test(`${group} are refused where they are, once, with what would be right`, async (t) => {
    const app = await service(t);
    for (const [claim, edits, path, says] of rows)
      await refused(t, app, '/optimize', edited(fleet, edits), 400, [[path, says]], claim);
  });
}

test('What is required where nothing stands for it is named, with what would', async (t) => {
  const app = await service(t);
  for (const [claim, edits, path, says] of MISSING_BOTH)
    await refused(t, app, '/optimize', edited(fleet, edits), 422, [[path, says]], claim);
});
