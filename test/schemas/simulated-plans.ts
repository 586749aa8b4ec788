import type { Edits, Expected } from '../support/service.ts';

type Row = readonly [claim: string, edits: Edits, status: number, ...faults: Expected[]];

const allocation = { variant: 'G2', replicas: 1 };
export const OF_PLANS: Row[] = [
  [
    'what a station has',
    { '/station': {}, '/requestsPerSec': 1 },
    400,
    ['/station', /must be left out where fleet is given/],
    ['/requestsPerSec', /must be left out/],
    ...['serviceTime', 'maxBatchSize', 'inputTokens', 'outputTokens'].map(
      (field): Expected => [`/station/${field}`, /is required/],
    ),
  ],
  [
    'a rate of its own',
    { '/arrivals': { kind: 'rates', rates: [{ fromSec: 0, requestsPerSec: 1 }] } },
    422,
    ['/arrivals/kind', /whose servers tell their rates; it is "rates"/],
  ],
  [
    'names that lead nowhere',
    {
      '/plan': {
        servers: [
          { name: 'Fre-granite_13b', allocations: [] },
          { name: 'Free-granite_13b', allocations: [{ ...allocation, variant: 'G3' }] },
          { name: 'Free-granite_13b', allocations: [] },
        ],
      },
    },
    422,
    ['/plan/servers/0/name', /names the server "Fre-granite_13b".*did you mean/],
    ['/plan/servers/1/allocations/0/variant', /names the variant "G3".*did you mean "G2"/],
    ['/plan/servers/2/name', /repeats the server/],
  ],
  [
    'a share of nothing',
    {
      '/plan': {
        servers: [
          { name: 'Free-granite_13b', allocations: [{ ...allocation, replicas: 0, loadFraction: 1 }] },
        ],
      },
    },
    422,
    ['/plan/servers/0/allocations/0/replicas', /at least 1, for a load fraction of 1/],
  ],
  [
    'a fault of the fleet, and its solver',
    { '/fleet/servers/0/model': 'granit_13b', '/fleet/solver': 'gredy' },
    422,
    ['/fleet/servers/0/model', /did you mean "granite_13b"/],
    ['/fleet/solver', /did you mean "greedy"/],
  ],
  [
    'an unknown field of a plan',
    { '/plan': { servers: [], total: 1 } },
    400,
    ['/plan/total', /did you mean "totals"/],
  ],
];
