import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'tap';
import { Config } from '../src/config.ts';
import { fitRequest, pointsToFit } from '../src/operations/fit-request.ts';
import { loadFor, optimizeRequest } from '../src/operations/optimize-request.ts';
import { loadForTuning, tuneRequest } from '../src/operations/tune-request.ts';
import { loadRegistry } from '../src/registry.ts';
import { requestChecks } from '../src/schemas/checker.ts';
import type { OptimizeRequest } from '../src/schemas/plan.ts';
import { brazier, PACKAGE_FOLDER } from './support/command.ts';

const text = (file: string) => readFile(join(PACKAGE_FOLDER, file), 'utf8');
const readme = await text('README.md');
const parameters = await text('docs/parameters.md');

/** What a pattern with one group finds in a document; one without it fails the test. */
function found(pattern: RegExp, document = readme): string {
  const match = pattern.exec(document);
  if (!match) throw new Error(`nothing like ${pattern}`);
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
  const fleet = await text('examples/small-fleet.json');
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
  const fleet = JSON.parse(await text('examples/small-fleet.json'));
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

test('the benchmarks in the document of parameters give its parameters', async (t) => {
  const request = JSON.parse(found(/-d '\n(\{[^']+\})'/, parameters));
  const registry = await loadRegistry();
  t.same(requestChecks(registry).FitRequest(request), []);
  const answer = fitRequest(request, pointsToFit(request), registry);
  const shown = JSON.parse(found(/```json\n(\{\n {2}"serviceTime"[\s\S]+?)\n```/, parameters));
  t.ok(isShownOf(shown, answer), JSON.stringify(answer));
});

test('the observations in the document of parameters give its parameters', async (t) => {
  const request = JSON.parse(await text(found(/\/tune .+ -d @(\S+)/, parameters)));
  const registry = await loadRegistry();
  t.same(requestChecks(registry).TuneRequest(request), []);
  await loadForTuning(request, registry);
  const [first] = tuneRequest(request, registry).items;
  const shown = JSON.parse(found(/```json\n(\{\n {2}"status": "tracking"[\s\S]+?)\n```/, parameters));
  t.ok(isShownOf(shown, first), JSON.stringify(first));
});

test('every solver, queue model and estimator has a line in its document', async (t) => {
  const registry = await loadRegistry();
  const solvers = await text('docs/solvers.md');
  for (const name of registry.solvers.keys())
    for (const document of [readme, solvers]) t.match(document, `| \`${name}\``);
  for (const name of registry.queueModels.keys()) t.match(readme, `| \`${name}\``);
  for (const name of registry.estimators.keys()) t.match(parameters, `| \`${name}\``);
});

test('every link of a document leads to a file, and to a heading of it', async (t) => {
  const documents = ['README.md', 'CONTRIBUTING.md', 'examples/README.md', 'k8s/README.md'].concat(
    (await readdir(join(PACKAGE_FOLDER, 'docs')))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  );
  for (const document of documents) {
    for (const [, path, heading] of (await text(document)).matchAll(
      /\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g,
    )) {
      const file = path ? join(dirname(document), path) : document;
      t.ok(existsSync(join(PACKAGE_FOLDER, file)), `${document}: ${path}`);
      if (!heading) continue;
      const headings = [...(await text(file)).matchAll(/^#+ (.+)$/gm)].map(([, words]) =>
        words
          .toLowerCase()
          .replace(/[^\p{L}\p{N} -]/gu, '')
          .replaceAll(' ', '-'),
      );
      t.ok(headings.includes(heading), `${document}: ${file}#${heading}`);
    }
  }
});

test('the table of the guide to operations has every environment variable with its default', async (t) => {
  const rows = [
    ...(await text('docs/operations.md')).matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]*)`)? \| (.+) \|$/gm),
  ];
  t.same(
    rows.map(([, name, byDefault = '', meaning]) => [name, byDefault, meaning]),
    Object.entries(Config.properties).map(([name, schema]) => {
      const { default: byDefault, description } = schema as { default?: unknown; description?: string };
      return [name, String(byDefault), description];
    }),
  );
});

test('the README names every endpoint', async (t) => {
  const { paths } = JSON.parse(await text('openapi/brazier.json'));
  for (const path of Object.keys(paths))
    t.match(readme, `\`${'post' in paths[path] ? 'POST' : 'GET'} ${path}\``);
});

test('errors of queue models in the README are those of their document', async (t) => {
  const tables = await text('docs/queue-models.md');
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
