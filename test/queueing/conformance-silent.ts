import fc from 'fast-check';
import type { Test } from 'tap';
import { analyze } from '../../src/queueing/analysis.ts';
import { searchBatchLimit } from '../../src/queueing/concurrency.ts';
import { newMetrics } from '../../src/queueing/queue-model.ts';
import { sizeRate } from '../../src/queueing/sizing.ts';
import { near } from '../support/properties.ts';
import { metricsAt } from '../support/queues.ts';
import { logUniform, measuredStations } from '../support/stations.ts';
import type { Tried } from './conformance-tried.ts';

/** What a queue model keeps that knows rates but tells no latencies. */
export function keepsSilent(t: Test, { prepare, forAll }: Tried) {
  const points = fc.record({ station: measuredStations, load: logUniform(1e-6, 10) });

  t.test('no latency is told, at any rate', async (t) => {
    forAll(t, 'NaN', points, ({ station, load }) => {
      const queue = prepare(station);
      const m = metricsAt(queue, load * queue.maxRequestsPerSec);
      return [m.waitMs, m.prefillMs, m.ttftMs, m.itlMs, m.responseMs].every(Number.isNaN);
    });
  });

  t.test('all is served up to the highest rate, and no more above it', async (t) => {
    forAll(t, 'throughput', points, ({ station, load }) => {
      const queue = prepare(station);
      const highest = queue.maxRequestsPerSec;
      const m = metricsAt(queue, load * highest);
      near(m.throughputPerSec, Math.min(load, 1) * highest, 1e-12, 0, 'throughput');
      near(m.inService, Math.min(load, 1) * queue.maxBatchSize, 1e-9, 0, 'in service');
      const lost = station.maxQueueLength === undefined ? 0 : Math.max(0, 1 - 1 / load);
      near(m.lossFraction, lost, 1e-9, 1e-12, 'loss');
      return highest > 0 && queue.minRequestsPerSec > 0 && queue.minRequestsPerSec <= highest;
    });
  });

  t.test('a point is overloaded exactly above the highest rate, and its latencies are null', async (t) => {
    forAll(t, 'status', points, ({ station, load }) => {
      const queue = prepare(station);
      const { status, ttftMs, itlMs, prefillMs } = analyze(queue, load * queue.maxRequestsPerSec);
      return (
        status === (load > 1 ? 'overloaded' : 'stable') &&
        [ttftMs, itlMs, prefillMs].every((value) => value === null)
      );
    });
  });

  t.test('its rates hold within any targets; a token rate leaves a tenth', async (t) => {
    forAll(t, 'sizing', points, ({ station }) => {
      const queue = prepare(station);
      const scratch = newMetrics();
      const sized = sizeRate(queue, { ttftMs: 1, itlMs: 1 }, scratch);
      const owing = sizeRate(queue, { minTokensPerSec: 1 }, scratch);
      const found = searchBatchLimit(queue, { itlMs: 1 }, scratch);
      return (
        sized.feasible &&
        sized.requestsPerSec === queue.maxRequestsPerSec &&
        sized.binding === 'stability' &&
        owing.feasible &&
        owing.requestsPerSec === 0.9 * queue.maxRequestsPerSec &&
        found?.maxBatchSize === station.maxBatchSize
      );
    });
  });
}
