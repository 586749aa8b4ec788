import { test } from 'tap';
import { optimize } from '../../src/optimizer/optimize.ts';
import queueModel from '../../src/queueing/models/state-dependent.ts';
import type { Profile } from '../../src/schemas/model.ts';
import unlimited from '../../src/solvers/strategies/unlimited.ts';
import { fleetOf, LARGE, onlyServer, planOf, SMALL } from './examples.ts';

// α of 10 ms alone: a request of 99 output tokens and one prefill chunk is in service for 100 · 10 ms = 1 s.
const SECOND: Profile = {
  ...SMALL,
  atTokens: 99,
  serviceTime: { alphaMs: 10, betaMsPerToken: 0, gammaMsPerToken2: 0 },
};
const load = (requestsPerSec: number) => ({ requestsPerSec, inputTokens: 100, outputTokens: 99 });

test('too few replicas show their overload: with an unlimited waiting room latencies have no bound', async (t) => {
  // 10 requests in a batch, each a second: 10 requests/s, 9.99 of them within the stable range: 3 replicas.
  const fleet = fleetOf(
    { profiles: [SECOND], capacity: { S: 2 }, targets: { ttftMs: 5_000, itlMs: 20 } },
    { load: load(25) },
  );
  const plan = onlyServer(fleet, queueModel);
  t.equal(plan.allocations[0].replicas, 2);
  t.equal(plan.servedFraction, 2 / 3);
  t.equal(plan.reason.code, 'cards-short');
  t.equal(plan.shortfall?.code, 'no-capacity');
  t.same(plan.shortfall?.missing, { variant: 'small', replicas: 1, cardType: 'S', cards: 1 });
  t.equal(plan.withinTargets, false);
  const { status, ttftMs, waitMs, itlMs, throughputPerSec, utilizationFraction } = plan.predicted!;
  t.same([status, ttftMs, waitMs], ['overloaded', null, null]);
  t.equal(throughputPerSec.toFixed(6), '20.000000');
  t.equal(utilizationFraction.toFixed(6), '1.000000');
  t.equal(itlMs!.toFixed(6), '10.000000');
  t.equal(plan.margins.ttftMs, null);
  t.equal(plan.margins.itlMs?.toFixed(6), '10.000000');
});

test('too few replicas show their overload: a full waiting room turns requests away', async (t) => {
  // One request in service for 1 s and one waiting: at ρ the shares of 0, 1, 2 requests are as 1 : ρ : ρ².
  // Sized at ρ = 0.999 a replica completes 0.999·(1 + ρ)/(1 + ρ + ρ²) = 0.6663 a second: 6 requests/s need 10.
  const fleet = fleetOf(
    { profiles: [SECOND], capacity: { S: 2 } },
    { load: load(6), maxBatchSize: 1, maxQueueLength: 1 },
  );
  const plan = onlyServer(fleet, queueModel);
  t.equal(plan.servedFraction, 0.2);
  // Two replicas have ρ = 3 each: 9/13 of the requests are lost, 2 · 3 · 4/13 are completed, and the mean wait is
  // (9/13)/(12/13) s.
  const { status, lossFraction, throughputPerSec, waitMs, ttftMs } = plan.predicted!;
  t.equal(status, 'overloaded');
  t.equal(lossFraction.toFixed(9), (9 / 13).toFixed(9));
  t.equal(throughputPerSec.toFixed(9), (24 / 13).toFixed(9));
  t.equal(waitMs?.toFixed(6), '750.000000');
  t.ok(ttftMs! > 750 && ttftMs! < 800, `TTFT ${ttftMs}`);
  t.equal(plan.withinTargets, false);
});

test('what runs for an unknown load is kept, and its cards are taken before all others', async (t) => {
  const servers = [
    { name: 'known', serviceClass: 'first' },
    { name: 'unknown', load: null, current: [{ variant: 'small', replicas: 4 }] },
  ];
  const {
    servers: plans,
    cards,
    status,
  } = planOf(fleetOf({ profiles: [SMALL], capacity: { S: 5 }, servers }));
  const [known, unknown] = plans;
  t.equal(known.allocations[0].replicas, 1);
  t.equal(known.servedFraction, 1 / 3);
  t.equal(unknown.allocations[0].replicas, 4);
  t.equal(unknown.costPerHour, 8);
  t.equal(unknown.servedFraction, 1);
  t.equal(unknown.change.kind, 'none');
  t.equal(unknown.reason.code, 'load-unknown');
  t.same([unknown.predicted, unknown.withinTargets, unknown.runnerUp], [null, null, null]);
  t.equal(status, 'shortfall');
  t.same(
    cards.filter(({ type }) => type === 'S'),
    [{ type: 'S', capacity: 5, used: 5, left: 0, short: 2, enough: 7 }],
  );
});

