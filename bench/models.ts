import { newMetrics } from '../src/queueing/queue-model.ts';
import type { Registry } from '../src/registry.ts';
import type { Station } from '../src/schemas/station.ts';
import { type Section, timeMs } from './rows.ts';

const LOADS = Array.from({ length: 100 }, (_, i) => 0.1 + (0.85 * i) / 100);

const STATION: Station = {
  serviceTime: { alphaMs: 8, betaMsPerToken: 0.02, gammaMsPerToken2: 0.00003 },
  maxBatchSize: 256,
  maxBatchTokens: 65_536,
  inputTokens: 500,
  outputTokens: 100,
};

/** Microseconds that the queue models take for the metrics at a rate, from a tenth of the highest to all but that. */
export function models(registry: Registry): Section {
  const metrics = newMetrics();
  const figures = [];
  for (const [name, model] of registry.queueModels) {
    if (model.reads === 'throughput' || !model.isLight) continue;
    // Other variability than the default, where a model knows it.
    const queue = model.prepare(STATION, { arrivalCv: 0.7, tokenCv: 0.5 });
    const ms = timeMs(
      () => {
        for (const load of LOADS) queue.evaluate(load * queue.maxRequestsPerSec, metrics);
      },
      15,
      200,
    );
    figures.push({ what: `${name}, microseconds an evaluation`, value: (1000 * ms) / LOADS.length });
  }
  return { rows: [], figures };
}
