import { test } from 'tap';
import type { Comparison } from '../../src/schemas/comparison.ts';
import type { Plan } from '../../src/schemas/plan.ts';
import { answerChecks, edited, example, post, refused, service } from '../support/service.ts';

const fleet = example('/optimize', 'scarce cards');
const withRuns = (...runs: object[]) => edited(fleet, { '/solver': undefined, '/runs': runs });

test('/compare has a row for each run, with the figures of its plan', async (t) => {
  const app = await service(t);
  const faultsOf = await answerChecks(app);
  const names = ['greedy', 'milp', 'unlimited'];
  const { status, body } = await post<Comparison>(
    app,
    '/compare',
    withRuns(...names.map((solver) => ({ solver }))),
  );
  t.equal(status, 200);
  t.strictSame(faultsOf('Comparison', body), []);
  for (const [i, name] of names.entries()) {
    const plan = (await post<Plan>(app, '/optimize', edited(fleet, { '/solver': name }))).body;
    t.match(body.runs[i], {
      solver: name,
      queueModel: 'state-dependent',
      status: plan.status,
      termination: plan.solver.termination,
      costPerHour: plan.totals.costPerHour,
      objective: plan.solver.objective,
      servedInFull: plan.totals.servedInFull,
      changes: plan.servers.filter(({ change }) => change.kind !== 'none').length,
      gapFraction: plan.solver.gapFraction,
      error: null,
    });
  }
  t.equal(body.servers, 2);
  t.ok(body.runs[0].unserved! > 0, 'greedy leaves somebody short');
  t.equal(body.runs[2].unserved, 0, 'without limits nobody is');
});

test('A run without names has the solver and the queue model of /optimize', async (t) => {
  const app = await service(t);
  const { body } = await post<Comparison>(app, '/compare', withRuns({}));
  t.match(body.runs[0], { solver: 'auto', queueModel: 'state-dependent' });
});

test('Faults of runs are named where they are', async (t) => {
  const app = await service(t);
  const body = withRuns({ solver: 'greedy' }, { solver: 'simplex' }, { queueModel: { name: 'none' } });
  const faults: [string, RegExp][] = [
    ['/runs/1/solver', /names the solver "simplex"/],
    ['/runs/2/queueModel/name', /names the queue model "none"/],
  ];
  await refused(t, app, '/compare', body, 422, faults, 'unknown strategies');
  await refused(t, app, '/compare', withRuns(), 400, [['/runs', /at least 1 entries/]], 'no runs');
});
