import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'tap';
import { Config } from '../src/config.ts';
import { fitRequest, pointsToFit } from '../src/operations/fit-request.ts';
import { loadFor, optimizeRequest } from '../src/operations/optimize-request.ts';
import { loadForTuning, tuneRequest } from '../src/operations/tune-request.ts';
import { loadRegistry } from '../src/registry.ts';
import { requestChecks } from '../src/schemas/checker.ts';
import type { OptimizeRequest } from '../src/schemas/plan.ts';
import { brazier, PACKAGE_FOLDER } from './support/command.ts';

const readme = await readFile(join(PACKAGE_FOLDER, 'README.md'), 'utf8');

/** What a pattern with one group finds in the README; a README without it fails the test. */
function found(pattern: RegExp): string {
  const match = pattern.exec(readme);
  if (!match) throw new Error(`README.md has nothing like ${pattern}`);
  return match[1];
}

test('the request of the README gets the answer of the README', async (t) => {
  const request = JSON.parse(found(/-d '\n(\{[^']+\})'/)) as OptimizeRequest;
  const answer = JSON.parse(found(/```json\n(\{\n {2}"status"[\s\S]+?)\n```/));
  const registry = await loadRegistry();
  t.same(requestChecks(registry).OptimizeRequest(request), []);
  await loadFor(request, registry);
  const plan = optimizeRequest(request, registry);
  const rounded = (value: unknown) =>
    JSON.parse(
      JSON.stringify(value, (_, item) => (typeof item === 'number' ? Number(item.toPrecision(9)) : item)),
    );
  t.same(rounded({ ...plan, solver: { ...plan.solver, solveMs: answer.solver.solveMs } }), rounded(answer));
});

test('the faults of the README are those that the command line tells', async (t) => {
  const fleet = JSON.parse(found(/-d '\n(\{[^']+\})'/));
  const [{ load, model, ...server }] = fleet.servers;
  fleet.accelerators[0].costPerHour = '40';
  fleet.servers = [{ ...server, model: model.replace('_', '-'), laod: load }];
  const { stderr } = await brazier(['optimize', '-'], JSON.stringify(fleet));
  t.equal(
    stderr.replace('standard input', 'fleet.json'),
    found(/\$ npx \. optimize fleet\.json\n([\s\S]+?)```/),
  );
});

test('the program of the README embeds Brazier as it stands there', async (t) => {
  const fleet = await readFile(join(PACKAGE_FOLDER, 'examples', 'small-fleet.json'), 'utf8');
  const program = found(/```js\n(import [\s\S]+?)```/).replace(
    "'brazier'",
    `'${new URL('../src/index.js', import.meta.url)}'`,
  );
  const source = `const fleet = ${fleet};\n${program}\nexport { plan };`;
  const { plan } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  t.match(plan, { status: 'complete', solver: { name: 'auto', termination: 'optimal' } });
});

test('the solver of the README works as it stands there', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'brazier-'));
  await mkdir(join(folder, 'solvers'));
  await writeFile(join(folder, 'solvers', 'cheapest-first.mjs'), found(/```js\n([\s\S]+?)```/));
  const registry = await loadRegistry(folder);
  const fleet = JSON.parse(await readFile(join(PACKAGE_FOLDER, 'examples', 'small-fleet.json'), 'utf8'));
  const plan = optimizeRequest({ ...fleet, solver: 'cheapest-first' }, registry);
  t.match(plan, { status: 'complete', solver: { name: 'cheapest-first', termination: 'heuristic' } });
});

/** Whether all that an abridged answer shows is in the whole one, numbers within a hundredth. */
function isShownOf(shown: unknown, whole: unknown): boolean {
  if (typeof shown === 'number') return Math.abs(Number(whole) - shown) <= 0.01 * Math.abs(shown);
  if (typeof shown !== 'object' || shown === null) return shown === whole;
  return Object.entries(shown).every(([key, value]) =>
    isShownOf(value, (whole as Record<string, unknown>)?.[key]),
  );
}

test('the benchmarks of the README give the parameters of the README', async (t) => {
  const [, request] = [...readme.matchAll(/-d '\n(\{[^']+\})'/g)].map(([, body]) => JSON.parse(body));
  const registry = await loadRegistry();
  t.same(requestChecks(registry).FitRequest(request), []);
  const answer = fitRequest(request, pointsToFit(request), registry);
  const shown = JSON.parse(found(/```json\n(\{\n {2}"serviceTime"[\s\S]+?)\n```/));
  t.ok(isShownOf(shown, answer), JSON.stringify(answer));
});

test('the observations of the README give the parameters of the README', async (t) => {
  const file = found(/\/tune .+ -d @(\S+)/);
  const request = JSON.parse(await readFile(join(PACKAGE_FOLDER, file), 'utf8'));
  const registry = await loadRegistry();
  t.same(requestChecks(registry).TuneRequest(request), []);
  await loadForTuning(request, registry);
  const [first] = tuneRequest(request, registry).items;
  const shown = JSON.parse(found(/```json\n(\{\n {2}"status": "tracking"[\s\S]+?)\n```/));
  t.ok(isShownOf(shown, first), JSON.stringify(first));
});

test('the README has every estimator', async (t) => {
  for (const name of (await loadRegistry()).estimators.keys()) t.match(readme, `| \`${name}\``);
});

test('the table of the README has every environment variable with its default', async (t) => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]*)`)? \| (.+) \|$/gm)];
  t.same(
    rows.map(([, name, byDefault = '', meaning]) => [name, byDefault, meaning]),
    Object.entries(Config.properties).map(([name, schema]) => {
      const { default: byDefault, description } = schema as { default?: unknown; description?: string };
      return [name, String(byDefault), description];
    }),
  );
});

test('the README names every endpoint', async (t) => {
  const { paths } = JSON.parse(await readFile(join(PACKAGE_FOLDER, 'openapi', 'brazier.json'), 'utf8'));
  for (const path of Object.keys(paths))
    t.match(readme, `\`${'post' in paths[path] ? 'POST' : 'GET'} ${path}\``);
});

test('errors of queue models in the README are those of their document', async (t) => {
  const tables = await readFile(join(PACKAGE_FOLDER, 'docs', 'queue-models.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| `([a-z-]+)` \| (\d.+) \|$/gm)];
  t.ok(rows.length > 2);
  for (const [, model, cells] of rows) {
    const ofModel = tables.split('\n').filter((line) => line.startsWith(`| \`${model}\` |`));
    for (const [errors] of cells.matchAll(/[\d.]+ \/ [\d.]+ %/g))
      t.ok(
        ofModel.some((line) => line.includes(`| ${errors} of`)),
        `${model}: ${errors}`,
      );
  }
});
