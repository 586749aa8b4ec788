import { test } from 'tap';
import { edited, refused, service } from '../support/service.ts';
import { fleet } from './bodies.ts';
import { CONTRADICTIONS, DANGLING, DUPLICATES, LOADS, UNCERTAINTIES } from './meaningless.ts';

const GROUPS = {
  Duplicates: DUPLICATES,
  'Names that lead nowhere': DANGLING,
  Contradictions: CONTRADICTIONS,
  'Loads told in two ways': LOADS,
  'Uncertainties that cannot be': UNCERTAINTIES,
};
for (const [group, rows] of Object.entries(GROUPS)) {
  test(`${group} are refused as meaningless`, async (t) => {
    const app = await service(t);
    for (const [claim, edits, path, says] of rows)
      await refused(t, app, '/optimize', edited(fleet, edits), 422, [[path, says]], claim);
  });
}

const FORM = { '/servers/0/minReplicas': '1' };
const MEANING = { '/servers/1/serviceClass': 'Fre', '/capacity': { A1OO: 5, G2: 8 } };
const MEANT = [
  ['/servers/1/serviceClass', /did you mean "Free"/],
  ['/capacity/A1OO', /did you mean "A100"/],
] as const;

test('Faults of meaning alone are 422; one fault of form makes all of them 400, and all are named', async (t) => {
  const app = await service(t);
  await refused(t, app, '/optimize', edited(fleet, MEANING), 422, MEANT, 'meaning');
  const both = edited(fleet, { ...MEANING, ...FORM });
  await refused(t, app, '/optimize', both, 400, [...MEANT, ['/servers/0/minReplicas', /integer/]], 'both');
});

test('Every fault of a body is named at once', async (t) => {
  const app = await service(t);
  const rows = [...DUPLICATES.slice(0, 4), DANGLING[0], ...CONTRADICTIONS];
  const edits = Object.assign(
    { '/servers/1/load': 7, '/solver': 'simplex', '/extra': 1 },
    ...rows.map(([, e]) => e),
  );
  const expected = rows.map(([, , path, says]) => [path, says] as const);
  await refused(
    t,
    app,
    '/optimize',
    edited(edited(fleet, edits), { '/servers/2/load': null }),
    400,
    [
      ...expected,
      ['/servers/1/load', /an object or null; it is 7/],
      ['/solver', /there are auto, glpk, greedy, milp, mixed, unlimited/],
      ['/extra', /not a field/],
    ],
    'all',
  );
});
