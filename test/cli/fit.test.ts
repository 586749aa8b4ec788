import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tap, { test } from 'tap';
import type { FitAnswer } from '../../src/schemas/fit.ts';
import { brazier, PACKAGE_FOLDER } from '../support/command.ts';
import { example, listening } from '../support/service.ts';

tap.setTimeout(120_000);

const folder = await mkdtemp(join(tmpdir(), 'brazier-'));
const SWEEPS = ['256-128', '1024-256', '3000-512'].map((name) =>
  join(PACKAGE_FOLDER, 'examples', `sweep-${name}.json`),
);
const records = JSON.parse(await readFile(SWEEPS[0], 'utf8')) as Record<string, unknown>[];

async function fileOf(name: string, content: unknown): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const fitted = async (args: readonly string[], stdin = '') => {
  const { status, stdout, stderr } = await brazier(['fit', ...args, '--format', 'json'], stdin);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as FitAnswer;
};

test('the example sweeps give back the law that they were made with, as a table', async (t) => {
  const { status, stdout, stderr } = await brazier(['fit', ...SWEEPS, '--batch', '128']);
  t.equal(status, 0);
  t.equal(stderr, '', 'no progress bar where stderr is no terminal');
  const value = (name: string) => Number(new RegExp(`^${name} +(\\S+)`, 'm').exec(stdout)?.[1]);
  for (const [name, made] of [
    ['alphaMs', 11.4],
    ['betaMsPerToken', 0.031],
    ['gammaMsPerToken2', 1.1e-4],
    ['prefillMsPerToken', 0.036],
    ['requestOverheadMs', 6.5],
  ] as const)
    t.ok(Math.abs(value(name) / made - 1) < 0.1, `${name} ${value(name)}`);
  t.match(stdout, /^sweep-256-128 +synchronous +0\.\d+ +25\d +12\d /m);
  t.match(stdout, /^sweep-3000-512 +throughput .+ – .+\(1\)$/m);
  t.match(
    stdout,
    /Left out of the fit:\n {2}\(1\) as many requests as it takes.+ \(3 points\)\n {2}\(2\) .+ \(6 points\)/,
  );
  t.match(
    stdout,
    /^Measured: 0.1\d+–26.1 requests\/s, prompts of 25\d–30\d\d tokens, outputs of .+ in service.$/m,
  );
  t.match(stdout, /^linear \+ requestOverheadMs \+ prefillMsPerToken .+ chosen$/m);
  t.match(
    stdout,
    /over the 21 of 30 points that count: TTFT \d.\d %, ITL \d.\d %; with each report held out in turn: TTFT/,
  );
});

test('the profile that is printed serves as one in a fleet', async (t) => {
  const { stdout } = await brazier([
    'fit',
    ...SWEEPS,
    '--batch',
    '128',
    '--model',
    'm',
    '--accelerator',
    'L40S',
    '--format',
    'profile',
  ]);
  const model = JSON.parse(stdout);
  t.match(model, { name: 'm', profiles: [{ accelerator: 'L40S', maxBatchSize: 128, maxBatchTokens: 8192 }] });
  const { inputTokens, outputTokens, inService } = model.profiles[0].observedRange;
  for (const [measured, made] of [
    [inputTokens, [256, 3000]],
    [outputTokens, [128, 512]],
    // The slowest run is synchronous: one at a time.
    [{ from: inService.from, to: 0 }, [1, 0]],
  ] as const)
    t.ok(Math.abs(measured.from / made[0] - 1) < 0.03 && Math.abs(measured.to - made[1]) <= 0.03 * made[1]);
  const fleet = {
    accelerators: [{ name: 'L40S', type: 'L40S', costPerHour: 2 }],
    models: [model],
    serviceClasses: [{ name: 'c', priority: 1, targets: [{ model: 'm', ttftMs: 200, itlMs: 40 }] }],
    servers: [
      {
        name: 's',
        serviceClass: 'c',
        model: 'm',
        load: { requestsPerSec: 20, inputTokens: 512, outputTokens: 256 },
      },
      {
        name: 'long',
        serviceClass: 'c',
        model: 'm',
        load: { requestsPerSec: 1, inputTokens: 512, outputTokens: 2048 },
      },
    ],
  };
  const planned = await brazier(['optimize', '-'], JSON.stringify(fleet));
  t.equal(planned.status, 0, planned.stderr);
  t.match(
    planned.stdout,
    /^ {2}long on L40S: an output of 2048 tokens is (3.9\d|4) × the largest measured \(12\d–51\d\)/m,
  );
  t.notMatch(planned.stdout, '  s on L40S', 'inside, nothing is said');
  const sure = JSON.stringify({ ...fleet, confidence: 0.95 });
  const { uncertainty } = JSON.parse((await brazier(['optimize', '-', '--format', 'json'], sure)).stdout);
  t.same(uncertainty, { confidence: 0.95, takenAsTheyAre: [] }, 'the profile says how sure it is');
  const compared = await brazier(['compare', '-', '--run', 'unlimited'], JSON.stringify(fleet));
  t.match(compared.stdout, /gap +outside measured +ms[^\n]+\n.+ (29\d|30\d) % /);
});

