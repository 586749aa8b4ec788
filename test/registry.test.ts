import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Test, test } from 'tap';
import { optimizeRequest } from '../src/operations/optimize-request.ts';
import { tuneRequest } from '../src/operations/tune-request.ts';
import { loadRegistry } from '../src/registry.ts';
import { requestChecks } from '../src/schemas/checker.ts';
import { EXAMPLES } from '../src/schemas/examples.ts';
import type { OptimizeRequest } from '../src/schemas/plan.ts';
import type { TuneItem } from '../src/schemas/tune.ts';

const fleet = EXAMPLES['/optimize']['two classes'].value as OptimizeRequest;

const tuning = EXAMPLES['/tune']['a seed and six observations'].value;

// A solver, a queue model and an estimator as a user writes them: one file each, and nothing of ours imported.
const CHEAPEST_FIRST = `
export default {
  name: 'cheapest-first',
  summary: 'Whoever has the cheapest candidate is served first.',
  options: {
    type: 'object',
    properties: { most: { type: 'integer', minimum: 0, description: 'Servers that are served at most.' } },
    additionalProperties: false,
  },
  solve({ servers, limits }, { most = Infinity }) {
    const left = [...limits];
    const assignments = servers.map(() => null);
    const order = servers.map((_, i) => i).sort((a, b) => worth(servers[a]) - worth(servers[b]));
    for (const i of order.filter((i) => servers[i].candidates.length > 0).slice(0, most)) {
      const { uses, replicas } = servers[i].candidates[0];
      if (uses.some(({ limit, perReplica }) => left[limit] < replicas * perReplica)) continue;
      for (const { limit, perReplica } of uses) left[limit] -= replicas * perReplica;
      assignments[i] = { candidate: 0, replicas };
    }
    return { termination: 'heuristic', assignments, bound: null };
  },
};
const worth = ({ candidates }) => candidates[0]?.value ?? Infinity;
`;

const CONSTANT_LATENCY = `
const queue = (maxBatchSize, itlMs) => ({
  maxBatchSize,
  minRequestsPerSec: 0.001,
  maxRequestsPerSec: 2,
  evaluate(rate, metrics) {
    Object.assign(metrics, {
      throughputPerSec: Math.min(rate, 2), lossFraction: 0, waitMs: 0, prefillMs: 5, ttftMs: 5 + itlMs, itlMs,
      responseMs: 500, inService: Math.min(rate, 2) / 2, segment: 0,
    });
  },
  withMaxBatchSize: (limit) => queue(limit, itlMs),
});
export default {
  name: 'constant-latency',
  summary: 'Two requests a second, whatever they are.',
  options: { type: 'object', properties: { itlMs: { type: 'number', default: 7 } }, additionalProperties: false },
  prepare: ({ maxBatchSize }, { itlMs = 7 }) => queue(maxBatchSize, itlMs),
};
`;

const SCALING = `
export default {
  name: 'scaling',
  summary: 'Scales all parameters by what the newest ITL was off.',
  options: {
    type: 'object',
    properties: {
      noiseFraction: { type: 'number', default: 0.05 },
      maxAgeSec: { type: 'number', default: 600 },
      share: { type: 'number', minimum: 0, maximum: 1, default: 0.5, description: 'Part of it.' },
    },
    additionalProperties: false,
  },
  take(track, sighting, expectation, { share }) {
    const expected = new Float64Array(2);
    expectation.write(sighting, track.belief.mean, expected);
    const deviation = [Math.log(sighting.ttftMs) - expected[0], Math.log(sighting.itlMs) - expected[1]];
    track.belief = { ...track.belief, mean: track.belief.mean.map((x) => x + share * deviation[1]) };
    return { accepted: true, reason: null, nis: null, deviation };
  },
};
`;

