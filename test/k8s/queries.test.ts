import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { objects, run, skippedWithoutKustomize, skippedWithoutPromtool } from '../support/kubernetes.ts';
import { example, listening, post } from '../support/service.ts';

/** Labels that Prometheus adds to what it scrapes, and those of histograms. */
const ADDED = ['namespace', 'pod', 'job', 'instance', 'le'];

/** Every query of the alerts and of the dashboard, with Grafana's variables filled in. */
async function queries(): Promise<string[]> {
  const all = await objects('base', ['monitoring', 'dashboard']);
  const rule = all.find(({ kind }) => kind === 'PrometheusRule');
  const alerts: string[] = rule.spec.groups.flatMap((group: { rules: { expr: string }[] }) =>
    group.rules.map(({ expr }) => expr),
  );
  const { data } = all.find(({ metadata }) => metadata.labels?.grafana_dashboard === '1');
  const { panels } = JSON.parse(data['brazier.json']) as { panels: { targets?: { expr: string }[] }[] };
  const shown = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  if (shown.length < 10) throw new Error(`the dashboard shows ${shown.length} queries only`);
  return [
    ...alerts,
    ...shown.map((expr) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$namespace', 'n')),
  ];
}

/** The metrics of a service that has been asked all kinds of things. */
async function exposed(t: Test): Promise<string> {
  const { app, url } = await listening(t);
  await post(app, '/optimize', example('/optimize', 'two classes'));
  await post(app, '/optimize', example('/optimize', 'scarce cards'));
  await post(app, '/optimize', {});
  return (await fetch(`${url}/metrics`)).text();
}

/** The labels of every sample name. */
function labelsOf(metrics: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const line of metrics.split('\n')) {
    const [, name, labels = ''] = /^([a-z_0-9]+)(?:\{(.*)\})? /.exec(line) ?? [];
    if (!name) continue;
    const known = found.get(name) ?? new Set();
    for (const [, label] of labels.matchAll(/(\w+)="/g)) known.add(label);
    found.set(name, known);
  }
  return found;
}

test('Every query asks for metrics and labels that the service really has', {
  skip: skippedWithoutKustomize,
}, async (t) => {
  const labels = labelsOf(await exposed(t));
  for (const query of await queries()) {
    const names = [...query.matchAll(/\b((?:brazier|process|nodejs)_\w+)/g)].map(([, name]) => name);
    if (names.length === 0) {
      t.match(query, /^absent\(up\{/, 'only the absence of all is told without a metric of ours');
      continue;
    }
    t.same(
      names.filter((name) => !labels.has(name)),
      [],
      query,
    );
    const known = new Set([...ADDED, ...names.flatMap((name) => [...(labels.get(name) ?? [])])]);
    const matched = [...query.matchAll(/(\w+)=~?"/g)].map(([, label]) => label);
    const grouped = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => list.split(/,\s*/));
    t.same(
      [...matched, ...grouped].filter((label) => !known.has(label)),
      [],
      query,
    );
  }
});

test('Prometheus can read every query, and every metric of ours', {
  skip: skippedWithoutPromtool,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'brazier-queries-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, 'rules.json');
  const check = async (expressions: readonly string[]) => {
    const rules = expressions.map((expr, i) => ({ record: `query:${i}`, expr }));
    await writeFile(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
    return run('promtool', ['check', 'rules', file]);
  };
  const all = await queries();
  t.match((await check(all)).stdout, `${all.length} rules found`);
  await t.rejects(check([...all, 'sum by (']), 'the check can fail');

  const ours = (await exposed(t)).split('\n').filter((line) => /^(# (HELP|TYPE) )?brazier_/.test(line));
  t.ok(ours.length > 50);
  const promtool = spawn('promtool', ['check', 'metrics']);
  let told = '';
  promtool.stdout.on('data', (chunk) => {
    told += chunk;
  });
  promtool.stderr.on('data', (chunk) => {
    told += chunk;
  });
  promtool.stdin.end(`${ours.join('\n')}\n`);
  const [status] = await once(promtool, 'close');
  t.equal(status, 0, told);
});