test('limits, terms and the queue model come from flags, else from the file', async (t) => {
  const request = await fileOf('request.json', {
    reports: [records],
    station: { maxBatchSize: 64 },
    terms: [],
  });
  const [own, none] = await Promise.all([
    brazier(['fit', request, '--format', 'profile']),
    fitted([...SWEEPS, '--terms', 'none', '--laws', 'linear', '--batch', '128']),
  ]);
  t.match(JSON.parse(own.stdout), { accelerator: 'accelerator', maxBatchSize: 64 });
  t.same(Object.keys(none.serviceTime), ['alphaMs', 'betaMsPerToken', 'gammaMsPerToken2']);
  t.equal(none.laws.length, 1);
  const other = await fitted([...SWEEPS, '--terms', 'none', '--laws', 'power', '--batch', '128']);
  t.match(other.serviceTime, { law: 'power', batchExponent: Number });
  const wrong = await brazier(['fit', request, '--terms', 'overhead', '--batch', '0']);
  t.equal(wrong.status, 1);
  t.match(wrong.stderr, /^the flags: 2 faults$/m);
  t.match(wrong.stderr, '/station/maxBatchSize');
  t.match(wrong.stderr, '/terms/0');
});

test('observations are fitted too, from standard input, with the batch limit that a flag gives', async (t) => {
  const observations = (example('/fit', 'observations') as { observations: { maxBatchSize?: number }[] })
    .observations;
  const unlimited = observations.map(({ maxBatchSize: _, ...observation }) => observation);
  const answer = await fitted(
    ['-', '--batch', '64', '--terms', 'none'],
    JSON.stringify({ observations: unlimited }),
  );
  const same = await fitted(['-', '--terms', 'none'], JSON.stringify({ observations }));
  t.same(answer, same);
  t.match(answer.observedRange, {
    inputTokens: { from: 64, to: 1024 },
    outputTokens: { from: 128, to: 1024 },
  });
  const { stdout } = await brazier(['fit', '-'], JSON.stringify({ observations }));
  t.match(stdout, /^stdin +observation 1 /m);
  t.match(stdout, '"maxBatchSize": 64');
});

test('a report as CSV is read as such, and files of every kind are fitted together', async (t) => {
  const columns = Object.keys(records[0]);
  const csv = await fileOf(
    'sweep.csv',
    [columns, ...records.map((record) => columns.map((column) => record[column]))]
      .map((row) => row.join(','))
      .join('\n'),
  );
  const alike = await Promise.all([csv, SWEEPS[0]].map((file) => fitted([file, '--batch', '128'])));
  t.same(alike[0], alike[1]);
  const together = await fitted([csv, SWEEPS[1], '--batch', '128']);
  t.equal(together.points.length, 20);
});

test('every fault names its file, and the path in it', async (t) => {
  const damaged = await fileOf('damaged.json', [{ ...records[0], 'Successful Requests': 'many' }]);
  const inside = await fileOf('inside.json', {
    reports: [records, 7],
    observations: [{ requestsPerSec: -1 }],
  });
  const { status, stderr } = await brazier(['fit', SWEEPS[0], damaged]);
  t.equal(status, 1);
  t.match(stderr, /damaged\.json: one fault\n {2}\/0\/Successful Requests {2}must be a number; it is "many"/);
  t.notMatch(stderr, 'sweep-256-128.json:');
  const second = await brazier(['fit', SWEEPS[0], inside]);
  t.match(second.stderr, /inside\.json: \d faults/);
  t.match(second.stderr, /^ {2}\/reports\/1 /m);
  t.match(second.stderr, /^ {2}\/observations\/0\/requestsPerSec /m);
  for (const [args, says] of [
    [['nowhere.json'], /^nowhere\.json: there is no such file\n$/],
    [[await fileOf('half.json', '[{"Name": ')], /half\.json: cannot be read as JSON/],
    [[await fileOf('text.csv', 'a,b\n1,2\n')], /text\.csv: one fault\n.+header/s],
    [[await fileOf('none.json', { reports: 5 })], /none\.json: one fault\n {2}\/reports {2}must be an array/],
    [[await fileOf('empty.json', {})], /empty\.json: one fault\n.+gives no points/s],
    [[await fileOf('few.json', [records[0]])], /few\.json: one fault\n.+leaves 1 of 1 points/s],
    [
      [inside, await fileOf('a.json', { terms: [] }), await fileOf('b.json', { terms: [] })],
      /a\.json and .+b\.json both have "terms"/,
    ],
  ] as [string[], RegExp][]) {
    const refused = await brazier(['fit', ...args]);
    t.equal(refused.status, 1, args[0]);
    t.match(refused.stderr, says);
    t.equal(refused.stdout, '');
  }
});

test('a running service answers the same, and its faults name the file as well', async (t) => {
  const { url } = await listening(t);
  const [here, there] = await Promise.all([
    fitted([...SWEEPS, '--batch', '128']),
    fitted([...SWEEPS, '--batch', '128', '--server', url]),
  ]);
  t.same(there, here);
  const damaged = await fileOf('damaged-too.json', [{ ...records[0], 'Successful Requests': 'many' }]);
  const { stderr } = await brazier(['fit', SWEEPS[0], damaged, '--server', url]);
  t.match(stderr, /damaged-too\.json: one fault\n {2}\/0\/Successful Requests/);
});

test('recorded requests of a report are not sent', async (t) => {
  const { url } = await listening(t, { environment: { BODY_LIMIT: '100000' } });
  const metric = (value: number) => ({ successful: { mean: value, median: value, std_dev: 0 } });
  const benchmarks = [1, 2, 4, 8].map((rate) => ({
    args: { strategy: { type_: 'constant', rate } },
    request_totals: { successful: 100, errored: 0, incomplete: 0 },
    metrics: {
      requests_per_second: metric(rate),
      request_concurrency: metric(rate),
      prompt_token_count: metric(256),
      output_token_count: metric(128),
      time_to_first_token_ms: metric(40 + rate),
      inter_token_latency_ms: metric(12 + rate),
    },
    requests: { successful: [{ prompt: 'x'.repeat(200_000) }] },
  }));
  const answer = await fitted([await fileOf('recorded.json', { benchmarks }), '--server', url]);
  t.equal(answer.points.length, 4);
});
