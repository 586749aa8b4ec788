import { optimizeRequest } from '../src/operations/optimize-request.ts';
import { DEFAULT_QUEUE_MODEL } from '../src/operations/queue-model-choice.ts';
import { newMetrics, type QueueModel } from '../src/queueing/queue-model.ts';
import { sizeRate } from '../src/queueing/sizing.ts';
import type { Registry } from '../src/registry.ts';
import { fleetOf } from './fleets.ts';
import { plainSize } from './plain-method.ts';
import { type Row, type Section, timeMs } from './rows.ts';
import { SINGLE_SIZINGS, type Sizing, sizingsOf } from './sizings.ts';

// Sizing and optimization in process, as ratios to the plain method measured in the same run.

const scratch = newMetrics();

export function core(registry: Registry): Section {
  const model = registry.queueModels.get(DEFAULT_QUEUE_MODEL)!;
  const fleet = fleetOf(600);
  const sizings = sizingsOf(fleet);
  // The plain method is measured on every twentieth problem and scaled up: whole, it would take minutes.
  const sample = sizings.filter((_, i) => i % 20 === 0);
  checkAgainstPlain(model, sample);
  const sampleMs = timeMs(() => {
    for (const { station, targets } of sample) plainSize(station, targets);
  }, 3);
  const plainMs = (sampleMs * sizings.length) / sample.length;
  const candidatesMs = timeMs(() => {
    for (const { station, targets } of sizings) sizeRate(model.prepare(station, {}), targets, scratch);
  }, 9);
  const optimizeMs = timeMs(() => optimizeRequest(fleet, registry), 15);
  return {
    rows: [
      { what: `plain method, ${sizings.length} candidates`, ms: plainMs, ratio: 1 },
      { what: `candidates, ${sizings.length}`, ms: candidatesMs, ratio: plainMs / candidatesMs },
      { what: 'optimization, 600 servers × 12', ms: optimizeMs, ratio: plainMs / optimizeMs },
      ...SINGLE_SIZINGS.map((sizing) => singleRow(model, sizing)),
    ],
    figures: [],
  };
}

function singleRow(model: QueueModel, { station, targets }: Sizing): Row {
  const plain = timeMs(() => plainSize(station, targets), 3);
  const ms = timeMs(() => sizeRate(model.prepare(station, {}), targets, scratch), 15, 5_000);
  return { what: `one sizing, batch limit ${station.maxBatchSize}`, ms, ratio: plain / ms };
}

function checkAgainstPlain(model: QueueModel, sample: readonly Sizing[]): void {
  const differs = sample.filter(({ station, targets }) => {
    const plain = plainSize(station, targets);
    const sized = sizeRate(model.prepare(station, {}), targets, scratch);
    return Math.abs((sized.feasible ? scratch.throughputPerSec : 0) - plain) > 1e-4 * plain;
  });
  if (differs.length > 0)
    throw new Error(`${differs.length} of ${sample.length} sizings differ from the plain method`);
}
