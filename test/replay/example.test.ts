import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { exampleTrace } from '../../bench/example-trace.ts';
import { tracedRequests } from '../../src/converters/trace-csv.ts';
import { loadFor, optimizeRequest } from '../../src/operations/optimize-request.ts';
import { loadForTuning, tuneRequest } from '../../src/operations/tune-request.ts';
import { loadRegistry } from '../../src/registry.ts';
import { divide } from '../../src/replay/division.ts';
import { replay } from '../../src/replay/replay.ts';
import type { ReplayReport } from '../../src/replay/report.ts';
import { DEFAULT_SETTINGS } from '../../src/replay/settings.ts';
import { Faults } from '../../src/schemas/fault-list.ts';
import type { OptimizeRequest } from '../../src/schemas/plan.ts';
import { PACKAGE_FOLDER } from '../support/command.ts';
import { sharedText, skippedWithout } from '../support/shared-data.ts';

const file = (name: string) => readFile(join(PACKAGE_FOLDER, 'examples', name), 'utf8');
const fleet = JSON.parse(await file('replay-fleet.json')) as OptimizeRequest;
const registry = await loadRegistry();
await loadFor(fleet, registry);
await loadForTuning({}, registry);

function replayed(csv: string, untilSec: number, modelFactors: readonly number[], seed = 1): ReplayReport {
  const faults = new Faults();
  const requests = tracedRequests(csv, faults);
  if (faults.found.length > 0) throw new Error(faults.found[0].message);
  const servers = fleet.servers.map((_, index) => ({ index, share: 1 }));
  const shaping = { fromSec: 0, untilSec, rateFactor: 1, seed };
  const workloads = divide([{ requests, servers }], [[1], [1]], shaping);
  const rest = { settings: { ...DEFAULT_SETTINGS, begin: 'mean' as const }, modelFactors, seed };
  return replay(
    { fleet, workloads, endMs: 1000 * untilSec, ...rest },
    {
      optimize: (request) => optimizeRequest(request, registry),
      tune: (request) => tuneRequest(request, registry),
      nowMs: () => performance.now(),
    },
  );
}

/** A report but for the times of the clock. */
function timeless(report: ReplayReport) {
  return { ...report, runs: report.runs.map((run) => ({ ...run, decisionMs: null })) };
}

const trace = await file('replay-trace.csv');
const report = replayed(trace, 2400, [1, 0.7]);

test('the trace of the example is the one that its script writes', async (t) => {
  t.equal(exampleTrace(), trace);
});

test('every policy counts every request once: met, missed or lost', async (t) => {
  const rows = trace.trim().split('\n').length - 1;
  t.equal(report.requests, rows);
  t.equal(report.runs.length, 10);
  for (const { policy, total, classes, servers } of report.runs) {
    t.equal(total.requests, rows, policy);
    for (const outcome of [total, ...classes, ...servers]) {
      t.equal(outcome.met + outcome.missed + outcome.lost, outcome.requests);
      t.ok(outcome.missed <= outcome.missedTtft + outcome.missedItl);
    }
    const sum = classes.reduce((all, { requests }) => all + requests, 0);
    t.equal(sum, rows);
  }
});

test('what replicas cost is what the samples of them come to', async (t) => {
  const price: Record<string, number> = { L4: 0.7, A10G: 1.6 };
  for (const { policy, cost, cardHours } of report.runs) {
    const ofCards = Object.entries(cardHours).reduce((sum, [type, hours]) => sum + price[type] * hours, 0);
    t.ok(Math.abs(cost - ofCards) < 1e-9 * cost, policy);
  }
  for (const { policy, servers, cardHours } of report.runs.filter(({ changes }) => changes === 0)) {
    const replicas = servers.reduce((sum, { overTime }) => sum + overTime[0].serving, 0);
    const hours = Object.values(cardHours).reduce((sum, value) => sum + value, 0);
    t.ok(Math.abs(hours - (replicas * 2400) / 3600) < 1e-9, policy);
  }
});

test('whoever plans with the true model and looks ahead serves nearly all, and a plan that changes beats one that does not', async (t) => {
  const metBy = (name: string) =>
    report.runs.find(({ policy, modelFactor }) => policy === name && modelFactor === 1)!.total
      .attainmentFraction;
  t.ok(metBy('oracle') > 0.97, String(metBy('oracle')));
  t.ok(metBy('brazier') > metBy('static'));
});

test('with service times taken to be 30 % shorter a plan misses many, unless the tuner learns what they are', async (t) => {
  const metBy = (name: string) =>
    report.runs.find(({ policy, modelFactor }) => policy === name && modelFactor === 0.7)!.total
      .attainmentFraction;
  t.ok(metBy('brazier') < 0.85, String(metBy('brazier')));
  t.ok(metBy('brazier-tuned') > 0.95, String(metBy('brazier-tuned')));
});

test('the same seed gives the same report, another one another', async (t) => {
  const short = (seed: number) => timeless(replayed(trace, 600, [1], seed));
  const once = short(1);
  t.same(short(1), once);
  t.notSame(short(2).runs[0].total, once.runs[0].total);
});

for (const name of ['azure-conv', 'azure-code']) {
  const path = `data/traces/${name}.csv`;
  const skip = skippedWithout(path);
  test(`the trace ${name} is replayed end to end`, { skip }, async (t) => {
    const { requests, runs } = replayed(sharedText(path), 3600, [1]);
    t.equal(requests, sharedText(path).trim().split('\n').length - 1);
    t.equal(runs.length, 5);
    for (const { policy, total } of runs) {
      t.equal(total.met + total.missed + total.lost, requests, policy);
      t.equal(total.lost, 0, 'waiting rooms are unlimited');
    }
  });
}
