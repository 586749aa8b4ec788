import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { optimize } from '../../src/optimizer/optimize.ts';
import stateDependent from '../../src/queueing/models/state-dependent.ts';
import type { Fleet, Server } from '../../src/schemas/fleet.ts';
import mixed from '../../src/solvers/strategies/mixed.ts';
import { PACKAGE_FOLDER } from '../support/command.ts';
import { fleetOf } from './examples.ts';
import { fixedRate } from './fixed-rate.ts';

// 25 requests/s; a small replica carries 10 for 2 per hour, a large one 20 for 10 per hour.

await mixed.load();

function served(capacity: Record<string, number>, server: Partial<Server> = {}) {
  const fleet = fleetOf({ capacity }, server);
  return optimize(fleet, { strategy: mixed, options: {} }, { strategy: fixedRate, options: {} }, () => 0);
}

test('two variants share a load where the cheaper one alone is short', async (t) => {
  const { servers, solver, cards, totals } = served({ S: 1, L: 16 });
  const [{ allocations, predicted, reason, runnerUp, change, ...server }] = servers;
  t.same(
    allocations.map(({ variant, replicas, loadFraction }) => ({ variant, replicas, loadFraction })),
    [
      { variant: 'large', replicas: 1, loadFraction: 2 / 3 },
      { variant: 'small', replicas: 1, loadFraction: 1 / 3 },
    ],
  );
  t.equal(server.costPerHour, 12);
  t.equal(server.servedFraction, 1);
  t.equal(server.withinTargets, true);
  t.equal(server.shortfall, null);
  t.match(solver, { objective: 13.2, bound: 13.2, termination: 'optimal' });
  t.same(
    cards.map(({ type, used }) => [type, used]),
    [
      ['L', 4],
      ['S', 1],
    ],
  );
  t.equal(totals.costPerHour, 12);
  t.match(reason, { code: 'mixed', text: /^1 large \(20 requests\/s each\) and 1 small \(10 .*share 25/ });
  t.match(runnerUp, { variant: 'small', replicas: 3, costPerHour: 6, preferred: true });
  t.match(change, { kind: 'start', costPerHour: 12 });
  // Both are used to 25/30; ITL is 5 ms on large and 10 ms on small, seen by two thirds and one third of the requests.
  t.ok(Math.abs(predicted!.itlMs! - 20 / 3) < 1e-9);
  t.ok(Math.abs(predicted!.utilizationFraction - 25 / 30) < 1e-9);
  t.ok(Math.abs(predicted!.throughputPerSec - 25) < 1e-9);
});

test('one variant alone where that is best', async (t) => {
  const [{ allocations, reason }] = served({ S: 3, L: 16 }).servers;
  t.same(
    allocations.map(({ variant, replicas }) => [variant, replicas]),
    [['small', 3]],
  );
  t.equal(reason.code, 'stability-bound');
});

test('what runs and stays is not paid for; a second variant next to it is a move', async (t) => {
  const current = [{ variant: 'large', replicas: 1 }];
  const [{ change, allocations }] = served({ S: 1, L: 16 }, { current }).servers;
  t.equal(allocations.length, 2);
  t.match(change, { kind: 'move', costPerHour: 2 });
});

test('exactly what runs has the value 0, whatever it costs by contract', async (t) => {
  const planOf = (S: number, costPerHour: number) => {
    const current = [
      { variant: 'large', replicas: 1, costPerHour },
      { variant: 'small', replicas: 1 },
    ];
    const { servers, solver } = served({ S, L: 16 }, { current });
    return [
      solver.termination,
      solver.objective.toFixed(6),
      ...servers[0].allocations.map(({ variant, replicas }) => `${replicas} ${variant}`),
    ];
  };
  // 3 small instead: 6 − (3 + 2) + 0.1 · 3 is more than 0, though less than 12 − 5.
  t.same(planOf(3, 3), ['optimal', '0.000000', '1 large', '1 small']);
  // 2 large instead: 20 − (30 + 2) + 0.1 · 2. What runs saves nothing, though it would cost 12 bought anew.
  t.same(planOf(1, 30), ['optimal', '-11.800000', '2 large']);
});

test('a mix of too few cards serves in part, and says how much is missing', async (t) => {
  const [{ servedFraction, shortfall, reason, predicted }] = served(
    { S: 1, L: 4 },
    {
      load: { requestsPerSec: 50, inputTokens: 100, outputTokens: 100 },
    },
  ).servers;
  // One of three large and one of five small.
  t.ok(Math.abs(servedFraction - (1 / 3 + 1 / 5)) < 1e-12);
  t.match(reason, { code: 'cards-short', text: /serve 53.33 % of what is needed/ });
  t.match(shortfall, { code: 'no-capacity', missing: { variant: 'small', replicas: 3, cards: 3 } });
  t.equal(predicted?.status, 'overloaded');
});

test('without a load no replicas are spare, of one variant or of several', async (t) => {
  const load = { requestsPerSec: 0, inputTokens: 100, outputTokens: 100 };
  const [{ allocations, servedFraction }] = served(
    { S: 1, L: 4 },
    { load, minReplicas: 2, spareReplicas: 3 },
  ).servers;
  t.same(
    allocations.map(({ variant, replicas }) => [variant, replicas]),
    [
      ['large', 1],
      ['small', 1],
    ],
  );
  t.equal(servedFraction, 1);
});

test('the limits of the server hold for all variants together', async (t) => {
  const load = { requestsPerSec: 25, inputTokens: 100, outputTokens: 100 };
  const replicasOf = (server: Partial<Server>) =>
    served({ S: 1, L: 160 }, { load, ...server }).servers[0].allocations.map(
      ({ variant, replicas }) => `${replicas} ${variant}`,
    );
  t.same(replicasOf({ minReplicas: 3 }), ['2 large', '1 small']);
  t.same(replicasOf({ spareReplicas: 1 }), ['2 large', '1 small']);
  t.same(replicasOf({ maxReplicas: 2 }), ['1 large', '1 small']);
});

test('what columns cannot decide is decided all the same: the over-subscribed example is proven', async (t) => {
  const file = join(PACKAGE_FOLDER, 'examples', 'over-subscribed.json');
  const fleet = JSON.parse(readFileSync(file, 'utf8')) as Fleet;
  const { solver } = optimize(
    fleet,
    { strategy: mixed, options: { timeLimitSec: 60 } },
    { strategy: stateDependent, options: {} },
    () => 0,
  );
  t.match(solver, { termination: 'optimal', gapFraction: 0 });
  for (const { served, bound } of solver.service) t.equal(served, bound);
});
