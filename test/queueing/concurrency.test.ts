import fc from 'fast-check';
import { test } from 'tap';
import { searchBatchLimit } from '../../src/queueing/concurrency.ts';
import model from '../../src/queueing/models/state-dependent.ts';
import { newMetrics, type Queue } from '../../src/queueing/queue-model.ts';
import { sizeRate } from '../../src/queueing/sizing.ts';
import { forAll } from '../support/properties.ts';
import { metricsAt, targetsBetween, watched } from '../support/queues.ts';
import { stations, uniform } from '../support/stations.ts';

const share = uniform(0.02, 0.98);
const searches = fc.record({ station: stations({ batch: [1, 200] }), ttftShare: share, itlShare: share });

function sizedThroughput(queue: Queue, targets: object): number {
  const scratch = newMetrics();
  return sizeRate(queue, targets, scratch).feasible ? scratch.throughputPerSec : 0;
}

test('the batch limit found keeps 99 % of the throughput at the ceiling and is not above it', async (t) => {
  let lower = 0;
  forAll(t, 'throughput', searches, ({ station, ttftShare, itlShare }) => {
    const queue = model.prepare(station);
    const targets = targetsBetween(queue, ttftShare, itlShare);
    const atCeiling = sizedThroughput(queue, targets);
    const found = searchBatchLimit(queue, targets, newMetrics());
    if (found === null) return atCeiling === 0;
    if (found.maxBatchSize < station.maxBatchSize) lower++;
    const prepared = model.prepare({ ...station, maxBatchSize: found.maxBatchSize });
    return (
      found.maxBatchSize >= 1 &&
      found.maxBatchSize <= station.maxBatchSize &&
      found.ceilingThroughputPerSec === atCeiling &&
      found.throughputPerSec === sizedThroughput(prepared, targets) &&
      found.throughputPerSec >= 0.99 * atCeiling
    );
  });
  t.ok(lower > 100, `${lower} of 200 are below the ceiling`);
});

test('one less than the batch limit found is not enough where throughput rises with the limit', async (t) => {
  let lower = 0;
  let rising = 0;
  forAll(t, 'the limit below', stations({ batch: [8, 200], oneChunk: true }), (station) => {
    const queue = model.prepare(station);
    const targets = { itlMs: 1e9 };
    const found = searchBatchLimit(queue, targets, newMetrics())!;
    const limits = Array.from({ length: station.maxBatchSize }, (_, i) => i + 1);
    const throughputs = limits.map((limit) => sizedThroughput(queue.withMaxBatchSize(limit), targets));
    if (throughputs.some((value, i) => i > 0 && value < throughputs[i - 1]!)) return true;
    rising++;
    if (found.maxBatchSize < station.maxBatchSize) lower++;
    return (
      found.maxBatchSize === 1 || throughputs[found.maxBatchSize - 2]! < 0.99 * found.ceilingThroughputPerSec
    );
  });
  t.ok(rising > 100 && lower > 30, `${rising} of 200 rise, ${lower} are below the ceiling`);
});

test('unreachable targets give no batch limit', async (t) => {
  forAll(t, 'null', stations({ batch: [4, 200], oneChunk: true }), (station) => {
    const queue = model.prepare(station);
    const { ttftMs } = metricsAt(queue, queue.minRequestsPerSec);
    return searchBatchLimit(queue, { ttftMs: 0.9 * ttftMs }, newMetrics()) === null;
  });
});

test('the search evaluates no limit above the ceiling and few in all', async (t) => {
  const counts: number[] = [];
  forAll(t, 'limits', searches, ({ station, ttftShare, itlShare }) => {
    const { queue, batchLimits } = watched(model.prepare(station));
    searchBatchLimit(queue, targetsBetween(queue, ttftShare, itlShare), newMetrics());
    counts.push(batchLimits.size);
    const limits = [...batchLimits];
    // Bisection of 1 … 200 takes 8; the ceiling and both ends of the bracket come to it.
    return batchLimits.size <= 11 && limits.every((limit) => limit >= 1 && limit <= station.maxBatchSize);
  });
  t.ok(Math.max(...counts) >= 3, 'some search is more than its bracket');
});

test('a ceiling of 1 is the answer or there is none', async (t) => {
  const queue = model.prepare({
    serviceTime: { alphaMs: 5, betaMsPerToken: 0.01, gammaMsPerToken2: 0 },
    maxBatchSize: 1,
    inputTokens: 100,
    outputTokens: 20,
  });
  t.match(searchBatchLimit(queue, { ttftMs: 500 }, newMetrics()), { maxBatchSize: 1 });
  t.equal(searchBatchLimit(queue, { ttftMs: 1 }, newMetrics()), null);
});
