import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tap, { type Test, test } from 'tap';
import { PACKAGE_ROOT } from '../../src/version.ts';
import { objects, run, skippedWithoutKustomize, skippedWithoutPromtool } from '../support/kubernetes.ts';
import { ALERT_CASES } from './alert-cases.ts';

tap.setTimeout(120_000);

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

async function groups(): Promise<{ readonly name: string; readonly rules: readonly Rule[] }[]> {
  const all = await objects('base', ['monitoring']);
  return all.find(({ kind }) => kind === 'PrometheusRule').spec.groups;
}

async function folder(t: Test): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'brazier-alerts-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
}

const seriesOf = (series: Readonly<Record<string, string>>) =>
  Object.entries(series).map(([name, values]) => ({ series: name, values }));

/** How many alerts of a name are firing at a time, as a test of promtool. */
const firing = (alert: string, atMinutes: number, count: number) => ({
  expr: `count(ALERTS{alertname="${alert}",alertstate="firing"})`,
  eval_time: `${atMinutes}m`,
  exp_samples: count === 0 ? [] : [{ labels: '{}', value: count }],
});

test('Every alert fires when it should, and is quiet when it should not be', {
  skip: skippedWithoutPromtool,
}, async (t) => {
  const path = await folder(t);
  const rules = await groups();
  t.same(
    ALERT_CASES.map(({ alert }) => alert),
    rules.flatMap((group) => group.rules.map(({ alert }) => alert)),
    'every alert has its case',
  );
  await writeFile(join(path, 'rules.json'), JSON.stringify({ groups: rules }));
  const tests = ALERT_CASES.flatMap(({ alert, atMinutes, fires, quiet }) => [
    { interval: '1m', input_series: seriesOf(fires), promql_expr_test: [firing(alert, atMinutes, 1)] },
    { interval: '1m', input_series: seriesOf(quiet), promql_expr_test: [firing(alert, atMinutes, 0)] },
  ]);
  const file = join(path, 'tests.json');
  const suite = { rule_files: ['rules.json'], evaluation_interval: '1m', tests };
  await writeFile(file, JSON.stringify(suite));
  const checked = await run('promtool', ['check', 'rules', join(path, 'rules.json')]);
  t.match(checked.stdout, `${ALERT_CASES.length} rules found`);
  const { stdout } = await run('promtool', ['test', 'rules', file]);
  t.match(stdout, 'SUCCESS');

  // The test can fail: the other way round nothing is as expected.
  const wrong = tests.map(({ promql_expr_test: [expected], ...rest }) => ({
    ...rest,
    promql_expr_test: [{ ...expected, exp_samples: [{ labels: '{}', value: 7 }] }],
  }));
  await writeFile(file, JSON.stringify({ ...suite, tests: wrong }));
  await t.rejects(run('promtool', ['test', 'rules', file]));
});

test('Every alert says what is wrong, how bad it is, and where the remedy stands', {
  skip: skippedWithoutKustomize,
}, async (t) => {
  const guide = await readFile(new URL('docs/operations.md', PACKAGE_ROOT), 'utf8');
  const headings = [...guide.matchAll(/^### (\S+)$/gm)].map(([, heading]) => heading);
  const rules = (await groups()).flatMap((group) => group.rules);
  for (const { alert, labels, annotations } of rules) {
    t.match(labels.severity, /^(critical|warning|info)$/, alert);
    t.match(annotations, { summary: /\w/, description: /\w/ }, alert);
    t.equal(annotations.runbook, `docs/operations.md#${alert.toLowerCase()}`);
    t.ok(headings.includes(alert), `${alert} stands in the guide`);
  }
  t.same(
    headings.filter((heading) => heading.startsWith('Brazier')).sort(),
    rules.map(({ alert }) => alert).sort(),
  );
});
