import fc from 'fast-check';
import { test } from 'tap';
import { optimize } from '../../src/optimizer/optimize.ts';
import queueModel from '../../src/queueing/models/state-dependent.ts';
import type { Fleet } from '../../src/schemas/fleet.ts';
import type { Objective } from '../../src/schemas/objective.ts';
import type { Plan } from '../../src/schemas/plan.ts';
import type { Solver } from '../../src/solvers/solver.ts';
import milp from '../../src/solvers/strategies/milp.ts';
import mixed from '../../src/solvers/strategies/mixed.ts';
import unlimited from '../../src/solvers/strategies/unlimited.ts';
import { fleets } from '../support/fleets.ts';
import { forAll, near } from '../support/properties.ts';
import { edited, example, post, refused, service } from '../support/service.ts';
import { fleetOf, LOAD } from './examples.ts';
import { fixedRate } from './fixed-rate.ts';

await milp.load();
await mixed.load();

const power = { idleWatts: 100, fullWatts: 300 };

/** Small ones draw what large ones do: 25 requests/s take 3 small ones (6 per hour) or 2 large ones (20 per hour). */
const thirsty: Fleet = (() => {
  const fleet = fleetOf({ power });
  return { ...fleet, accelerators: fleet.accelerators.map((one) => ({ ...one, power })) };
})();

function planOf(
  fleet: Fleet,
  objective: Objective,
  solver: Solver = unlimited,
  model = fixedRate as typeof queueModel,
): Plan {
  return optimize(fleet, { strategy: solver, options: {} }, { strategy: model, options: {} }, () => 0, {
    objective,
  });
}

const chosen = ({ servers: [{ allocations }] }: Plan) =>
  allocations.map(({ variant, replicas }) => `${replicas} ${variant}`);

test('power decides where a watt costs enough', async (t) => {
  // 25/30 of 200 W above 100: 800 W for three small ones; 25/40: 450 W for two large ones. 15.4 per hour more from nothing.
  t.same(chosen(planOf(thirsty, { power: 0.04 })), ['3 small']);
  t.same(chosen(planOf(thirsty, { power: 0.05 })), ['2 large']);
  const { solver, totals, servers } = planOf(thirsty, { power: 0.05 });
  t.equal(totals.powerWatts, 450);
  t.ok(Math.abs(solver.objective - (22 + 0.05 * 450)) < 1e-9);
  t.match(
    servers[0].reason.text,
    /small would cost 14 per hour less, but the objective weighs power and slack/,
  );
});

test('slack prices a server by how full it is', async (t) => {
  // Five sixths against five eighths of a server: 0.2083 of the weight against 15.4.
  t.same(chosen(planOf(thirsty, { slack: 73 })), ['3 small']);
  t.same(chosen(planOf(thirsty, { slack: 75 })), ['2 large']);
});

test('without a price of change a server moves for any saving; without one of cost it stays', async (t) => {
  const current = [{ variant: 'large', replicas: 2 }];
  const fleet = (load: number) => fleetOf({}, { current, load: { ...LOAD, requestsPerSec: load } });
  t.same(chosen(planOf(fleet(25), { change: 0 })), ['3 small']);
  t.same(chosen(planOf(fleet(25), { cost: 0 })), ['2 large']);
  t.same(chosen(planOf(fleet(25), { change: 10 })), ['2 large'], '14 saved, 26 for the move');
});

test('the objective is the weighed sum of what the plan shows, and no other plan of the same service has less', async (t) => {
  t.setTimeout(120_000);
  const weights = fc.record({
    cost: fc.constantFrom(0, 1, 2),
    power: fc.constantFrom(0, 0.01, 0.3),
    change: fc.constantFrom(0, 1, 4),
    slack: fc.constantFrom(0, 5),
  });
  let complete = 0;
  forAll(
    t,
    'random fleets',
    fc.record({ fleet: fleets, weights }),
    ({ fleet, weights: drawn }) => {
      const known = { ...fleet, accelerators: fleet.accelerators.map((one) => ({ power, ...one })) };
      const plan = planOf(known, drawn, milp, queueModel);
      const several = planOf(known, drawn, mixed, queueModel);
      if (plan.status === 'complete' && plan.solver.termination === 'optimal') {
        if (several.solver.objective > plan.solver.objective + 1e-6) return false;
      }
      const isNew = known.servers.every(({ current = [], load }) => current.length === 0 && load !== null);
      if (plan.status !== 'complete' || !isNew) return true;
      complete++;
      const { costPerHour, powerWatts } = plan.totals;
      const full = plan.servers.reduce(
        (sum, { predicted }) => sum + (predicted?.utilizationFraction ?? 0),
        0,
      );
      const idle = plan.servers.some(({ predicted, allocations }) => allocations.length > 0 && !predicted);
      if (idle) return true;
      const expected =
        (drawn.cost + 0.1 * drawn.change) * costPerHour +
        drawn.power * (powerWatts ?? 0) +
        drawn.slack * full;
      return near(plan.solver.objective, expected, 1e-9, 1e-9, 'objective');
    },
    250,
  );
  t.ok(complete > 15, `${complete} complete from nothing`);
});

test('power that is weighed must be known', async (t) => {
  const app = await service(t);
  const body = edited(example('/optimize', 'two classes'), { '/objective': { power: 0.2 } });
  await refused(
    t,
    app,
    '/optimize',
    body,
    422,
    [['/accelerators/0/power', /is required: the objective weighs power/]],
    'A100',
  );
  const known = edited(body, { '/accelerators/0/power': power });
  t.equal((await post(app, '/optimize', known)).status, 200);
});
