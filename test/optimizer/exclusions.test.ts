import { test } from 'tap';
import { fleetOf, LARGE, LOAD, onlyServer, planOf, SMALL } from './examples.ts';

test('a pinned server only considers what it runs', async (t) => {
  const current = [{ variant: 'large', replicas: 1 }];
  const { allocations, excluded, runnerUp } = onlyServer(fleetOf({}, { current, pinVariant: true }));
  t.equal(allocations[0].variant, 'large');
  t.equal(allocations[0].replicas, 2);
  t.equal(runnerUp, null);
  t.same(excluded, [
    { variant: 'small', code: 'pinned-elsewhere', text: 'The server is pinned to large.', unreachable: null },
  ]);
});

test('a pinned server that runs nothing considers everything', async (t) => {
  t.equal(onlyServer(fleetOf({}, { pinVariant: true })).allocations[0].variant, 'small');
  t.equal(onlyServer(fleetOf({}, { pinVariant: true, current: [] })).allocations[0].variant, 'small');
});

test('a profile without parameters is no candidate, and the answer says so', async (t) => {
  const zero = { ...SMALL, serviceTime: { alphaMs: 0, betaMsPerToken: 0, gammaMsPerToken2: 0 } };
  const { serviceTime: _, ...absent } = SMALL;
  for (const unknown of [zero, absent]) {
    const beside = onlyServer(fleetOf({ profiles: [unknown, LARGE] }));
    t.equal(beside.allocations[0].variant, 'large');
    t.same(
      beside.excluded.map(({ variant, code }) => [variant, code]),
      [['small', 'model-unknown']],
    );
    const alone = onlyServer(fleetOf({ profiles: [unknown] }));
    t.same(alone.allocations, []);
    t.equal(alone.shortfall?.code, 'model-unknown');
    t.equal(alone.reason.code, 'nothing-allocated');
    t.equal(alone.servedFraction, 0);
  }
});

test('replicas of a model that is not known yet are kept, not stopped', async (t) => {
  const { serviceTime: _, ...unknown } = SMALL;
  const current = [{ variant: 'small', replicas: 3, maxBatchSize: 8 }];
  for (const pinVariant of [false, true]) {
    const plan = onlyServer(fleetOf({ profiles: [unknown] }, { current, pinVariant }));
    t.match(plan, {
      allocations: [{ variant: 'small', replicas: 3 }],
      change: { kind: 'none' },
      servedFraction: 1,
    });
    t.equal(plan.reason.code, 'model-unknown');
    t.same([plan.predicted, plan.withinTargets, plan.shortfall], [null, null, null]);
  }
  const beside = onlyServer(fleetOf({ profiles: [unknown, LARGE] }, { current }));
  t.equal(beside.allocations[0].variant, 'large', 'where a known variant may serve, it does');
});

test('a model without profiles is a shortfall of its servers', async (t) => {
  const { allocations, shortfall, servedFraction, excluded } = onlyServer(fleetOf({ profiles: [] }));
  t.same(allocations, []);
  t.equal(shortfall?.code, 'no-profile');
  t.equal(shortfall?.missing, null);
  t.equal(servedFraction, 0);
  t.same(excluded, []);
});

test('an unreachable target is named with the best value that can be reached', async (t) => {
  const { shortfall, excluded, allocations } = onlyServer(fleetOf({ targets: { itlMs: 4, ttftMs: 1_000 } }));
  t.same(allocations, []);
  t.equal(shortfall?.code, 'targets-unreachable');
  t.same(
    excluded.map(({ variant, code, unreachable }) => ({ variant, code, unreachable })),
    [
      {
        variant: 'large',
        code: 'targets-unreachable',
        unreachable: { target: 'itlMs', targetMs: 4, bestMs: 5 },
      },
      {
        variant: 'small',
        code: 'targets-unreachable',
        unreachable: { target: 'itlMs', targetMs: 4, bestMs: 10 },
      },
    ],
  );
  t.match(excluded[0].text, 'ITL is 5 ms with no load, the target is 4 ms.');
});

test('of two targets only one of which cannot be reached, that one is named', async (t) => {
  // Small: TTFT 100 + 10 ms, large 50 + 5 ms.
  const { allocations, excluded, margins, withinTargets } = onlyServer(
    fleetOf({ targets: { itlMs: 40, ttftMs: 60 } }),
  );
  t.equal(allocations[0].variant, 'large');
  t.same(excluded[0].unreachable, { target: 'ttftMs', targetMs: 60, bestMs: 110 });
  t.same(margins, { ttftMs: 5, itlMs: 35, e2eMs: null });
  t.equal(withinTargets, true);
});

test('one server that nothing can serve does not keep the others from their plan', async (t) => {
  const servers = [{ name: 'a' }, { name: 'b', load: { ...LOAD, inputTokens: 10_000 } }, { name: 'c' }];
  const { status, servers: plans, totals } = planOf(fleetOf({ targets: { ttftMs: 200 }, servers }));
  t.equal(status, 'shortfall');
  t.same(
    plans.map(({ name, servedFraction, shortfall }) => [name, servedFraction, shortfall?.code ?? null]),
    [
      ['a', 1, null],
      ['b', 0, 'targets-unreachable'],
      ['c', 1, null],
    ],
  );
  t.same([totals.servers, totals.servedInFull, totals.costPerHour], [3, 2, 12]);
});
