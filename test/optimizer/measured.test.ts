import { test } from 'tap';
import type { Server } from '../../src/schemas/fleet.ts';
import greedy from '../../src/solvers/strategies/greedy.ts';
import milp from '../../src/solvers/strategies/milp.ts';
import mixed from '../../src/solvers/strategies/mixed.ts';
import { fleetOf, held, LONG, planOf, RATES, SHORT, sizes } from './measured-fleets.ts';

await milp.load();
await mixed.load();

test('profiles of measured rates are sized by them; latencies are not told', async (t) => {
  const plan = planOf(fleetOf({ load: { requestsPerSec: 25, ...SHORT } }), greedy);
  t.same(held(plan), ['3 small']);
  const [{ predicted, withinTargets, margins, reason, allocations }] = plan.servers;
  t.match(predicted, { status: 'stable', ttftMs: null, itlMs: null, waitMs: null, throughputPerSec: 25 });
  t.ok(Math.abs(predicted!.utilizationFraction - 25 / 30) < 1e-12);
  t.equal(withinTargets, true);
  t.same(margins, { ttftMs: null, itlMs: null, e2eMs: null });
  t.match(reason.text, /The highest stable rate allows 10 requests\/s per replica: 25 need 3 replicas/);
  t.equal(allocations[0].maxBatchSize, null, 'nobody told one');
});

test('of several sizes one variant serves 1 / Σ(share / rate)', async (t) => {
  const plan = planOf(fleetOf({ load: { requestsPerSec: 20, sizes: sizes(0.75) } }), greedy);
  // 0.75/20 + 0.25/8 s a request: 14.55 a second.
  t.same(held(plan), ['2 large']);
  const [{ excluded }] = plan.servers;
  t.match(excluded, [
    { variant: 'small', code: 'size-unmeasured', text: /of 1000 \+ 500 tokens; none is ex/ },
  ]);
});

test('a load that full replicas just carry takes no further one', async (t) => {
  const load = {
    requestsPerSec: 3,
    sizes: [
      { ...SHORT, share: 0.4 },
      { ...SHORT, inputTokens: 1_000, share: 0.2 },
      { ...LONG, share: 0.4 },
    ],
  };
  const fleet = fleetOf({ load });
  const throughput = [
    { ...SHORT, requestsPerSec: 1 },
    { ...SHORT, inputTokens: 1_000, requestsPerSec: 1.5 },
    { ...LONG, requestsPerSec: 0.5 },
  ];
  const profiles = ['small', 'large'].map((accelerator) => ({ accelerator, throughput }));
  // 0.4/1 + 0.2/1.5 + 0.4/0.5 s a request, 4/3 s: 3 requests a second take 4 replicas. 3 / (1 / (4/3)) is more than 4 by rounding.
  for (const solver of [greedy, milp, mixed]) {
    const plan = planOf({ ...fleet, capacity: { S: 4 }, models: [{ name: 'model', profiles }] }, solver);
    t.same(held(plan), ['4 small'], solver.name);
    t.match(plan.servers[0], { servedFraction: 1, predicted: { status: 'stable' } });
    if (solver !== greedy) t.match(plan.solver, { termination: 'optimal', gapFraction: 0 });
  }
});

test('mixed sends each size where it is served for least, and says what goes where', async (t) => {
  const plan = planOf(fleetOf({ load: { requestsPerSec: 20, sizes: sizes(0.75) } }));
  // 5 long ones a second take 0.625 of a large replica; the rest of it takes 7.5 short ones, one small replica the others.
  t.same(held(plan), ['1 large', '1 small']);
  const [{ routing, allocations, servedFraction, reason, predicted, costPerHour }] = plan.servers;
  t.equal(costPerHour, 6);
  t.equal(servedFraction, 1);
  t.equal(reason.code, 'mixed');
  t.match(reason.text, /share 20 requests\/s\. large alone would cost 4 per hour more/);
  const of = (variant: string, inputTokens: number) =>
    routing.find((route) => route.variant === variant && route.inputTokens === inputTokens)?.fraction ?? 0;
  t.equal(of('large', 1_000), 1);
  t.equal(of('small', 1_000), 0);
  t.ok(Math.abs(of('large', 100) + of('small', 100) - 1) < 1e-9);
  t.ok(15 * of('small', 100) <= 10 + 1e-6 && 15 * of('large', 100) <= 7.5 + 1e-6, 'neither has too much');
  for (const { predicted: own, loadFraction } of allocations) {
    t.equal(own!.status, 'stable');
    t.ok(Math.abs(own!.throughputPerSec - 20 * loadFraction!) < 1e-6);
  }
  t.ok(Math.abs(predicted!.throughputPerSec - 20) < 1e-6);
});

