import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'tap';
import type { ReplayReport } from '../../src/replay/report.ts';
import { launched, skippedWithoutChromium } from '../support/chromium.ts';
import { brazier } from '../support/command.ts';

const FLEET = 'examples/replay-fleet.json';
const TRACE = 'examples/replay-trace.csv';
const folder = await mkdtemp(join(tmpdir(), 'brazier-'));
const html = join(folder, 'replay.html');
const json = join(folder, 'replay.json');
const POLICIES = ['brazier', 'brazier-tuned', 'oracle', 'threshold', 'static'];

const run = await brazier(['replay', FLEET, TRACE, '--until', '900', '--json', json, '--html', html]);

test('one command tells how all policies do, with the true model and with wrong ones', async (t) => {
  t.equal(run.status, 0, run.stderr);
  t.match(run.stdout, /requests in 15 min, seed 1/);
  for (const part of ['the true service times', '30 % shorter', '30 % longer']) t.match(run.stdout, part);
  for (const policy of POLICIES) {
    t.equal([...run.stdout.matchAll(new RegExp(`^${policy} .* %`, 'gm'))].length, 3, policy);
  }
  t.match(run.stdout, /^interactive +brazier/m);
  t.match(run.stderr, `wrote ${json}\nwrote ${html}\n`);
  const report = JSON.parse(await readFile(json, 'utf8')) as ReplayReport;
  t.equal(report.runs.length, 15);
  t.same(
    report.policies.map(({ name }) => name),
    POLICIES,
  );
});

test('the page needs nothing else, and shows every plot', { skip: skippedWithoutChromium }, async (t) => {
  const browser = await launched(t);
  const page = await browser.newPage();
  const asked: string[] = [];
  const faults: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('pageerror', (error) => faults.push(String(error)));
  await page.goto(`file://${html}`);
  t.same(asked, [`file://${html}`]);
  t.same(faults, []);
  const heights = await page.$$eval('svg', (all) => all.map((svg) => svg.getBoundingClientRect().height));
  // What was attained, the TTFT, and load and replicas of two servers.
  t.equal(heights.length, 6);
  t.ok(heights.every((height) => height > 50));
  const cut = await page.$$eval('svg text', (all) =>
    all
      .filter((text) => {
        const { left, right } = text.getBoundingClientRect();
        const frame = text.closest('svg')!.getBoundingClientRect();
        return left < frame.left || right > frame.right;
      })
      .map(({ textContent }) => textContent),
  );
  t.same(cut, [], 'no label is cut off');
  t.equal(await page.$$eval('table', (all) => all.length), 3);
  const tenMinutes = await page.$$eval('svg', (all) =>
    all.slice(2).map((svg) => {
      const ticks = [...svg.querySelectorAll('[aria-label="x-axis tick label"] text')];
      return ticks.find(({ textContent }) => textContent === '10')!.getBoundingClientRect().left;
    }),
  );
  t.same(new Set(tenMinutes).size, 1, 'what happens at a time stands below the load of that time');
});

test('a trace of one request, which is where time begins', async (t) => {
  const single = join(folder, 'single.csv');
  await writeFile(single, 'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,100,10\n');
  const { status, stdout, stderr } = await brazier(['replay', FLEET, single, '--model-factors', '1']);
  t.equal(status, 0, stderr);
  t.match(stdout, /^1 requests in 1 min/);
});

test('a server may have a trace of its own', async (t) => {
  const own = join(folder, 'own=1.csv');
  await writeFile(own, 'arrived_at,num_prefill_tokens,num_decode_tokens\n1,100,10\n2,100,10\n');
  const flags = ['--until', '300', '--model-factors', '1', '--format', 'json'];
  const one = await brazier(['replay', FLEET, TRACE, '--trace', `chat=${join(folder, 'own.csv')}`, ...flags]);
  t.match(one.stderr, /own\.csv: there is no such file/);
  await writeFile(join(folder, 'own.csv'), await readFile(own));
  const { stdout } = await brazier([
    'replay',
    FLEET,
    TRACE,
    '--trace',
    `chat=${join(folder, 'own.csv')}`,
    ...flags,
  ]);
  const { runs } = JSON.parse(stdout) as ReplayReport;
  t.equal(runs[0].servers.find(({ server }) => server === 'chat')!.requests, 2);
});

