import { test } from 'tap';
import { EXCLUSIONS, REASONS, SHORTFALLS } from '../../src/schemas/plan-codes.ts';
import { CHANGE_KINDS } from '../../src/schemas/server-plan.ts';
import { runsOf, solvers, withDefaults } from './runs.ts';

// What the other properties hold of is worth something only if the random fleets lead to every kind of outcome.

const plans = ['greedy', 'mixed'].flatMap((name) =>
  runsOf(withDefaults(solvers.get(name)!), 1_500).map(({ plan }) => plan),
);
const servers = plans.flatMap((plan) => plan.servers);

/** What only a queue model of measured rates leads to; see measured.test.ts. */
const MEASURED = 'size-unmeasured';
const without = (codes: readonly string[]) => new Set(codes.filter((code) => code !== MEASURED));

test('random fleets lead to every reason', async (t) => {
  t.same(new Set(servers.map(({ reason }) => reason.code)), new Set(Object.keys(REASONS)));
});

test('random fleets lead to every shortfall', async (t) => {
  const codes = servers.flatMap(({ shortfall }) => (shortfall ? [shortfall.code] : []));
  t.same(new Set(codes), without(Object.keys(SHORTFALLS)));
});

test('random fleets lead to every exclusion', async (t) => {
  const codes = servers.flatMap(({ excluded }) => excluded.map(({ code }) => code));
  t.same(new Set(codes), without(Object.keys(EXCLUSIONS)));
});

test('random fleets lead to every change', async (t) => {
  t.same(new Set(servers.map(({ change }) => change.kind)), new Set(CHANGE_KINDS));
});

test('random fleets lead to complete plans and to shortfalls, to partial allocations and to none', async (t) => {
  const count = <T>(entries: readonly T[], holds: (entry: T) => boolean) => entries.filter(holds).length;
  t.ok(count(plans, ({ status, servers }) => status === 'complete' && servers.length > 1) > 50);
  t.ok(count(plans, ({ status }) => status === 'shortfall') > 50);
  t.ok(count(servers, ({ servedFraction }) => servedFraction > 0 && servedFraction < 1) > 20);
  t.ok(count(servers, ({ servedFraction }) => servedFraction === 0) > 50);
  t.ok(count(servers, ({ change }) => change.restartsReplicas) > 20);
});
