import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'tap';
import { brazier, PACKAGE_FOLDER } from '../support/command.ts';

const STATION = join(PACKAGE_FOLDER, 'examples', 'station.json');
const FLAGS = '--alpha 20 --beta 0 --gamma 0 --batch 1 --input 0 --output 10 --queue 0'.split(' ');

test('analyze prints a row per rate, and the highest stable rate', async (t) => {
  // α = 20 ms, one request at a time, one prefill and ten decode iterations: 220 ms a request, 0.999/0.22 s at most.
  const { status, stdout } = await brazier([
    'analyze',
    ...FLAGS,
    '--from',
    '1',
    '--to',
    '4',
    '--points',
    '4',
  ]);
  t.equal(status, 0);
  t.same(
    stdout.match(/^ +\d\S* +stable/gm)?.map((row) => Number.parseFloat(row)),
    [1, 2, 3, 4],
  );
  t.match(stdout, 'Highest stable rate: 4.54091 requests/s (queue model state-dependent).');
});

test('analyze without rates covers the range up to where the latencies explode', async (t) => {
  const { status, stdout } = await brazier(['analyze', STATION, '--format', 'json', '--points', '5']);
  t.equal(status, 0);
  const { points, maxRequestsPerSec } = JSON.parse(stdout);
  t.equal(points.length, 5);
  t.ok(points[4].requestsPerSec > 0.9 * maxRequestsPerSec && points[4].requestsPerSec < maxRequestsPerSec);
});

test('analyze draws the curve in the terminal and as SVG', async (t) => {
  const file = join(await mkdtemp(join(tmpdir(), 'brazier-')), 'curve.svg');
  const [terminal, picture] = await Promise.all([
    brazier(['analyze', STATION, '--plot']),
    brazier(['analyze', STATION, '--plot', file]),
  ]);
  t.equal(terminal.status, 0);
  t.match(terminal.stdout, /TTFT \(upper curve\) and ITL \(lower curve\)[\s\S]*┏/);
  t.equal(picture.status, 0);
  t.match(picture.stderr, `wrote ${file}`);
  const svg = await readFile(file, 'utf8');
  t.match(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  t.equal(svg.match(/<path d="M[^"]{200,}"/g)?.length, 2, 'a line for each of TTFT and ITL');
  for (const label of ['TTFT', 'ITL', 'highest stable rate']) t.match(svg, `>${label}<`);
  // To a tenth of a pixel: another version of Node.js may round otherwise.
  const drawn = (text: string) => text.replace(/\d+\.\d+/g, (number) => Number(number).toFixed(1));
  const documented = await readFile(join(PACKAGE_FOLDER, 'docs', 'station.svg'), 'utf8');
  t.ok(drawn(svg) === drawn(documented), 'the README shows this picture');
});

test('size tells the highest rate, what binds and the replicas for a load', async (t) => {
  const { status, stdout } = await brazier(['size', STATION, '--rate', '40']);
  t.equal(status, 0);
  t.match(stdout, /One replica takes 17\.\d+ requests\/s; what binds: ttftMs\./);
  t.match(stdout, 'Replicas for the load: 3.');
  t.match(stdout, /^Highest rate by target \(requests\/s\): ttftMs 17\.8, itlMs 18\.$/m);
});

test('size tells a rate by target where there are several to tell apart', async (t) => {
  const { stdout } = await brazier(['size', ...FLAGS, '--itl', '30']);
  t.match(stdout, 'One replica takes');
  t.notMatch(stdout, 'by target');
});

test('unreachable targets end with status 2 and the value that can be reached', async (t) => {
  const { status, stdout } = await brazier(['size', STATION, '--itl', '1']);
  t.equal(status, 2);
  t.match(stdout, /^Unreachable: itlMs is 6\.\d+ with no load, the target is 1\.\n$/);
});

test('concurrency finds a batch limit below the ceiling', async (t) => {
  const { status, stdout } = await brazier(['concurrency', STATION, '--batch', '256', '--format', 'json']);
  t.equal(status, 0);
  const { maxBatchSize, throughputPerSec, ceilingThroughputPerSec } = JSON.parse(stdout);
  t.ok(maxBatchSize < 256 && throughputPerSec >= 0.99 * ceilingThroughputPerSec);
});

test('what lies outside what was measured is said below the figures', async (t) => {
  const [curve, long, other] = await Promise.all([
    brazier(['analyze', STATION, '--points', '5']),
    // 4608 / 2048 = 2.25; 64 of at least 128.
    brazier(['size', STATION, '--input', '4608', '--output', '64', '--ttft', '5000', '--itl', '60']),
    brazier(['size', STATION, '--alpha', '7']),
  ]);
  t.match(
    curve.stdout,
    /^Outside what was measured, at 17.9 requests\/s:\n {2}a batch of 1\d\d requests is 2.\d+ × the largest measured \(1–40\)\n$/m,
  );
  t.match(long.stdout, /^ {2}a prompt of 4608 tokens is 2.25 × the largest measured \(256–2048\)$/m);
  t.match(long.stdout, /^ {2}an output of 64 tokens is 0.5 × the least measured \(128–512\)$/m);
  t.notMatch(other.stdout, 'Outside', 'parameters of the flags were not found from what the file says');
});

test('missing flags are named together', async (t) => {
  const { status, stderr } = await brazier(['size', '--alpha', '20', '--batch', '8']);
  t.equal(status, 1);
  t.equal(stderr, 'name a file, or give --beta, --gamma, --input, --output\n');
});

test('flags that are no numbers are named together', async (t) => {
  const [one, several] = await Promise.all([
    brazier(['size', STATION, '--alpha', 'much', '--batch', '1O', '--ttft', '1000']),
    brazier(['minimum-cards', STATION, '--load-factors', '1,two']),
  ]);
  t.match(one.stderr, /^--alpha takes a number\n--batch takes a number\n/);
  t.match(several.stderr, /^--load-factors takes numbers with commas between\n/);
  t.same([one.status, several.status], [1, 1]);
});

test('what is no station is refused with what it should be, never coerced', async (t) => {
  const inputs: [string, RegExp][] = [
    ['null', /must be an object; it is null/],
    ['[1]', /must be an object; it is an array/],
    ['{"station":"abc","targets":{}}', /\/station {2}must be an object; it is "abc"/],
    ['{"station":{},"targets":5}', /\/targets {2}must be an object; it is 5/],
  ];
  const results = await Promise.all(inputs.map(([input]) => brazier(['size', '-'], input)));
  for (const [i, { status, stderr }] of results.entries()) {
    t.equal(status, 1, inputs[i][0]);
    t.match(stderr, inputs[i][1]);
  }
});
