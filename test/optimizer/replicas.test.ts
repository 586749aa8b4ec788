import { test } from 'tap';
import type { Server } from '../../src/schemas/fleet.ts';
import { fleetOf, LOAD, onlyServer, planOf, SMALL } from './examples.ts';

// Small alone: 10 requests/s a replica.

const serve = (server: Partial<Server>, targets = {}) =>
  onlyServer(fleetOf({ profiles: [SMALL], targets }, server));
const at = (requestsPerSec: number) => ({ ...LOAD, requestsPerSec });

test('replicas are load over rate, rounded up', async (t) => {
  for (const [load, replicas] of [
    [0.001, 1],
    [10, 1],
    [10.01, 2],
    [25, 3],
    [100, 10],
  ]) {
    const { allocations, servedFraction, shortfall, reason } = serve({ load: at(load) });
    t.equal(allocations[0].replicas, replicas, `${load} requests/s`);
    t.equal(servedFraction, 1);
    t.equal(shortfall, null);
    t.equal(reason.code, replicas === 1 ? 'one-replica' : 'stability-bound');
  }
});

test('at least minReplicas, 1 by default, and the reason says so', async (t) => {
  const { allocations, reason } = serve({ load: at(15), minReplicas: 4 });
  t.equal(allocations[0].replicas, 4);
  t.equal(reason.code, 'min-replicas');
  t.equal(serve({ load: at(31), minReplicas: 4 }).reason.code, 'stability-bound');
});

test('spare replicas come on top of what the load and minReplicas need', async (t) => {
  t.equal(serve({ spareReplicas: 2 }).allocations[0].replicas, 5);
  t.equal(serve({ minReplicas: 4, spareReplicas: 2 }).allocations[0].replicas, 6);
});

test('maxReplicas cuts what is needed, and the shortfall says so', async (t) => {
  const { allocations, servedFraction, reason, shortfall, predicted, withinTargets, costPerHour } = serve({
    spareReplicas: 1,
    maxReplicas: 2,
  });
  t.equal(allocations[0].replicas, 2);
  t.equal(costPerHour, 4);
  t.equal(servedFraction, 0.5);
  t.equal(reason.code, 'max-replicas');
  t.equal(shortfall?.code, 'max-replicas');
  t.same(shortfall?.missing, { variant: 'small', replicas: 2, cardType: 'S', cards: 2 });
  t.equal(predicted?.status, 'overloaded');
  t.equal(withinTargets, false);
});

test('where cards and maxReplicas cut, cards are missed only as far as maxReplicas goes', async (t) => {
  const fleet = (S: number) =>
    fleetOf({ profiles: [SMALL], capacity: { S } }, { load: at(75), maxReplicas: 5 });
  const plan = planOf(fleet(2));
  const [{ shortfall, servedFraction }] = plan.servers;
  t.equal(servedFraction, 2 / 8);
  t.match(shortfall, { code: 'no-capacity', missing: { replicas: 3, cards: 3 } });
  t.match(shortfall?.text, '3 cards of type S short. 8 replicas needed, maxReplicas allows 5.');
  t.has(
    plan.cards.find(({ type }) => type === 'S'),
    { short: 3, enough: 5 },
  );
  const enough = planOf(fleet(5));
  t.match(enough.servers[0].shortfall, { code: 'max-replicas', missing: { replicas: 3 } });
  t.has(
    enough.cards.find(({ type }) => type === 'S'),
    { short: 0, enough: null },
  );
});

test('where maxReplicas cuts, the variant that serves most goes before the cheaper one', async (t) => {
  // 25 requests/s: small needs 3 and serves 2/3 with 2, large needs 2.
  const { allocations, runnerUp, reason, servedFraction } = onlyServer(fleetOf({}, { maxReplicas: 2 }));
  t.equal(allocations[0].variant, 'large');
  t.equal(servedFraction, 1);
  t.has(runnerUp, { variant: 'small', replicas: 2, costPerHour: 4, differencePerHour: -16 });
  t.match(reason.text, 'small would cost 16 per hour less, but serve less');
});

test('a token rate raises the planned rate and keeps a tenth of each replica free', async (t) => {
  // 4500 tokens/s are 45 requests/s, of which a replica may take 9.
  const { allocations, reason, predicted } = serve({}, { minTokensPerSec: 4_500 });
  t.equal(allocations[0].replicas, 5);
  t.equal(reason.code, 'tokens-bound');
  t.equal(predicted?.throughputPerSec, 45);
  t.equal(predicted?.utilizationFraction, 0.9);
  // The load is more than 500 tokens/s: 25/9.
  t.equal(serve({}, { minTokensPerSec: 500 }).allocations[0].replicas, 3);
  t.equal(serve({ load: at(27.1) }, { minTokensPerSec: 500 }).allocations[0].replicas, 4);
});

test('no load with minReplicas 0 needs nothing and is served in full', async (t) => {
  for (const load of [at(0), { ...LOAD, outputTokens: 0 }]) {
    const plan = serve({ load, minReplicas: 0, current: [{ variant: 'small', replicas: 2 }] });
    t.same(plan.allocations, []);
    t.equal(plan.servedFraction, 1);
    t.equal(plan.reason.code, 'no-load');
    t.equal(plan.shortfall, null);
    t.equal(plan.predicted, null);
    t.equal(plan.change.kind, 'stop');
    t.equal(plan.change.costPerHour, -4);
  }
});

test('no load with minReplicas keeps that many, without spare ones', async (t) => {
  const plan = serve({ load: at(0), minReplicas: 2, spareReplicas: 3 });
  t.equal(plan.allocations[0].replicas, 2);
  t.equal(plan.costPerHour, 4);
  t.equal(plan.servedFraction, 1);
  t.equal(plan.reason.code, 'no-load');
  const { predicted } = plan;
  t.same(predicted, {
    status: 'stable',
    ttftMs: 110,
    itlMs: 10,
    responseMs: 1100,
    ttftAtPercentileMs: null,
    itlAtPercentileMs: null,
    waitMs: 0,
    throughputPerSec: 0,
    lossFraction: 0,
    utilizationFraction: 0,
  });
});

test('no load without a mean request predicts nothing', async (t) => {
  const plan = serve({ load: { requestsPerSec: 3, inputTokens: 10, outputTokens: 0 } });
  t.equal(plan.allocations[0].replicas, 1);
  t.equal(plan.predicted, null);
  t.equal(plan.withinTargets, null);
  t.equal(plan.allocations[0].powerWatts, null);
});