/** A new directory with these files. */
async function directoryWith(t: Test, files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'brazier-plug-ins-'));
  t.teardown(() => rm(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  return directory;
}

const plugIns = {
  'solvers/cheapest-first.mjs': CHEAPEST_FIRST,
  'queue-models/constant-latency.mjs': CONSTANT_LATENCY,
  'estimators/scaling.mjs': SCALING,
};

test('a solver is added by one file', async (t) => {
  const registry = await loadRegistry(await directoryWith(t, plugIns));
  t.ok(registry.solvers.has('greedy'), 'ours stay');
  const request: OptimizeRequest = { ...fleet, solver: { name: 'cheapest-first', options: { most: 1 } } };
  const { solver, servers, totals } = optimizeRequest(request, registry);
  t.same([solver.name, solver.termination], ['cheapest-first', 'heuristic']);
  t.equal(totals.servedInFull, 1);
  // Scaling what the premium class runs is cheaper than starting for the free class.
  t.same(
    servers.map(({ name, allocations }) => [name, allocations.length]),
    [
      ['Free-granite_13b', 0],
      ['Premium-granite_13b', 1],
    ],
  );
  t.equal(optimizeRequest({ ...fleet, solver: 'cheapest-first' }, registry).status, 'complete');
});

test('a queue model is added by one file', async (t) => {
  const registry = await loadRegistry(await directoryWith(t, plugIns));
  const plan = optimizeRequest({ ...fleet, queueModel: 'constant-latency' }, registry);
  t.equal(plan.queueModel.name, 'constant-latency');
  for (const { predicted } of plan.servers) t.match(predicted, { itlMs: 7, ttftMs: 12, waitMs: 0 });
  // 4 and 1 requests/s at 2 a replica.
  t.same(
    plan.servers.map(({ allocations }) => allocations[0].replicas),
    [2, 1],
  );
  const slower = { name: 'constant-latency', options: { itlMs: 41 } };
  const [, premium] = optimizeRequest({ ...fleet, queueModel: slower }, registry).servers;
  t.equal(premium.shortfall?.code, 'targets-unreachable');
});

test('an estimator is added by one file', async (t) => {
  const registry = await loadRegistry(await directoryWith(t, plugIns));
  t.ok(registry.estimators.has('auto'), 'ours stay');
  const [{ seed, observations, ...item }] = tuning.items as Required<TuneItem>[];
  const request = { items: [{ ...item, seed, observations: observations.slice(0, 1) }] };
  const scaled = (share: number) => {
    const estimator = { name: 'scaling', options: { share } };
    const [{ serviceTime, diagnostics, faults }] = tuneRequest({ ...request, estimator }, registry).items;
    t.same(faults, []);
    t.match(diagnostics, { estimator: 'scaling', accepted: 1 });
    return serviceTime!.alphaMs / seed!.alphaMs;
  };
  t.ok(Math.abs(scaled(0) - 1) < 1e-9);
  t.ok(Math.abs(scaled(0.5) ** 2 / scaled(1) - 1) < 1e-9, 'the options reach it');
  t.ok(scaled(1) > 1.05, 'more than the seed says was observed');
});

test('a check knows the estimators that were added, and their options', async (t) => {
  const { TuneRequest: faults } = requestChecks(await loadRegistry(await directoryWith(t, plugIns)));
  const faultsWith = (estimator: unknown) => faults({ ...tuning, estimator });
  t.same(faultsWith('scaling'), []);
  t.same(faultsWith({ name: 'scaling', options: { share: 1 } }), []);
  t.match(faultsWith({ name: 'scaling', options: { share: 2 } }), [{ path: '/estimator/options/share' }]);
  t.match(faultsWith('scalign'), [{ path: '/estimator', message: /did you mean "scaling"/ }]);
});

test('the name and the options of a plug-in reach the check of requests', async (t) => {
  const { OptimizeRequest: faults } = requestChecks(await loadRegistry(await directoryWith(t, plugIns)));
  const faultsWith = (options: object) => faults({ ...fleet, solver: { name: 'cheapest-first', options } });
  t.same(faultsWith({ most: 1 }), []);
  t.match(faultsWith({ most: -1 }), [{ path: '/solver/options/most' }]);
  t.match(faultsWith({ least: 1 }), [{ path: '/solver/options/least' }]);
  t.match(faults({ ...fleet, solver: 'cheapest-frist' }), [{ path: '/solver', message: /cheapest-first/ }]);
  const { OptimizeRequest: withoutIt } = requestChecks(await loadRegistry());
  t.match(withoutIt({ ...fleet, solver: 'cheapest-first' }), [{ path: '/solver' }]);
});

test('strategies are listed in the order of their names', async (t) => {
  const { solvers } = await loadRegistry(await directoryWith(t, plugIns));
  const names = [...solvers.keys()];
  t.ok(names.includes('cheapest-first'));
  t.same(names, [...names].sort());
});

test('a directory without a folder for a kind adds none of it; other files are passed over', async (t) => {
  const files = {
    'solvers/README.md': '# Notes',
    'solvers/cheapest-first.d.ts': 'export {};',
    'other/x.mjs': 'boom(',
  };
  const [plain, added] = [await loadRegistry(), await loadRegistry(await directoryWith(t, files))];
  t.same([...added.solvers.keys()], [...plain.solvers.keys()]);
  t.same([...added.queueModels.keys()], [...plain.queueModels.keys()]);
});

test('a file that is no plug-in is refused, with its path and what is wrong', async (t) => {
  const solver = (name: string, rest: string) => `export default { name: '${name}', ${rest} };`;
  for (const [file, text, fault] of [
    ['solvers/mine.mjs', CHEAPEST_FIRST, `its name is "cheapest-first", its file's "mine"`],
    ['solvers/mine.mjs', 'export const name = 1;', 'it has no default export that is an object'],
    ['solvers/mine.mjs', 'export default () => {};', 'it has no default export that is an object'],
    ['solvers/mine.mjs', solver('mine', 'options: {}, solve() {}'), 'it has no summary'],
    [
      'solvers/mine.mjs',
      solver('mine', `summary: '', solve() {}`),
      'its options are no JSON schema: schema must be object or boolean',
    ],
    [
      'solvers/mine.mjs',
      solver('mine', `summary: '', options: { type: 'nonsense' }, solve() {}`),
      'its options are no JSON schema: schema is invalid: data/type must be equal to one of the allowed values, ' +
        'data/type must be array, data/type must match a schema in anyOf',
    ],
    ['solvers/mine.mjs', solver('mine', `summary: '', options: {}`), 'it has no solve function'],
    [
      'queue-models/mine.mjs',
      solver('mine', `summary: '', options: {}, solve() {}`),
      'it has no prepare function',
    ],
    [
      'estimators/mine.mjs',
      solver('mine', `summary: '', options: {}, solve() {}`),
      'it has no take function',
    ],
    ['estimators/auto.mjs', SCALING.replace("'scaling'", "'auto'"), 'the name auto is taken'],
    ['solvers/greedy.mjs', CHEAPEST_FIRST.replace('cheapest-first', 'greedy'), 'the name greedy is taken'],
  ]) {
    const directory = await directoryWith(t, { [file]: text });
    await t.rejects(loadRegistry(directory), { message: `${join(directory, file)} is no plug-in: ${fault}` });
  }
});

test('a directory that is not there, and a file that cannot be read as a module, are named', async (t) => {
  const missing = join(tmpdir(), 'no-such-directory-of-plug-ins');
  await t.rejects(loadRegistry(missing), {
    message: `the directory of plug-ins, ${missing}, cannot be read: `,
  });
  const broken = await directoryWith(t, { 'solvers/broken.mjs': 'export default {' });
  await t.rejects(loadRegistry(broken), { message: join(broken, 'solvers', 'broken.mjs') });
  const declarations = await directoryWith(t, { 'solvers/mine.d.mts': 'export {};' });
  t.equal((await loadRegistry(declarations)).solvers.has('mine'), false);
});