test('a size that no variant serves is named; the others are served', async (t) => {
  const load = {
    requestsPerSec: 20,
    sizes: [...sizes(0.5).slice(0, 1), { ...LONG, inputTokens: 9_000, share: 0.5 }],
  };
  const [{ servedFraction, shortfall, allocations }] = planOf(fleetOf({ load })).servers;
  t.equal(servedFraction, 0.5);
  t.equal(shortfall?.code, 'size-unmeasured');
  t.match(shortfall?.text, /requests of 9000 \+ 500 tokens/);
  t.same([allocations[0].variant, allocations[0].replicas], ['small', 1]);
  t.equal(allocations[0].loadFraction, 0.5, 'of all requests, as routing tells');
  t.match(allocations[0].predicted, { status: 'stable', throughputPerSec: 10 });
  const [alone] = planOf(fleetOf({ load }), greedy).servers;
  t.match(alone, { servedFraction: 0, shortfall: { code: 'size-unmeasured' } });
});

test('a server of which only some sizes can be served counts for no more than these', async (t) => {
  const fleet = fleetOf({ name: 'whole', load: { requestsPerSec: 10, ...SHORT } }, { small: RATES.small });
  const partly = { requestsPerSec: 20, sizes: sizes(0.5) };
  const servers = [{ ...fleet.servers[0], name: 'partly', load: partly }, ...fleet.servers];
  // Either takes the one card; serving all of one is worth more than half of the other, whoever comes first by name.
  const { servers: planned, solver } = planOf({ ...fleet, servers, capacity: { S: 1 } });
  t.same(
    planned.map(({ name, servedFraction }) => [name, servedFraction]),
    [
      ['partly', 0],
      ['whole', 1],
    ],
  );
  t.match(solver.service, [{ served: 1, bound: 1 }]);
  t.equal(solver.termination, 'optimal');
  // With a card for each no plan serves more than this: one and a half.
  const most = planOf({ ...fleet, servers, capacity: { S: 2 } });
  t.match(most.solver.service, [{ served: 1.5, bound: 1.5 }]);
});

test('without a load nothing is routed: variants that stand by may not serve every size', async (t) => {
  const fleet = fleetOf({ load: { requestsPerSec: 0, sizes: sizes(0.5) }, minReplicas: 2 });
  const plan = planOf({ ...fleet, capacity: { S: 1, L: 10 } });
  t.same(held(plan), ['1 large', '1 small']);
  t.equal(plan.servers[0].servedFraction, 1);
  t.same(plan.servers[0].routing, []);
});

test('a profile without measured rates is not known yet', async (t) => {
  const fleet = fleetOf({ load: { requestsPerSec: 1, ...SHORT } });
  const [{ throughput: _, ...profile }] = fleet.models[0].profiles;
  const plan = planOf({ ...fleet, models: [{ name: 'model', profiles: [profile] }] });
  t.match(plan.servers[0], {
    shortfall: { code: 'model-unknown' },
    excluded: [{ text: /no measured rates/ }],
  });
});

test('a pool that classes share: rates add up, the strictest target and the highest priority count', async (t) => {
  const share = (serviceClass: string, requestsPerSec: number, size = SHORT) => ({
    serviceClass,
    requestsPerSec,
    ...size,
  });
  const fleet = fleetOf({ loads: [share('class', 15), share('strict', 5, LONG)] });
  delete (fleet.servers[0] as Partial<Server>).serviceClass;
  delete (fleet.servers[0] as Partial<Server>).load;
  const plan = planOf(fleet);
  // As the histogram above, but that a replica that owes tokens is sized at 90 %: 9.5 short ones a second are left.
  t.same(held(plan), ['1 large', '2 small']);
  t.equal(plan.totals.servedInFull, 1);
  const quotas = [{ serviceClasses: ['strict'], type: 'L', cards: 0 }];
  t.equal(
    planOf({ ...fleet, quotas }).servers[0].shortfall?.code,
    'no-capacity',
    'a quota of any of its classes binds',
  );
});
