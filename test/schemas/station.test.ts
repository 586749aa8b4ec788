import { test } from 'tap';
import { stationFaults } from '../../src/schemas/station-meaning.ts';
import { type Edits, edited, example, post, refused, service } from '../support/service.ts';
import { analysis } from './bodies.ts';

type Row = readonly [claim: string, edits: Edits, status: number, path: string, says: RegExp];

const STATION_OF_LAWS = { maxBatchSize: 8, inputTokens: 100, outputTokens: 100 };
const ZERO = { alphaMs: 0, betaMsPerToken: 0, gammaMsPerToken2: 0 };
const STATION: Row[] = [
  ['no parameters', { '/station/serviceTime': ZERO }, 422, '/station/serviceTime', /all zero.*not known yet/],
  [
    'a token that takes no time',
    { '/station/serviceTime': { ...ZERO, betaMsPerToken: 1, decodeMsPerToken: 0 } },
    422,
    '/station/serviceTime/decodeMsPerToken',
    /must be above 0 where alphaMs and gammaMsPerToken2 are 0/,
  ],
  [
    'more cached than there is',
    { '/station/cachedInputTokens': 999 },
    422,
    '/station/cachedInputTokens',
    /at most/,
  ],
  ['no output', { '/station/outputTokens': 0 }, 400, '/station/outputTokens', /at least 1; it is 0/],
  ['no batch', { '/station/maxBatchSize': 0 }, 400, '/station/maxBatchSize', /at least 1; it is 0/],
  ['no budget', { '/station/maxBatchTokens': 0 }, 400, '/station/maxBatchTokens', /at least 1; it is 0/],
  [
    'text',
    { '/station/serviceTime/alphaMs': '20' },
    400,
    '/station/serviceTime/alphaMs',
    /finite number; it is "20"/,
  ],
  ['1e999', { '/station/inputTokens': Infinity }, 400, '/station/inputTokens', /it is Infinity/],
  [
    'a misspelt field',
    { '/station/batchSize': 1 },
    400,
    '/station/batchSize',
    /did you mean "maxBatchSize"\?/,
  ],
  [
    'nothing that the queue model works with',
    { '/station/serviceTime': undefined },
    422,
    '/station/serviceTime',
    /is required: the queue model works with it/,
  ],
  [
    'no measured rates for a model of such',
    { '/queueModel': 'measured' },
    422,
    '/station/throughput',
    /is required: the queue model works with it/,
  ],
  ['no station', { '/station': undefined }, 400, '/station', /is required/],
  ['another queue model', { '/queueModel': 'mm1' }, 422, '/queueModel', /there are .*state-dependent/],
];

const RATES: Row[] = [
  ['no rate', { '/requestsPerSec': undefined }, 400, '/requestsPerSec', /is required: One rate, a list/],
  ['zero', { '/requestsPerSec': 0 }, 400, '/requestsPerSec', /at least 1e-9; it is 0/],
  ['negative', { '/requestsPerSec': -1 }, 400, '/requestsPerSec', /at least 1e-9; it is -1/],
  ['huge', { '/requestsPerSec': 1e7 }, 400, '/requestsPerSec', /at most 1000000; it is 10000000/],
  ['1e999', { '/requestsPerSec': Infinity }, 400, '/requestsPerSec', /it is Infinity/],
  [
    'text',
    { '/requestsPerSec': '1' },
    400,
    '/requestsPerSec',
    /a finite number or an array or an object; it is "1"/,
  ],
  [
    'null',
    { '/requestsPerSec': null },
    400,
    '/requestsPerSec',
    /a finite number or an array or an object; it is null/,
  ],
  ['an empty list', { '/requestsPerSec': [] }, 400, '/requestsPerSec', /at least 1 entries; it has 0/],
  ['text in a list', { '/requestsPerSec': [1, '2'] }, 400, '/requestsPerSec/1', /a finite number; it is "2"/],
  ['zero in a list', { '/requestsPerSec': [0] }, 400, '/requestsPerSec/0', /at least 1e-9; it is 0/],
  ['half a range', { '/requestsPerSec': { from: 1 } }, 400, '/requestsPerSec/to', /is required: Last rate/],
  [
    'a misspelt range',
    { '/requestsPerSec': { from: 1, to: 2, point: 3 } },
    400,
    '/requestsPerSec/point',
    /"points"/,
  ],
  [
    'a range backwards',
    { '/requestsPerSec': { from: 2, to: 1 } },
    422,
    '/requestsPerSec/to',
    /at least from, 2; it is 1/,
  ],
  [
    'a range of no points',
    { '/requestsPerSec': { from: 1, to: 2, points: 0 } },
    400,
    '/requestsPerSec/points',
    /at least 1; it is 0/,
  ],
];

for (const [group, rows] of Object.entries({ 'Faults of a station': STATION, 'Faults of a rate': RATES })) {
  test(`${group} are refused where they are, once`, async (t) => {
    const app = await service(t);
    for (const [claim, edits, status, path, says] of rows)
      await refused(t, app, '/analyze', edited(analysis, edits), status, [[path, says]], claim);
  });
}

test('A station with every optional field is accepted', async (t) => {
  const app = await service(t);
  t.equal((await post(app, '/analyze', analysis)).status, 200);
});

test('/size and /concurrency check the station, the targets and the queue model', async (t) => {
  const app = await service(t);
  const edits = {
    '/station/serviceTime': ZERO,
    '/targets/itlMs': 20,
    '/targets/ttftMs': -1,
    '/targets/ttftPercentile': 0.4,
    '/queueModel': 'state-dependant',
  };
  for (const url of ['/size', '/concurrency'] as const) {
    const body = edited(example(url, 'targets'), edits);
    await refused(
      t,
      app,
      url,
      body,
      400,
      [
        ['/station/serviceTime', /all zero/],
        ['/targets/ttftMs', /at least 0; it is -1/],
        ['/targets/ttftPercentile', /at least 0.5; it is 0.4/],
        ['/queueModel', /did you mean "state-dependent"\?/],
      ],
      url,
    );
  }
});

test('each law takes its own parameters, all of them, and no others', async (t) => {
  const base = { alphaMs: 8, betaMsPerToken: 0.03, gammaMsPerToken2: 1e-4 };
  const faultsOf = (own: object) =>
    stationFaults({ ...STATION_OF_LAWS, serviceTime: { ...base, ...own } }, '').map(
      ({ path, message }) => `${path} ${message}`,
    );
  t.same(faultsOf({ law: 'power', batchExponent: 0.8 }), []);
  t.same(faultsOf({ law: 'two-regime', kneeTokens: 256, betaBeyondKneeMsPerToken: 0.1 }), []);
  t.same(faultsOf({ law: 'linear' }), []);
  t.same(faultsOf({ law: 'power' }), ['/serviceTime/batchExponent is required: the law power needs it']);
  t.same(faultsOf({ batchExponent: 0.8 }), [
    '/serviceTime/batchExponent belongs to the law power, and the law here is linear',
  ]);
  t.same(faultsOf({ law: 'two-regime', batchExponent: 1, kneeTokens: 9 }), [
    '/serviceTime/batchExponent belongs to the law power, and the law here is two-regime',
    '/serviceTime/betaBeyondKneeMsPerToken is required: the law two-regime needs it',
  ]);
});