test('what is kept may take more cards than there are; nobody else gets one then', async (t) => {
  const servers = [
    { name: 'known' },
    { name: 'unknown', load: null, current: [{ variant: 'small', replicas: 4 }] },
  ];
  const { servers: plans, cards } = planOf(fleetOf({ profiles: [SMALL], capacity: { S: 3 }, servers }));
  t.same(plans[0].allocations, []);
  t.equal(plans[0].shortfall?.code, 'no-capacity');
  t.same(
    cards.filter(({ type }) => type === 'S'),
    [{ type: 'S', capacity: 3, used: 4, left: -1, short: 3, enough: 7 }],
  );
});

test('an unknown load with fewer than minReplicas is short, and nothing is started', async (t) => {
  const current = [{ variant: 'small', replicas: 1 }];
  const plan = onlyServer(fleetOf({}, { load: null, current, minReplicas: 4 }));
  t.equal(plan.allocations[0].replicas, 1);
  t.equal(plan.servedFraction, 0.25);
  t.equal(plan.shortfall?.code, 'load-unknown');
  const nothing = onlyServer(fleetOf({}, { load: null }));
  t.same(nothing.allocations, []);
  t.equal(nothing.servedFraction, 0);
  t.equal(onlyServer(fleetOf({}, { load: null, minReplicas: 0 })).servedFraction, 1);
});

test('cards of an accelerator and accelerators of a replica multiply, and so does the cost', async (t) => {
  const profiles = [{ ...LARGE, acceleratorsPerReplica: 2 }];
  const { servers, cards } = planOf(fleetOf({ profiles, capacity: { L: 15 } }));
  // 4 · 2 cards a replica: of the 2 replicas needed one fits.
  t.equal(servers[0].allocations[0].replicas, 1);
  t.equal(servers[0].costPerHour, 20);
  t.equal(servers[0].shortfall?.missing?.cards, 8);
  t.same(cards[0], { type: 'L', capacity: 15, used: 8, left: 7, short: 8, enough: 16 });
  t.same(cards[1], { type: 'S', capacity: null, used: 0, left: null, short: 0, enough: null });
});

test('what a solver gives beyond the cards is its fault, unless it says that it ignores them', async (t) => {
  const fleet = fleetOf({ profiles: [SECOND], capacity: { S: 2 } }, { load: load(25) });
  const planned = (ignoresLimits: boolean) =>
    optimize(
      fleet,
      { strategy: { ...unlimited, ignoresLimits }, options: {} },
      { strategy: queueModel, options: {} },
      () => 0,
    );
  t.has(
    planned(true).cards.find(({ type }) => type === 'S'),
    { used: 3, left: -1 },
  );
  t.throws(() => planned(false), /solver unlimited: more is given than the limits allow/);
});

test('where a quota is in the way, though cards are left, the shortfall names it', async (t) => {
  const servers = [{ name: 'first', serviceClass: 'first' }, { name: 'second' }];
  const capacity = { S: 10 };
  const quotas = [{ serviceClasses: ['second'], type: 'S', cards: 1 }];
  const plan = planOf({ ...fleetOf({ profiles: [SMALL], capacity, servers }), quotas });
  t.has(
    plan.cards.find(({ type }) => type === 'S'),
    { left: 6, short: 2, enough: null },
  );
  const [first, second] = plan.servers;
  t.equal(first.shortfall, null);
  t.equal(
    second.shortfall?.text,
    '2 replicas of small missing: 2 cards of type S short. The quota of second has 0 of its 1 cards left.',
  );
  // Where cards alone are short, it is not named.
  const scarce = planOf({
    ...fleetOf({ profiles: [SMALL], capacity: { S: 4 }, servers }),
    quotas: [{ ...quotas[0], cards: 9 }],
  });
  t.equal(scarce.servers[1].shortfall?.text, '2 replicas of small missing: 2 cards of type S short.');
});
