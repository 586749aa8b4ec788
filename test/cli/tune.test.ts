import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tap, { test } from 'tap';
import type { TuneAnswer, TuneItem } from '../../src/schemas/tune.ts';
import { brazier, PACKAGE_FOLDER } from '../support/command.ts';
import { listening } from '../support/service.ts';

tap.setTimeout(120_000);

const EXAMPLE = join(PACKAGE_FOLDER, 'examples', 'observations.json');
const { items } = JSON.parse(await readFile(EXAMPLE, 'utf8')) as { items: TuneItem[] };
const [item] = items;
const fresh = () => mkdtemp(join(tmpdir(), 'brazier-'));

async function tuned(args: readonly string[], content: unknown): Promise<TuneAnswer> {
  const { stdout, stderr } = await brazier(
    ['tune', '-', ...args, '--format', 'json'],
    JSON.stringify(content),
  );
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

test('each item is told with its parameters, what was not taken and why, and where to measure', async (t) => {
  const { status, stdout, stderr } = await brazier(['tune', EXAMPLE]);
  t.equal(status, 0);
  t.equal(stderr, '');
  const [first, second] = stdout.split(/(?=^qwen-14b as )/m);
  t.match(first, /^qwen-14b as L40S: tracking: followed from observation to observation\./);
  t.match(first, /^alphaMs +1[23]\.\d+ +0\.\d+ +\d\.\d %$/m);
  t.match(first, '7 of 8 observations taken, 7 since the start, by auto.\nNot taken: 5, outlier: ');
  t.match(
    first,
    /^Those taken that the state holds: 0.948–7.69 requests\/s, prompts of 256–2000 tokens, outputs of 100–500 tokens, .+ in service.$/m,
  );
  t.match(first, 'No calibration needed.');
  t.match(second, /^qwen-14b as 2xL40S: collecting/);
  t.match(second, 'Not taken: 2, missing: ');
  t.match(second, /^Known: alphaMs\^.+ within \d\.\d %\.$/m);
  t.match(second, /A calibration is worth while\..+\n {2}requests\/s +input +output +then within\n +\d/);
});

test('the profiles that are printed serve in a fleet, which then knows what was observed', async (t) => {
  const { status, stdout, stderr } = await brazier(['tune', EXAMPLE, '--format', 'profile']);
  t.equal(status, 0);
  const models = JSON.parse(stdout);
  t.match(models, [{ name: 'qwen-14b', profiles: [{ accelerator: 'L40S', serviceTime: {} }] }]);
  t.equal(models[0].profiles.length, 1);
  t.match(stderr, 'left out: qwen-14b as 2xL40S: collecting, its parameters cannot be told apart yet\n');
  const fleet = {
    accelerators: [{ name: 'L40S', type: 'L40S', costPerHour: 1 }],
    models,
    serviceClasses: [{ name: 'c', priority: 1, targets: [{ model: 'qwen-14b' }] }],
    servers: [
      {
        name: 's',
        serviceClass: 'c',
        model: 'qwen-14b',
        load: { requestsPerSec: 2, inputTokens: 5000, outputTokens: 200 },
      },
    ],
    confidence: 0.9,
  };
  const planned = await brazier(['optimize', '-'], JSON.stringify(fleet));
  t.equal(planned.status, 0, planned.stderr);
  t.match(planned.stdout, 's on L40S: a prompt of 5000 tokens is 2.5 × the largest measured (256–2000)');
});

test('what is known is kept in a file: in two runs or in one, the parameters are the same', async (t) => {
  const file = join(await fresh(), 'known.json');
  const part = (from: number, to?: number) => ({
    items: [{ ...item, observations: item.observations.slice(from, to) }],
  });
  const first = await tuned(['--state', file], part(0, 4));
  t.equal(first.items[0].diagnostics?.accepted, 4);
  const second = await tuned(['--state', file], part(4));
  const whole = await tuned([], part(0));
  const { alphaMs } = second.items[0].serviceTime!;
  t.ok(Math.abs(alphaMs / whole.items[0].serviceTime!.alphaMs - 1) < 1e-6);
  const again = await tuned(['--state', file], part(0));
  t.equal(again.items[0].status, 'held', 'what was observed before is not taken twice');
  t.same(await readdir(join(file, '..')), ['known.json'], 'nothing half written is left');
});

test('the file keeps variants that this run does not name, and those that could not be read', async (t) => {
  const file = join(await fresh(), 'known.json');
  await tuned(['--state', file], items);
  const before = JSON.parse(await readFile(file, 'utf8'));
  t.equal(before.states.length, 2);
  const broken = await brazier(
    ['tune', '-', '--state', file],
    JSON.stringify({ ...item, observations: [{ requestsPerSec: 'many' }] }),
  );
  t.equal(broken.status, 1);
  t.match(broken.stdout, /^qwen-14b as L40S: invalid\n {2}\/observations\/0\/requestsPerSec {2}must be/);
  t.same(JSON.parse(await readFile(file, 'utf8')), before);
});

test('a file of states that is none is refused and left alone, and so are two items of one variant', async (t) => {
  const file = join(await fresh(), 'known.json');
  await writeFile(file, '{"states": [{"model": "m"}]}');
  const refused = await brazier(['tune', EXAMPLE, '--state', file]);
  t.equal(refused.status, 1);
  t.match(refused.stderr, /known\.json: holds no states\n {2}\/states {2}must be a list/);
  t.equal(await readFile(file, 'utf8'), '{"states": [{"model": "m"}]}');
  const twice = await brazier(
    ['tune', '-', '--state', join(await fresh(), 'known.json')],
    JSON.stringify([item, item]),
  );
  t.equal(twice.status, 1);
  t.match(twice.stderr, '/items/1  is of the same variant as /items/0');
});

test('estimator and service are chosen by flags', async (t) => {
  const { url } = await listening(t);
  const [here, there] = await Promise.all([
    tuned(['--estimator', 'joint-fit'], items),
    tuned(['--estimator', 'joint-fit', '--server', url], items),
  ]);
  t.equal(here.items[0].diagnostics?.estimator, 'joint-fit');
  t.same(there, here);
  const wrong = await brazier(['tune', EXAMPLE, '--estimator', 'jont-fit']);
  t.equal(wrong.status, 1);
  t.match(wrong.stderr, /observations\.json: one fault\n {2}\/estimator .+"joint-fit"\?/);
  const none = await brazier(['tune', '-'], '5');
  t.equal(none.status, 1);
  t.match(none.stderr, 'standard input: must be a request to /tune');
});
