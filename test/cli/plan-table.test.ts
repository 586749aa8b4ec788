import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { planTable } from '../../src/cli/plan-table.ts';
import { loadFor, optimizeRequest } from '../../src/operations/optimize-request.ts';
import { loadRegistry } from '../../src/registry.ts';
import { PACKAGE_FOLDER } from '../support/command.ts';

const fleet = JSON.parse(await readFile(join(PACKAGE_FOLDER, 'examples', 'running-fleet.json'), 'utf8'));
const registry = await loadRegistry();
await loadFor(fleet, registry);
const plan = optimizeRequest(fleet, registry);

test('a table that is wider than the terminal tells changes and reasons below', async (t) => {
  const wide = planTable(plan, fleet, Number.POSITIVE_INFINITY);
  t.match(wide, /^server .* change +why$/m);
  const narrow = planTable(plan, fleet, 100);
  t.ok(
    narrow
      .split('\n\n')[0]
      .split('\n')
      .every((line) => line.length <= 100),
  );
  t.match(narrow, /^ {2}nightly-70b: stop 1 → 0; no-load$/m);
  t.notMatch(narrow, /^server .* why$/m);
});

test('servers stand in the order of their priority', async (t) => {
  const names = planTable(plan, fleet, Number.POSITIVE_INFINITY).match(
    /^(chat|agents|summaries|nightly)-\S+/gm,
  );
  t.same(names, ['agents-70b', 'chat-70b', 'chat-8b', 'nightly-70b', 'summaries-8b']);
});

test('a server without a target shows that there is none', async (t) => {
  const [{ targets, ...first }, second] = fleet.serviceClasses;
  const untargeted = targets.map(({ model }: { model: string }) => ({ model }));
  const loose = { ...fleet, serviceClasses: [{ ...first, targets: untargeted }, second] };
  const text = planTable(optimizeRequest(loose, registry), loose, Number.POSITIVE_INFINITY);
  t.match(text, /^chat-70b .* \/ – +[\d.]+ \/ –/m);
});

test('the allocations farthest outside what was measured are told, and how many more there are', async (t) => {
  const at = (asked: number) => ({ asked, from: 10, to: 100, fraction: asked / 100 - 1 });
  const server = plan.servers.find(({ allocations }) => allocations.length > 0)!;
  const allocations = Array.from({ length: 12 }, (_, i) => {
    const inputTokens = at(200 + 10 * i);
    const { fraction } = inputTokens;
    const extrapolation = {
      fraction,
      worst: 'inputTokens' as const,
      inputTokens,
      outputTokens: null,
      inService: null,
    };
    return { ...server.allocations[0], variant: `v${i}`, extrapolation };
  });
  const text = planTable({ ...plan, servers: [{ ...server, allocations }] }, fleet, Number.POSITIVE_INFINITY);
  const [, first] = text.split('Outside what was measured:\n');
  t.equal(
    first.split('\n')[0],
    `  ${server.name} on v11: a prompt of 310 tokens is 3.1 × the largest measured (10–100)`,
  );
  t.match(text, /^ {2}\S+ on v2: .+\n {2}and 2 more\n\n/m);
  t.notMatch(
    planTable(plan, fleet, Number.POSITIVE_INFINITY),
    'Outside',
    'nothing is said where no range is known',
  );
});

test('what more could be served is told where that is known', async (t) => {
  const [first] = plan.solver.service;
  const open = { ...first, priority: 2, servers: 9, served: 7.5, bound: 7.625 };
  const partial = { ...plan, solver: { ...plan.solver, service: [first, open] } };
  const text = planTable(partial, fleet, Number.POSITIVE_INFINITY);
  t.match(text, /^Priority 2: 7.5 of 9 served; at most 0.125 more could be.$/m);
  t.notMatch(text, /^Priority 1/m, 'nothing is said where all is proven');
});

test('the confidence is told, and what was taken to be exact', async (t) => {
  const textOf = (takenAsTheyAre: { model: string; variant: string }[]) => {
    const uncertainty = { confidence: 0.9999, takenAsTheyAre };
    return planTable({ ...plan, uncertainty }, fleet, Number.POSITIVE_INFINITY);
  };
  t.match(textOf([]), /^Sized for targets that hold with 99.99 % confidence.$/m);
  t.match(
    textOf([
      { model: 'a', variant: 'x' },
      { model: 'b', variant: 'y' },
    ]),
    /confidence, but as if exact, for want of standard errors: a on x, b on y.$/m,
  );
  t.notMatch(planTable(plan, fleet, Number.POSITIVE_INFINITY), /confidence/);
});
