import { asTargeted } from '../src/queueing/percentile-view.ts';
import { newMetrics, type QueueModel } from '../src/queueing/queue-model.ts';
import { sizeRate } from '../src/queueing/sizing.ts';
import type { Registry } from '../src/registry.ts';
import type { Targets } from '../src/schemas/fleet.ts';
import type { Station } from '../src/schemas/station.ts';
import { type Figure, median, type Section, timeMs } from './rows.ts';

const MODELS = ['state-dependent', 'iteration'];
const BATCHES = [8, 64, 256, 2_048];

/** Of the highest stable rate: where the targets lie. */
const LOADS = [0.3, 0.6, 0.8, 0.9, 0.97];

const PERCENTILES: Readonly<Record<string, Targets>> = {
  TTFT: { ttftPercentile: 0.95 },
  ITL: { itlPercentile: 0.95 },
  both: { ttftPercentile: 0.95, itlPercentile: 0.95 },
};

const ROUNDS = 15;

const scratch = newMetrics();

/** What a sizing at percentiles costs, as a multiple of one at means whose targets lie at the same rates. */
export function percentiles(registry: Registry): Section {
  const figures: Figure[] = [];
  for (const name of MODELS) {
    const model = registry.queueModels.get(name)!;
    for (const maxBatchSize of BATCHES) {
      const station = stationOf(maxBatchSize);
      const within = (percentile: Targets) =>
        LOADS.flatMap((load) => targetsAt(model, station, load, percentile));
      const loose = (percentile: Targets) => [{ ttftMs: 1e9, itlMs: 1e9, ...percentile }];
      for (const [place, targetsOf] of [['', within] as const, [', stability binds', loose] as const]) {
        const means = targetsOf({});
        for (const [which, percentile] of Object.entries(PERCENTILES)) {
          const problems = targetsOf(percentile);
          // In turns, so that what slows the machine down for a while slows down both.
          const ratios = Array.from(
            { length: ROUNDS },
            () => timeOf(model, station, problems) / timeOf(model, station, means),
          );
          const value = median(ratios);
          figures.push({ what: `${name}, batch limit ${maxBatchSize}${place}: ${which} over mean`, value });
        }
      }
    }
  }
  return { rows: [], figures };
}

function stationOf(maxBatchSize: number): Station {
  return {
    serviceTime: { alphaMs: 6.58, betaMsPerToken: 0.0193, gammaMsPerToken2: 5.46e-5 },
    maxBatchSize,
    maxQueueLength: 500,
    inputTokens: 256,
    outputTokens: 128,
  };
}

/** What the station shows at a load, one of the two binding. */
function targetsAt(model: QueueModel, station: Station, load: number, percentile: Targets): Targets[] {
  const queue = asTargeted(model.prepare(station, {}), { ttftMs: 1, itlMs: 1, ...percentile });
  queue.evaluate(load * queue.maxRequestsPerSec, scratch);
  const { ttftMs, itlMs } = scratch;
  return [
    { ttftMs, itlMs: 1.3 * itlMs, ...percentile },
    { ttftMs: 1.3 * ttftMs, itlMs, ...percentile },
  ];
}

function timeOf(model: QueueModel, station: Station, problems: readonly Targets[]): number {
  return timeMs(
    () => {
      for (const targets of problems)
        sizeRate(asTargeted(model.prepare(station, {}), targets), targets, scratch);
    },
    3,
    100,
  );
}
