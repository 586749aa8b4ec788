import { test } from 'tap';
import { type Edits, edited, refused, service } from '../support/service.ts';
import { fleet } from './bodies.ts';

type Row = readonly [edits: Edits, status: number, path: string, says: RegExp];

const NOT_YET: readonly (readonly [path: string, value: unknown])[] = [
  ['/servers/0/load/arrivalCv', 1],
  ['/stability', {}],
];

test('Fields of the design that are not built yet are refused as not supported yet', async (t) => {
  const app = await service(t);
  for (const [path, value] of NOT_YET)
    await refused(
      t,
      app,
      '/optimize',
      edited(fleet, { [path]: value }),
      422,
      [[path, /not supported yet/]],
      path,
    );
});

test('All fields that are not built yet are named at once, and a fault of form beside them is 400', async (t) => {
  const app = await service(t);
  const edits = Object.fromEntries(NOT_YET);
  const expected = NOT_YET.map(([path]) => [path, /not supported yet/] as const);
  await refused(t, app, '/optimize', edited(fleet, edits), 422, expected, 'all');
  const body = edited(fleet, { ...edits, '/models/0/name': '', '/servers/0/model': 'granite_13b' });
  const more = [
    ['/models/0/name', /must not be empty/],
    ['/servers/0/model', /does not exist/],
    ['/servers/1/model', /does not exist/],
  ] as const;
  await refused(t, app, '/optimize', body, 400, [...expected, ...more], 'with a fault of form');
});

const CHOICES: Row[] = [
  [{ '/solver': 'gredy' }, 422, '/solver', /names the solver "gredy".*did you mean "greedy"\?/],
  [
    { '/solver': 'simplex' },
    422,
    '/solver',
    /does not exist; there are auto, glpk, greedy, milp, mixed, unlimited/,
  ],
  [
    { '/solver': { name: 'simplex' } },
    422,
    '/solver/name',
    /there are auto, glpk, greedy, milp, mixed, unlimited/,
  ],
  [{ '/solver': '__proto__' }, 422, '/solver', /does not exist/],
  [{ '/solver': 'constructor' }, 422, '/solver', /does not exist/],
  [{ '/queueModel': { name: 'mm1', options: { x: 1 } } }, 422, '/queueModel/name', /the queue model "mm1"/],
  [
    { '/solver/options': { policy: 'None' } },
    400,
    '/solver/options/policy',
    /its fields are saturationPolicy/,
  ],
  [
    { '/solver/options': { saturationPolicy: 'roundrobin' } },
    400,
    '/solver/options/saturationPolicy',
    /must be one of "None", .*did you mean "RoundRobin"\?/,
  ],
  [
    { '/solver/options': { delayedBestEffort: 'yes' } },
    400,
    '/solver/options/delayedBestEffort',
    /a boolean/,
  ],
  [{ '/solver': { name: 'unlimited', options: { a: 1 } } }, 400, '/solver/options/a', /it has none/],
  [{ '/queueModel/options': { a: 1 } }, 400, '/queueModel/options/a', /not a field/],
  [{ '/solver': '' }, 400, '/solver', /must not be empty/],
];

test('Unknown strategies are named with those that exist, and their options are checked', async (t) => {
  const app = await service(t);
  for (const [edits, status, path, says] of CHOICES)
    await refused(t, app, '/optimize', edited(fleet, edits), status, [[path, says]], JSON.stringify(edits));
});
