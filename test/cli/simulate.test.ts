import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'tap';
import { simulationSvg } from '../../src/cli/simulation-plot.ts';
import type { PlanSimulated, StationSimulated } from '../../src/schemas/simulation-answer.ts';
import { launched, skippedWithoutChromium } from '../support/chromium.ts';
import { brazier, PACKAGE_FOLDER } from '../support/command.ts';
import { listening } from '../support/service.ts';

const example = (name: string) => join(PACKAGE_FOLDER, 'examples', name);
const SIMULATION = example('simulation.json');
const FLEET = [example('small-fleet.json'), '--lengths', 'constant', '--requests', '2000'];
const FLAGS = '--alpha 10 --beta 0 --gamma 0 --batch 1 --input 8 --output 20'.split(' ');

const folder = await mkdtemp(join(tmpdir(), 'brazier-'));
const picture = join(folder, 'station.svg');
const planPicture = join(folder, 'plan.svg');

test('simulate prints the percentiles with half the width of their intervals, and how it ended', async (t) => {
  const { status, stdout, stderr } = await brazier(['simulate', SIMULATION, '--plot', picture]);
  t.equal(status, 0, stderr);
  t.equal(stderr, `wrote ${picture}\n`);
  for (const row of ['TTFT ms', 'ITL ms', 'ITL of a request ms', 'wait ms', 'response ms'])
    t.match(stdout, new RegExp(`^${row}(\\s+[\\d.]+ ± [\\d.]+){5}$`, 'm'));
  t.match(stdout, /^Stable: \d+ of \d+ requests completed, 2\d(\.\d)? ± [\d.]+\/s; 0 lost \(0 %\)\./m);
  t.match(stdout, /because the intervals are narrow enough; seed 1\.\n$/);
  const svg = await readFile(picture, 'utf8');
  t.match(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  t.equal(svg.match(/<path d="M[^"]{200,}"/g)?.length, 3, 'a curve for each of TTFT, ITL and the response');
  t.equal(svg.match(/<circle /g)?.length, 12, 'four percentiles of each');
});

test('The same seed prints the same bytes, another one others; flags override the file', async (t) => {
  const args = ['simulate', SIMULATION, '--format', 'json', '--requests', '3000', '--precision', '0'];
  const [one, again, other] = await Promise.all(
    [[], ['--seed', '1'], ['--seed', '2']].map((seed) => brazier([...args, ...seed])),
  );
  t.equal(one.stdout, again.stdout);
  t.not(one.stdout, other.stdout);
  t.match(JSON.parse(other.stdout), { seed: 2, requests: 3000, stoppedBecause: 'budget' });
});

test('A station is described by flags; arrivals without variability do not wait', async (t) => {
  const { status, stdout } = await brazier(
    ['simulate', ...FLAGS, '--rate', '4', '--cv', '0', '--lengths', 'constant', '--format', 'json'].concat(
      '--requests',
      '3000',
    ),
  );
  t.equal(status, 0);
  const { ttftMs, responseMs, waitMs } = JSON.parse(stdout) as StationSimulated;
  t.match([ttftMs!.p99, waitMs!.p99], [20, 0], 'a prefill and a step of 10 ms');
  t.ok(Math.abs(responseMs!.mean! - 210) < 1e-6, '21 iterations');
});

test('A trace brings the requests of a station with their sizes', async (t) => {
  const trace = join(folder, 'two.csv');
  const station = ['simulate', ...FLAGS, '--format', 'json', '--trace'];
  await writeFile(trace, 'arrived_at,num_prefill_tokens,num_decode_tokens\n0,8,2\n0.005,80,1\n');
  const { status, stdout, stderr } = await brazier([...station, trace]);
  t.equal(status, 0, stderr);
  const { requests, ttftMs, responseMs, stoppedBecause } = JSON.parse(stdout) as StationSimulated;
  t.match([requests, stoppedBecause], [2, 'end-of-arrivals']);
  // The first is served from 0 to 30 ms, a prefill and two steps; the second waits for that, and has a prefill and a step.
  t.match([ttftMs!.mean, responseMs!.mean], [(20 + 45) / 2, (30 + 45) / 2]);

  const bad = join(folder, 'bad.csv');
  await writeFile(bad, 'arrived_at,num_prefill_tokens,num_decode_tokens\n0,8,x\n');
  for (const [args, says] of [
    [[...station, bad], /bad\.csv: this is no trace\n {2}.*line 2/],
    [[...station, trace, '--cv', '2'], /trace and cv/],
    [['simulate', example('small-fleet.json'), '--trace', trace], /--trace: .*brazier replay/],
  ] as const) {
    const refused = await brazier([...args]);
    t.equal(refused.status, 1);
    t.match(refused.stderr, says);
  }
});

test('A fleet file is planned and simulated, a row for each server; targets missed end with status 2', async (t) => {
  const [within, missed] = await Promise.all([
    brazier(['simulate', ...FLEET, '--plot', planPicture]),
    brazier(['simulate', example('over-subscribed.json'), '--requests', '500']),
  ]);
  t.equal(within.status, 0, within.stderr);
  t.match(within.stdout, /^server +requests\/s +TTFT ms \/ target +predicted/m);
  t.match(within.stdout, /^Premium-llama_13b +1 +[\d.]+ ± [\d.]+ \/ 1000 +85\.7 .* yes$/m);
  t.match(within.stdout, '15 of 15 servers are within the targets.');
  t.equal(missed.status, 2);
  t.match(missed.stdout, /unbounded.* overloaded$/m);
});

test('A service simulates in its place, with the same answer', async (t) => {
  const { url } = await listening(t);
  const args = ['simulate', SIMULATION, '--requests', '3000', '--format', 'json'];
  const [here, there, refused] = await Promise.all([
    brazier(args),
    brazier([...args, '--server', url]),
    brazier(['simulate', ...FLAGS, '--server', url]),
  ]);
  t.equal(there.status, 0, there.stderr);
  t.equal(there.stdout, here.stdout);
  t.equal(refused.status, 1);
  t.match(refused.stderr, 'the flags: one fault\n  /requestsPerSec  is required');
});

test('Faults and missing flags are named', async (t) => {
  const [none, faulty, both] = await Promise.all([
    brazier(['simulate', '--alpha', '1']),
    brazier(['simulate', SIMULATION, '--seed', '-1', '--precision', '2']),
    brazier(['simulate', ...FLEET, '--rate', '3']),
  ]);
  t.match(none.stderr, '--beta, --gamma, --batch, --input, --output');
  t.match(faulty.stderr, /\/seed {2}must be at least 0; it is -1/);
  t.match(faulty.stderr, /\/precisionFraction {2}must be at most 1; it is 2/);
  t.match(both.stderr, '/requestsPerSec  must be left out where fleet is given');
  t.same([none.status, faulty.status, both.status], [1, 1, 1]);
});

test('What was not seen, or grows without bound, is drawn too', async (t) => {
  const { stdout } = await brazier([
    'simulate',
    ...FLAGS,
    '--rate',
    '9',
    '--requests',
    '9000',
    '--format',
    'json',
  ]);
  const overloaded = JSON.parse(stdout) as StationSimulated;
  t.equal(overloaded.status, 'overloaded');
  const svg = simulationSvg(overloaded);
  t.match(svg, '>ITL: mean 10 ms<');
  t.notMatch(svg, /NaN|TTFT/);
  const nothing = { ...overloaded, itlMs: null };
  t.match(simulationSvg(nothing), '>nothing was seen<');
  const server = { name: 'a', requestsPerSec: 9, skipped: null, predicted: null, withinTargets: false };
  const servers = [
    { ...server, simulated: overloaded, targets: { ttftMs: 100, itlMs: null } },
    { ...server, name: 'b', simulated: null, targets: { ttftMs: null, itlMs: null } },
  ] as PlanSimulated['servers'];
  const plan = simulationSvg({ servers });
  t.match(plan, '>∞<');
  t.match(plan, '>not simulated<');
  t.notMatch(simulationSvg({ servers: [] }), 'NaN');
});

test('In a browser no label runs into another, and none leaves the picture', {
  skip: skippedWithoutChromium,
}, async (t) => {
  const page = await (await launched(t)).newPage({ viewport: { width: 1100, height: 800 } });
  for (const file of [picture, planPicture]) {
    await page.goto(`file://${file}`);
    const boxes = await page.locator('text').evaluateAll((texts) =>
      texts.flatMap((text) => {
        const { left, top, right, bottom } = (
          text as unknown as { getBoundingClientRect(): Box }
        ).getBoundingClientRect();
        return text.textContent?.trim() ? [{ content: text.textContent, left, top, right, bottom }] : [];
      }),
    );
    t.ok(boxes.length > 15);
    const overlaps = boxes.flatMap((a, i) =>
      boxes
        .slice(i + 1)
        .filter(
          (b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2,
        )
        .map((b) => `${a.content} / ${b.content}`),
    );
    t.same(overlaps, [], file);
    t.ok(
      boxes.every(({ left, top, right, bottom }) => left >= 0 && top >= 0 && right <= 985 && bottom <= 500),
      file,
    );
    await page.screenshot({ path: file.replace('.svg', '.png') });
  }
});

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}
