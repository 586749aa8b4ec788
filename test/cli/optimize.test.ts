import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'tap';
import { EXAMPLES } from '../../src/schemas/examples.ts';
import type { Plan } from '../../src/schemas/plan.ts';
import { brazier, PACKAGE_FOLDER } from '../support/command.ts';
import { listening } from '../support/service.ts';

const example = (name: string) => join(PACKAGE_FOLDER, 'examples', name);
const fleet = EXAMPLES['/optimize']['two classes'].value;

test('a complete plan is a table of all servers, and exit status 0', async (t) => {
  const { status, stdout, stderr } = await brazier(['optimize', example('small-fleet.json')]);
  t.equal(status, 0);
  t.equal(stderr, '');
  t.match(
    stdout,
    /^Premium-granite_13b\s+G2\s+2\s+38\s+59\.8 \/ 1000\s+28\.3 \/ 40\s+46\s+start\s+ttft-bound/m,
  );
  t.match(stdout, 'Complete: 15 of 15 servers served in full.');
  t.match(stdout, /^G2\s+413\s+512\s+99$/m, 'the cards used and left');
});

test('a plan with shortfalls names who lacks what, and exit status 2', async (t) => {
  const { status, stdout } = await brazier(['optimize', example('over-subscribed.json')]);
  t.equal(status, 2);
  t.match(
    stdout,
    /Premium-llama_70b: [\d.]+ % served\. \d+ replicas of G2 missing: \d+ cards of type G2 short\./,
  );
  t.match(stdout, 'unbounded / 1000 !');
});

test('a running fleet shows what changes and what is left alone', async (t) => {
  const { status, stdout } = await brazier(['optimize', example('running-fleet.json')]);
  t.equal(status, 0);
  t.match(stdout, /^chat-8b.*move from 2 bf16-h100 \+ 1 fp8-h100 \(1 starting\)/m);
  t.match(stdout, /^agents-70b.*none\s+load-unknown$/m);
  t.match(stdout, /^nightly-70b.*stop 1 → 0\s+no-load$/m);
});

test('the large example serves more than fifty servers on ten accelerators and more', async (t) => {
  const { servers, accelerators } = JSON.parse(await readFile(example('large-fleet.json'), 'utf8'));
  t.ok(servers.length >= 50 && accelerators.length >= 10);
  const { status, stdout } = await brazier(['optimize', example('large-fleet.json'), '--format', 'json']);
  t.equal(status, 0);
  t.equal((JSON.parse(stdout) as Plan).totals.servedInFull, servers.length);
});

test('standard input and flags for solver and format are taken', async (t) => {
  const input = JSON.stringify(fleet);
  const { status, stdout } = await brazier(
    ['optimize', '-', '--solver', 'unlimited', '--format', 'json'],
    input,
  );
  t.equal(status, 0);
  t.match(JSON.parse(stdout), { status: 'complete', solver: { name: 'unlimited', termination: 'optimal' } });
});

test('a system of llm-inferno is translated', async (t) => {
  const input = JSON.stringify(EXAMPLES['/inferno/optimizeOne'].system.value);
  const { status, stdout } = await brazier(['optimize', '-', '--from', 'inferno', '--format', 'json'], input);
  t.equal(status, 0);
  t.match(JSON.parse(stdout), {
    servers: [{ name: 'Premium-granite_13b', allocations: [{ variant: 'A100', replicas: 2 }] }],
  });
});

test('a running service gives the same plan as computing in place', async (t) => {
  const { url: server } = await listening(t);
  const args = ['optimize', example('small-fleet.json'), '--format', 'json'];
  const [there, here] = await Promise.all([brazier([...args, '--server', server]), brazier(args)]);
  const withoutTime = ({ stdout }: { stdout: string }) => {
    const plan = JSON.parse(stdout) as Plan;
    return { ...plan, solver: { ...plan.solver, solveMs: 0 } };
  };
  t.equal(there.status, 0);
  t.same(withoutTime(there), withoutTime(here));
  const refused = await brazier(['optimize', '-', '--server', server], '{"servers": 1}');
  t.equal(refused.status, 1);
  t.match(refused.stderr, /^standard input: 4 faults\n.*\/servers {2}must be an array; it is 1/s);
});

test('bad input ends with status 1 and names the file and every path', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'brazier-'));
  const file = join(folder, 'fleet.json');
  const [first, second] = structuredClone(fleet).servers;
  await writeFile(
    file,
    JSON.stringify({
      ...fleet,
      servers: [
        { ...first, model: 'granite' },
        { ...second, lod: 1 },
      ],
    }),
  );
  const { status, stdout, stderr } = await brazier(['optimize', file]);
  t.equal(status, 1);
  t.equal(stdout, '');
  t.match(stderr, `${file}: 2 faults\n`);
  t.match(stderr, '/servers/0/model  names the model "granite", which does not exist');
  t.match(stderr, '/servers/1/lod  is not a field of Server; did you mean "load"?');
});

test('what cannot be read or reached ends with status 1 and one sentence', async (t) => {
  const cases: [string[], string, RegExp][] = [
    [['optimize', 'no-such.json'], '', /^no-such\.json: there is no such file\n$/],
    [['optimize', '.'], '', /^\.: it is a folder\n$/],
    [['optimize', '-'], '{"servers": [', /^standard input: cannot be read as JSON: .+\n$/],
    [['optimize', example('small-fleet.json'), '--server', 'http://127.0.0.1:9'], '', /cannot be reached/],
    [['optimise', 'x.json'], '', /Did you mean optimize\?/],
    [['optimize', 'x.json', '--sovler', 'greedy'], '', /Unknown argument: sovler/],
    [['optimize'], '', /^Name a file; - for standard input\.\nbrazier --help lists/],
    [['size', example('station.json'), '--ttft'], '', /^Not enough arguments following: ttft\n/],
    [['fit', example('station.json'), '--batch', '--plot', 'x.svg'], '', /following: batch\n/],
    [[], '', /Name a command/],
  ];
  const results = await Promise.all(cases.map(([args, stdin]) => brazier(args, stdin)));
  for (const [i, { status, stderr }] of results.entries()) {
    t.equal(status, 1, cases[i][0].join(' '));
    t.match(stderr, cases[i][2]);
  }
});

test('a flag that names the solver of the file leaves its options alone', async (t) => {
  const file = example('over-subscribed.json');
  const plans = await Promise.all([
    brazier(['optimize', file, '--format', 'json']),
    brazier(['optimize', file, '--format', 'json', '--solver', 'greedy']),
    brazier(['optimize', file, '--format', 'json', '--solver', 'unlimited']),
  ]);
  const [asIs, same, other] = plans.map(({ stdout }) => JSON.parse(stdout) as Plan);
  t.same(same.servers, asIs.servers);
  t.equal(other.solver.name, 'unlimited');
});
