import { DEFAULT_QUEUE_MODEL } from '../src/operations/queue-model-choice.ts';
import { newMetrics, type Queue, type QueueModel } from '../src/queueing/queue-model.ts';
import { sizeRate } from '../src/queueing/sizing.ts';
import type { Registry } from '../src/registry.ts';
import { fleetOf } from './fleets.ts';
import type { Section } from './rows.ts';
import { type Sizing, sizingsOf } from './sizings.ts';

/** How often a sizing asks for the metrics at a rate. Comes last: what counts slows what is measured after it. */
export function evaluations(registry: Registry): Section {
  const model = registry.queueModels.get(DEFAULT_QUEUE_MODEL)!;
  const counts = sizingsOf(fleetOf(600)).map((sizing) => evaluationsOf(model, sizing));
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return { rows: [], figures: [{ what: 'evaluations per sizing', value: mean }] };
}

function evaluationsOf(model: QueueModel, { station, targets }: Sizing): number {
  let count = 0;
  const queue = model.prepare(station, {});
  const counted: Queue = Object.create(queue, {
    maxBatchSize: { value: queue.maxBatchSize },
    estimates: { value: queue.estimates },
    evaluate: {
      value: (...[rate, metrics]: Parameters<Queue['evaluate']>) => {
        count++;
        queue.evaluate(rate, metrics);
      },
    },
  });
  sizeRate(counted, targets, newMetrics());
  return count;
}
