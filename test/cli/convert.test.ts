import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'tap';
import { brazier } from '../support/command.ts';

const folder = await mkdtemp(join(tmpdir(), 'brazier-'));

async function fileOf(name: string, content: unknown): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, JSON.stringify(content));
  return file;
}

const melange = await fileOf('melange.json', {
  gpu_info: {
    A10G: {
      cost: 1.01,
      tputs: [
        [2, 1],
        [5, 2],
      ],
    },
    A100: {
      cost: 3.67,
      tputs: [
        [20, 2],
        [50, 20],
      ],
    },
  },
  workload_distribution: [
    [0.25, 0.125],
    [0.375, 0.25],
  ],
  total_request_rate: 30,
  slice_factor: 1,
});
const aibrix = (name: string, changes: object = {}) =>
  fileOf(`${name}.json`, {
    gpu: name,
    cost: 1,
    tputs: [
      [60, 30],
      [8, 7],
    ],
    indexes: [
      [32, 256],
      [128, 1024],
    ],
    created: 1748888478.2,
    slos: { percentile: 99, e2e: 5 },
    ...changes,
  });

test('an input of Mélange is a fleet that can be optimized as it is', async (t) => {
  const converted = await brazier(['convert', melange]);
  t.equal(converted.status, 0);
  t.match(converted.stderr, /does not tell the lengths/);
  const planned = await brazier(['optimize', '-'], converted.stdout);
  t.equal(planned.status, 0);
  t.match(planned.stdout, /1 of 1 servers served in full\.\nCost 7\.71 per hour/);
  const named = await brazier([
    'convert',
    melange,
    '--inputs',
    '100,1000',
    '--outputs',
    '50,200',
    '--rate',
    '3',
  ]);
  t.equal(named.stderr, '');
  const { load } = JSON.parse(named.stdout).servers[0];
  t.equal(load.requestsPerSec, 3);
  t.same(load.sizes[1], { inputTokens: 100, outputTokens: 200, share: 0.125 });
});

test('profiles of AIBrix, one file for each GPU, are a fleet', async (t) => {
  const files = [
    await aibrix('a100'),
    await aibrix('l4', {
      cost: 0.3,
      tputs: [
        [10, 4],
        [1, 1],
      ],
    }),
  ];
  const silent = await brazier(['convert', ...files, '--model', 'llama']);
  t.equal(silent.status, 0);
  t.match(silent.stderr, /load is not told: give --rate/);
  t.match(JSON.parse(silent.stdout), { servers: [{ name: 'llama', load: null }], queueModel: 'measured' });
  const told = await brazier([
    'convert',
    ...files,
    '--rate',
    '20',
    '--inputs',
    '128,1024',
    '--outputs',
    '32,32',
  ]);
  const planned = await brazier(['optimize', '-', '--format', 'json'], told.stdout);
  t.equal(JSON.parse(planned.stdout).status, 'complete');
});

test('what is neither is refused with every fault, and the file', async (t) => {
  const [other, ragged, both] = await Promise.all([
    fileOf('other.json', { gpu: 7, tputs: [[1]] }),
    aibrix('ragged', { tputs: [[60, 30], [8]] }),
    brazier(['convert', melange, melange]),
  ]);
  const [wrong, shape, none] = await Promise.all([
    brazier(['convert', other]),
    brazier(['convert', ragged]),
    brazier(['convert', melange, '--inputs', '0,64']),
  ]);
  t.equal(wrong.status, 1);
  t.match(wrong.stderr, 'other.json: is neither');
  t.match(wrong.stderr, '/gpu  must be a string; it is 7');
  t.match(wrong.stderr, '/cost  is required');
  t.match(shape.stderr, /\/tputs {2}has 1 numbers in row 1 for 2 lengths/);
  t.match(both.stderr, /one file for all GPUs/);
  t.match(none.stderr, /--inputs must be token counts/);
});
