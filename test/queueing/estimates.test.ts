import fc from 'fast-check';
import { test } from 'tap';
import model from '../../src/queueing/models/state-dependent.ts';
import { newMetrics } from '../../src/queueing/queue-model.ts';
import type { Station } from '../../src/schemas/station.ts';
import { plainLaw } from '../support/long-sum.ts';
import { forAll, near } from '../support/properties.ts';
import { stations, uniform } from '../support/stations.ts';

// One chunk throughout, so that what the estimates bound rises with the batch.
const searches = fc.record({
  station: stations({ batch: [1, 100], oneChunk: true }),
  share: uniform(-0.2, 1.2),
});

/** Largest batch in 1 … the limit whose value is within the target, 1 when none is: by looking at each. */
function largestWithin(station: Station, valueAt: (batch: number) => number, target: number): number {
  let largest = 1;
  for (let batch = 1; batch <= station.maxBatchSize; batch++) if (valueAt(batch) <= target) largest = batch;
  return largest;
}

/** A target off the values themselves, where rounding would decide. */
function targetFor(station: Station, valueAt: (batch: number) => number, share: number): number {
  return (valueAt(1) + share * (valueAt(station.maxBatchSize) - valueAt(1))) * (1 + 1e-9);
}

test('the batch estimated for an ITL is the largest whose iteration stays within it', async (t) => {
  forAll(t, 'the batch', searches, ({ station, share }) => {
    const {
      alphaMs,
      betaMsPerToken,
      gammaMsPerToken2,
      decodeMsPerToken = betaMsPerToken,
    } = station.serviceTime!;
    const context = station.inputTokens + (station.outputTokens + 1) / 2;
    const work = plainLaw(station).meanWork(1);
    const iteration = (batch: number) =>
      alphaMs + (batch - 1) * work + decodeMsPerToken + gammaMsPerToken2 * context;
    const target = targetFor(station, iteration, share);
    return (
      model.prepare(station).estimates!.batchSizeForItl(target, station.maxBatchSize) ===
      largestWithin(station, iteration, target)
    );
  });
});

test('the batch estimated for a TTFT is the largest whose prefill stays within it', async (t) => {
  forAll(t, 'the batch', searches, ({ station, share }) => {
    const prefill = (batch: number) => plainLaw(station).prefill(batch, 1);
    const target = targetFor(station, prefill, share);
    return (
      model.prepare(station).estimates!.batchSizeForTtft(target, station.maxBatchSize) ===
      largestWithin(station, prefill, target)
    );
  });
});

test('the rate estimated for a latency is where a batch that never fills reaches it', async (t) => {
  const metrics = newMetrics();
  let estimated = 0;
  forAll(t, 'the rate', stations({ batch: [200, 400] }), (station) => {
    const queue = model.prepare(station);
    const rate = 0.2 * queue.maxRequestsPerSec;
    queue.evaluate(rate, metrics);
    const forItl = queue.estimates!.rateForItlPerSec(metrics.itlMs);
    const forTtft = queue.estimates!.rateForTtftPerSec(metrics.ttftMs);
    // Below one request in service the prefill is bounded by 0; where the latency hardly rises, the rate is not told by it.
    const steep = metrics.inService > 1 && station.serviceTime!.betaMsPerToken > 1e-4;
    if (Number.isNaN(forItl) || !steep || metrics.waitMs > 1e-9) return true;
    estimated++;
    near(forItl, rate, 1e-4, 0, 'ITL');
    return near(forTtft, rate, 1e-4, 0, 'TTFT');
  });
  t.ok(estimated > 20, `${estimated} stations are estimated`);
});
