import fc from 'fast-check';
import type { Test } from 'tap';
import { newMetrics, type Queue } from '../../src/queueing/queue-model.ts';
import { near } from '../support/properties.ts';
import { metricsAt } from '../support/queues.ts';
import { logUniform, measuredStations, uniform } from '../support/stations.ts';
import type { Tried } from './conformance-tried.ts';

/** A prepared queue answers for its station, rate and batch limit alone. */
export function isIndependent(t: Test, { prepare, forAll }: Tried) {
  const claim = (name: string, body: (t: Test) => void) => t.test(name, async (t) => body(t));
  const anyStation = measuredStations;
  const rateOf = (queue: Queue, load: number) => load * queue.maxRequestsPerSec;

  claim('evaluation depends on the rate alone: not on the order, on the scratch or on another queue', (t) => {
    const orders = fc.record({
      station: anyStation,
      other: anyStation,
      loads: fc.array(logUniform(1e-6, 10), { minLength: 2, maxLength: 6 }),
    });
    forAll(t, 'the same answer', orders, ({ station, other, loads }) => {
      const queue = prepare(station);
      const rates = loads.map((load) => rateOf(queue, load));
      const first = rates.map((rate) => metricsAt(queue, rate));
      const disturbing = prepare(other);
      const reused = newMetrics();
      return rates.toReversed().every((rate, i) => {
        disturbing.evaluate(rate, reused);
        disturbing.withMaxBatchSize(1).evaluate(rate, reused);
        queue.evaluate(rate, reused);
        const before = first[rates.length - 1 - i]!;
        return Object.entries(before).every(([name, value]) =>
          Object.is(value, reused[name as keyof typeof reused]),
        );
      });
    });
  });

  claim('a lower batch limit answers as if prepared with it', (t) => {
    const limits = fc.record({ station: anyStation, share: uniform(0, 1), load: logUniform(1e-6, 10) });
    forAll(t, 'every metric', limits, ({ station, share, load }) => {
      const maxBatchSize = Math.max(1, Math.round(share * station.maxBatchSize));
      const lowered = prepare(station).withMaxBatchSize(maxBatchSize);
      const prepared = prepare({ ...station, maxBatchSize });
      near(lowered.maxRequestsPerSec, prepared.maxRequestsPerSec, 1e-12, 0, 'highest rate');
      near(lowered.minRequestsPerSec, prepared.minRequestsPerSec, 1e-12, 0, 'lowest rate');
      const rate = rateOf(prepared, load);
      const expected = metricsAt(prepared, rate);
      for (const [name, value] of Object.entries(metricsAt(lowered, rate))) {
        const other = expected[name as keyof typeof expected];
        if (!(Number.isNaN(value) && Number.isNaN(other)))
          near(value, other, 1e-9, 1e-12 * (expected.prefillMs || 0), name);
      }
      return lowered.maxBatchSize === maxBatchSize;
    });
  });
}
