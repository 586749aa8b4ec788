import { test } from 'tap';
import { optimize } from '../../src/optimizer/optimize.ts';
import queueModel from '../../src/queueing/models/state-dependent.ts';
import type { Fleet, Server } from '../../src/schemas/fleet.ts';
import type { Plan } from '../../src/schemas/plan.ts';
import type { Solver } from '../../src/solvers/solver.ts';
import greedy from '../../src/solvers/strategies/greedy.ts';
import milp from '../../src/solvers/strategies/milp.ts';
import unlimited from '../../src/solvers/strategies/unlimited.ts';
import { forEach } from '../support/properties.ts';
import { fleetOf, SMALL } from './examples.ts';
import { fixedRate } from './fixed-rate.ts';
import { runsOf, withDefaults } from './runs.ts';

await milp.load();

const explained = (
  fleet: Fleet,
  model = fixedRate as Parameters<typeof optimize>[2]['strategy'],
  solver: Solver = milp,
) =>
  optimize(fleet, { strategy: solver, options: {} }, { strategy: model, options: {} }, () => 0, {
    explain: true,
  });

const load = (requestsPerSec: number) => ({ requestsPerSec, inputTokens: 100, outputTokens: 100 });

test('one more card of a short type: what it saves, against the plan with one more', async (t) => {
  // 25 requests/s: 3 small (10 each) for 6, or 2 large (20 each) for 20. Two small cards are one too few.
  const servers: Partial<Server>[] = [{ load: load(25) }];
  const { explanation, totals } = explained(fleetOf({ capacity: { S: 2, L: 16 }, servers }));
  t.equal(totals.costPerHour, 20);
  t.same(explanation?.cards, [{ type: 'S', cards: 1, savesPerHour: 14, servesMore: 0, proven: true }]);
});

test('one more card where somebody is short serves more, for more', async (t) => {
  const servers: Partial<Server>[] = [{ load: load(25) }];
  const { explanation } = explained(fleetOf({ profiles: [SMALL], capacity: { S: 1 }, servers }));
  const [effect] = explanation!.cards;
  t.match(effect, { type: 'S', cards: 1, savesPerHour: -2, proven: true });
  t.ok(Math.abs(effect.servesMore - 1 / 3) < 1e-12);
});

test('where nodes matter it is one more node of the largest kind', async (t) => {
  const capacity = { L: { cards: 4, nodes: [{ cards: 4, count: 1 }] }, S: 0 };
  const { explanation } = explained(fleetOf({ capacity, servers: [{ load: load(40) }] }));
  const effect = explanation?.cards.find(({ type }) => type === 'L');
  t.match(effect, { cards: 4, savesPerHour: -10, servesMore: 0.5 });
});

test('nothing is short, nothing is explained; and nothing is told that was not asked for', async (t) => {
  const fleet = fleetOf({ capacity: { S: 9, L: 16 }, servers: [{ load: load(25) }] });
  t.same(explained(fleet).explanation, { cards: [], looserTargets: [] });
  const plan = optimize(
    fleet,
    { strategy: milp, options: {} },
    { strategy: fixedRate, options: {} },
    () => 0,
  );
  t.equal(plan.explanation, null);
});

/** What a fleet costs and serves with other targets for one server, which gets a class of its own. */
function withLooser(fleet: Fleet, name: string): Fleet {
  const server = fleet.servers.find((entry) => entry.name === name)!;
  const own = fleet.serviceClasses.find((entry) => entry.name === server.serviceClass)!;
  const looser = {
    ...own,
    name: 'looser',
    targets: own.targets.map(({ ttftMs = 0, itlMs = 0, e2eMs = 0, ...rest }) => ({
      ...rest,
      ttftMs: 1.1 * ttftMs,
      itlMs: 1.1 * itlMs,
      e2eMs: 1.1 * e2eMs,
    })),
  };
  return {
    ...fleet,
    serviceClasses: [...fleet.serviceClasses, looser],
    servers: fleet.servers.map((entry) => (entry === server ? { ...entry, serviceClass: 'looser' } : entry)),
  };
}

test('what looser targets are said to save is saved at least, by the fleet with these targets', async (t) => {
  t.setTimeout(120_000);
  let gains = 0;
  const isKept = (before: Plan, fleet: Fleet, solver: Solver) =>
    before.explanation!.looserTargets.every(({ server, savesPerHour, servesMore }) => {
      gains++;
      const after = explained(withLooser(fleet, server), queueModel, solver);
      const served = ({ servers }: Plan) =>
        servers.reduce((sum, { servedFraction }) => sum + servedFraction, 0);
      // The best plan may be better still; what a move is priced at may keep it from costing less.
      const isServed = served(after) >= served(before) + servesMore - 1e-5;
      const isWorth =
        after.solver.objective <=
        before.solver.objective - savesPerHour + 0.1 * before.totals.costPerHour + 1e-6;
      return isServed && (servesMore > 0 || isWorth || served(after) > served(before) + 1e-6);
    });
  for (const solver of [milp, unlimited]) {
    const runs = runsOf(withDefaults(solver), 500)
      .filter(({ fleet }) => !fleet.quotas)
      .map(({ fleet }) => ({ fleet, plan: explained(fleet, queueModel, solver) }));
    forEach(t, solver.name, runs, ({ fleet, plan }) => isKept(plan, fleet, solver));
  }
  t.ok(gains > 20, `${gains} that gain`);
});

test('any solver can be explained', async (t) => {
  const { explanation } = explained(
    fleetOf({ capacity: { S: 2, L: 16 }, servers: [{ load: load(25) }] }),
    fixedRate,
    greedy,
  );
  t.match(explanation?.cards, [{ type: 'S', savesPerHour: 14, proven: false }]);
});
