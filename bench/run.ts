import { writeFile } from 'node:fs/promises';
import { DEFAULT_QUEUE_MODEL, optimizeRequest } from '../src/optimize-request.ts';
import { batchLimit } from '../src/optimizer/batch-limit.ts';
import { resolveServers } from '../src/optimizer/catalog.ts';
import { newMetrics } from '../src/queueing/queue-model.ts';
import { sizeRate } from '../src/queueing/sizing.ts';
import { loadRegistry } from '../src/registry.ts';
import type { Fleet, Targets } from '../src/schemas/fleet.ts';
import type { Station } from '../src/schemas/station.ts';
import { fleetOf } from './fleets.ts';
import { plainSize } from './plain-method.ts';

// Speed, as ratios to the plain method measured in the same run; absolute times stand beside. `--json FILE` writes them.

interface Sizing {
  readonly station: Station;
  readonly targets: Targets;
}

interface Row {
  readonly what: string;
  readonly ms: number;
  readonly ratio: number | null;
}

const registry = await loadRegistry();
const queueModel = registry.queueModels.get(DEFAULT_QUEUE_MODEL)!;
const rows: Row[] = [];

/** Every sizing problem that the candidates of a fleet pose. */
function sizingsOf(fleet: Fleet): Sizing[] {
  return resolveServers(fleet).flatMap(({ server, targets, variants }) =>
    variants.map(({ profile }) => {
      const { inputTokens, outputTokens } = server.load!;
      const { maxBatchSize } = batchLimit(server, profile, inputTokens, outputTokens)!;
      const maxQueueLength = server.maxQueueLength ?? 0;
      return {
        station: {
          serviceTime: profile.serviceTime!,
          maxBatchSize,
          maxQueueLength,
          inputTokens,
          outputTokens,
        },
        targets,
      };
    }),
  );
}

/** Median time of a run after warm-up (ms). */
function timeMs(run: () => void, times: number): number {
  for (let i = 0; i < Math.min(3, times); i++) run();
  const measured = Array.from({ length: times }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return measured.sort((a, b) => a - b)[times >> 1];
}

const fleet = fleetOf(600);
const sizings = sizingsOf(fleet);
const scratch = newMetrics();
// The plain method is measured on every twentieth problem and scaled up: whole, it would take minutes.
const sample = sizings.filter((_, i) => i % 20 === 0);
const sampleMs = timeMs(() => {
  for (const { station, targets } of sample) plainSize(station, targets);
}, 1);
const plainMs = (sampleMs * sizings.length) / sample.length;
const differs = sample.filter(({ station, targets }) => {
  const plain = plainSize(station, targets);
  const sized = sizeRate(queueModel.prepare(station, {}), targets, scratch);
  return Math.abs((sized.feasible ? scratch.throughputPerSec : 0) - plain) > 1e-4 * plain;
});
if (differs.length > 0)
  throw new Error(`${differs.length} of ${sample.length} sizings differ from the plain method`);
rows.push({ what: `plain method, ${sizings.length} candidates`, ms: plainMs, ratio: 1 });

const candidatesMs = timeMs(() => {
  for (const { station, targets } of sizings) sizeRate(queueModel.prepare(station, {}), targets, scratch);
}, 9);
rows.push({ what: `candidates, ${sizings.length}`, ms: candidatesMs, ratio: plainMs / candidatesMs });

const optimizeMs = timeMs(() => optimizeRequest(fleet, registry), 9);
rows.push({ what: 'optimization, 600 servers × 12', ms: optimizeMs, ratio: plainMs / optimizeMs });

const sizes = [10, 100, 1_000, 10_000];
const times = sizes.map((servers) => {
  const large = fleetOf(servers);
  const ms = timeMs(() => optimizeRequest(large, registry), servers > 1_000 ? 3 : 9);
  rows.push({ what: `optimization, ${servers} servers × 12`, ms, ratio: null });
  return ms;
});
const exponent = Math.log(times[3] / times[0]) / Math.log(sizes[3] / sizes[0]);

for (const maxBatchSize of [64, 2_048]) {
  const station = {
    serviceTime: { alphaMs: 6.58, betaMsPerToken: 0.0193, gammaMsPerToken2: 5.46e-5 },
    maxBatchSize,
    maxQueueLength: 500,
    inputTokens: 256,
    outputTokens: 128,
  };
  const targets = { ttftMs: 500, itlMs: maxBatchSize > 100 ? 60 : 12 };
  const plain = timeMs(() => plainSize(station, targets), 3);
  const repeats = 1_000;
  const ms = timeMs(() => {
    for (let i = 0; i < repeats; i++) sizeRate(queueModel.prepare(station, {}), targets, scratch);
  }, 9);
  rows.push({
    what: `one sizing, batch limit ${maxBatchSize}`,
    ms: ms / repeats,
    ratio: (plain * repeats) / ms,
  });
}

console.log('what                                          ms      times the plain method');
for (const { what, ms, ratio } of rows) {
  console.log(
    `${what.padEnd(38)}${ms.toPrecision(4).padStart(10)}  ${ratio === null ? '' : ratio.toPrecision(3).padStart(10)}`,
  );
}
console.log(`growth exponent from 10 to 10,000 servers: ${exponent.toFixed(2)}`);
const file = process.argv[process.argv.indexOf('--json') + 1];
if (process.argv.includes('--json'))
  await writeFile(file, `${JSON.stringify({ rows, exponent }, null, 2)}\n`);
