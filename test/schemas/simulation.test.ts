import { test } from 'tap';
import { type Edits, type Expected, edited, example, refused, service } from '../support/service.ts';
import { OF_PLANS } from './simulated-plans.ts';

type Row = readonly [claim: string, edits: Edits, status: number, ...faults: Expected[]];

const station = example('/simulate', 'a station');
const fleet = example('/simulate', 'a plan');

const OF_STATION: Row[] = [
  ['no station', { '/station': undefined }, 422, ['/station', /is required: One replica.*or a fleet/]],
  ['no rate', { '/requestsPerSec': undefined }, 422, ['/requestsPerSec', /is required: Mean rate/]],
  [
    'no service time',
    { '/station/serviceTime': undefined },
    400,
    ['/station/serviceTime', /is required: Iteration time/],
  ],
  [
    'a model that is not known',
    { '/station/serviceTime': { alphaMs: 0, betaMsPerToken: 0, gammaMsPerToken2: 0 } },
    422,
    ['/station/serviceTime', /all zero/],
  ],
  [
    'more cached than there is',
    { '/station/cachedInputTokens': 129 },
    422,
    ['/station/cachedInputTokens', /at most inputTokens/],
  ],
  [
    'replicas told twice',
    { '/pools': [{ replicas: 1 }] },
    422,
    ['/replicas', /must be left out where pools is given/],
  ],
  [
    'a plan without its fleet',
    { '/plan': { servers: [] } },
    422,
    ['/fleet', /is required: what the plan is for/],
  ],
  ['hours of work', { '/requests': 2_000_001 }, 400, ['/requests', /at most 2000000/]],
  ['no time', { '/seconds': 0 }, 400, ['/seconds', /greater than 0/]],
  ['half a seed', { '/seed': 1.5 }, 400, ['/seed', /an integer/]],
  [
    'an unknown balancer',
    { '/balancer': 'rand' },
    400,
    ['/balancer', /one of "round-robin".*did you mean "random"/],
  ],
];

const POOLS = { '/replicas': undefined };
const OF_POOLS: Row[] = [
  [
    'a pool without a station',
    { ...POOLS, '/station': undefined, '/pools': [{ replicas: 1 }] },
    422,
    ['/station', /pools that each have one/],
  ],
  [
    'a share beside none, and a name twice',
    {
      ...POOLS,
      '/pools': [
        { name: 'a', replicas: 1, share: 1 },
        { name: 'a', replicas: 1 },
      ],
    },
    422,
    ['/pools/1/share', /other pools tell theirs/],
    ['/pools/1/name', /repeats the pool "a" of \/pools\/0/],
  ],
  [
    'a pool of an unknown model',
    {
      ...POOLS,
      '/pools': [
        {
          replicas: 1,
          station: {
            maxBatchSize: 1,
            inputTokens: 1,
            outputTokens: 1,
            serviceTime: { alphaMs: 0, betaMsPerToken: 0, gammaMsPerToken2: 0 },
          },
        },
      ],
    },
    422,
    ['/pools/0/station/serviceTime', /all zero/],
  ],
  ['no replica ever', { ...POOLS, '/pools': [{ replicas: 0 }] }, 422, ['/pools', /at least one replica/]],
  [
    'too many replicas together',
    { ...POOLS, '/pools': [{ replicas: 1500 }, { replicas: 1500 }] },
    422,
    ['/pools', /at most 2000 replicas.*it is 3000/],
  ],
];

const stop = (atSec: number, replicas: number, pool?: string) => ({
  atSec,
  action: 'stop',
  replicas,
  ...(pool && { pool }),
});
const OF_CHANGES: Row[] = [
  [
    'more stopped than serve, in the order of time',
    { '/changes': [stop(20, 2), stop(10, 1)] },
    422,
    ['/changes/0/replicas', /at most 1, what serves then; it is 2/],
  ],
  [
    'a pool that does not exist, and one that is not told',
    {
      ...POOLS,
      '/pools': [{ name: 'old', replicas: 1 }, { replicas: 1 }],
      '/changes': [stop(1, 1, 'odl'), stop(2, 1)],
    },
    422,
    ['/changes/0/pool', /names the pool "odl".*did you mean "old"/],
    ['/changes/1/pool', /is required: there are several/],
  ],
];

const OF_ARRIVALS: Row[] = [
  ['no kind', { '/arrivals': {} }, 400, ['/arrivals/kind', /is required: one of "poisson"/]],
  [
    'an unknown kind',
    { '/arrivals': { kind: 'gama' } },
    400,
    ['/arrivals/kind', /must be one of "poisson".*did you mean "gamma"/],
  ],
  [
    'a kind with what another has',
    { '/arrivals': { kind: 'constant', cv: 1 } },
    400,
    ['/arrivals/cv', /not a field of ConstantArrivals/],
  ],
  ['no variability', { '/arrivals': { kind: 'gamma' } }, 400, ['/arrivals/cv', /is required/]],
  [
    'rates that go back in time',
    {
      '/arrivals': {
        kind: 'rates',
        rates: [
          { fromSec: 5, requestsPerSec: 1 },
          { fromSec: 4, requestsPerSec: 1 },
        ],
      },
    },
    422,
    ['/arrivals/rates/1/fromSec', /at least that of the entry before, 5; it is 4/],
  ],
  [
    'a trace that does',
    {
      '/arrivals': {
        kind: 'trace',
        requests: [
          { atSec: 5, inputTokens: 1, outputTokens: 1 },
          { atSec: 4, inputTokens: 1, outputTokens: 1 },
        ],
      },
    },
    422,
    ['/arrivals/requests/1/atSec', /at least that of the entry before/],
  ],
  [
    'lengths of two kinds',
    { '/lengths': { input: { kind: 'constant' }, output: { kind: 'constan' } } },
    400,
    ['/lengths/output/kind', /did you mean "constant"/],
  ],
  [
    'half of the lengths',
    { '/lengths': { input: { kind: 'constant' } } },
    400,
    ['/lengths/output', /is required/],
  ],
];

const GROUPS = {
  'a station': [station, OF_STATION],
  pools: [station, OF_POOLS],
  changes: [station, OF_CHANGES],
  arrivals: [station, OF_ARRIVALS],
  plans: [fleet, OF_PLANS],
} as const;
for (const [group, [body, rows]] of Object.entries(GROUPS)) {
  test(`Faults of a simulation are named where they are: ${group}`, async (t) => {
    const app = await service(t);
    for (const [claim, edits, status, ...faults] of rows)
      await refused(t, app, '/simulate', edited(body, edits), status, faults, claim);
  });
}
