import { test } from 'tap';
import { forEach } from '../support/properties.ts';
import { fleetOf, LOAD, planOf, SMALL } from './examples.ts';
import { runsOf, solvers, withDefaults } from './runs.ts';

test('stopping a server that needs nothing counts in the bound as it does in the objective', async (t) => {
  const servers = [
    {
      name: 'idle',
      load: { ...LOAD, requestsPerSec: 0 },
      minReplicas: 0,
      current: [{ variant: 'small', replicas: 5 }],
    },
    { name: 'loaded' },
  ];
  const { status, solver } = planOf(fleetOf({ servers }));
  t.equal(status, 'complete');
  // Stopping 5 replicas of small: −10 + 1; starting 3 of them: 6.6.
  t.equal(solver.objective.toFixed(9), (-2.4).toFixed(9));
  t.equal(solver.bound?.toFixed(9), (-2.4).toFixed(9));
  t.equal(solver.gapFraction?.toFixed(9), (0).toFixed(9));
});

test('the gap is a number where the objective is 0', async (t) => {
  const idle = { load: { ...LOAD, requestsPerSec: 0 }, minReplicas: 0 };
  const servers = [
    // Stopping what costs 22 is worth −22 + 2.2; starting 9 replicas of small 1.1 · 18.
    { ...idle, name: 'idle', current: [{ variant: 'small', replicas: 1, costPerHour: 22 }] },
    { name: 'loaded', load: { ...LOAD, requestsPerSec: 85 } },
  ];
  const { objective, gapFraction } = planOf(fleetOf({ profiles: [SMALL], servers })).solver;
  t.equal(objective, 0);
  t.ok(Number.isFinite(gapFraction), `gap ${gapFraction}`);
});

for (const solver of solvers.values()) {
  test(`${solver.name}: the bound is no more than the objective of a plan that serves all in full`, async (t) => {
    forEach(t, 'bound', runsOf(withDefaults(solver)), ({ plan }) => {
      const { bound, objective, gapFraction } = plan.solver;
      if (bound === null) return gapFraction === null;
      return plan.status === 'shortfall' || (bound <= objective + 1e-9 && gapFraction! >= -1e-9);
    });
  });
}