test('what is wrong is said, with every fault', async (t) => {
  const bad = join(folder, 'bad.csv');
  await writeFile(bad, 'arrived_at,num_prefill_tokens,num_decode_tokens\n1,1,1\nx,1,1\n2,1,-4\n');
  const cases: [string[], RegExp][] = [
    [
      [FLEET, bad],
      /bad\.csv: this is no trace\n {2}line 3: must have a time.*\n {2}line 4: must have output tokens/,
    ],
    [[FLEET], /there is no trace for chat, summaries: name one for all/],
    [[FLEET, TRACE, '--trace', 'nobody=x.csv'], /names the server nobody, which does not exist/],
    [[FLEET, TRACE, '--trace', 'chat'], /must be SERVER=FILE/],
    [
      [FLEET, TRACE, '--period', '0', '--headroom', '2'],
      /--period must be from 1 .*\n--headroom must be from 0/,
    ],
    [[FLEET, TRACE, '--from', '5000'], /--from, --until and --rate-factor leave no request of the trace/],
    [[FLEET, TRACE, '--rate-factor', '-1'], /--rate-factor must be from 0 to 1000; it is -1/],
    [['examples/station.json', TRACE], /station\.json: \d+ faults/],
  ];
  const results = await Promise.all(cases.map(([args]) => brazier(['replay', ...args])));
  for (const [i, { status, stderr, stdout }] of results.entries()) {
    t.equal(status, 1, cases[i][0].join(' '));
    t.equal(stdout, '');
    t.match(stderr, cases[i][1]);
  }
});

test('a fleet without service times cannot be replayed, and says which', async (t) => {
  const fleet = JSON.parse(await readFile(FLEET, 'utf8'));
  delete fleet.models[0].profiles[1].serviceTime;
  const file = join(folder, 'fleet.json');
  await writeFile(file, JSON.stringify(fleet));
  const { status, stderr } = await brazier(['replay', file, TRACE]);
  t.equal(status, 1);
  t.match(stderr, /\/models\/0\/profiles\/1\/serviceTime {2}is required/);
});

test('laws that are not linear are replayed as they are', async (t) => {
  // Iterations of 40 ms, and from the fourth token on, which a prompt always is, 1 s more: no first token comes within a target.
  const fleet = JSON.parse(await readFile(FLEET, 'utf8'));
  const slow = { law: 'two-regime', alphaMs: 40, betaMsPerToken: 0, gammaMsPerToken2: 0 };
  const laws = [slow, { ...slow, kneeTokens: 3, betaBeyondKneeMsPerToken: 1000 }, { ...slow, law: 'power' }];
  Object.assign(laws[0], { kneeTokens: 1e6, betaBeyondKneeMsPerToken: 1 });
  Object.assign(laws[2], { batchExponent: 1.2 });
  const runs = await Promise.all(
    laws.map(async (serviceTime, i) => {
      for (const profile of fleet.models[0].profiles) profile.serviceTime = serviceTime;
      const file = join(folder, `law-${i}.json`);
      await writeFile(file, JSON.stringify(fleet));
      const flags = ['--until', '300', '--model-factors', '1', '--format', 'json'];
      const { status, stdout, stderr } = await brazier(['replay', file, TRACE, ...flags]);
      t.equal(status, 0, stderr);
      return (JSON.parse(stdout) as ReplayReport).runs.find(({ policy }) => policy === 'static')!;
    }),
  );
  const [flat, knee, power] = runs;
  t.ok(
    flat.total.missedTtft < 0.01 * flat.total.requests,
    'two iterations of 40 ms, and what is left of one',
  );
  t.ok(flat.total.itlMs.p99 > 39.99 && flat.total.itlMs.p99 < 40.01);
  t.equal(knee.total.missedTtft, knee.total.requests - knee.total.lost);
  t.same(power.total, flat.total, 'a power of no work is none');
});
