import { test } from 'tap';
import { searchBatchLimit } from '../../src/queueing/concurrency.ts';
import model from '../../src/queueing/models/state-dependent.ts';
import { newMetrics, type QueueMetrics } from '../../src/queueing/queue-model.ts';
import { type SizedRate, sizeRate } from '../../src/queueing/sizing.ts';
import { forEach, near } from '../support/properties.ts';
import { metricsAt } from '../support/queues.ts';
import {
  type ReferenceMetrics,
  type ReferenceStation,
  type ReferenceTargets,
  referenceStations,
  STATIONS_FILE,
} from '../support/reference.ts';
import { skippedWithout } from '../support/shared-data.ts';

const skip = skippedWithout(STATIONS_FILE);
const stations = skip ? [] : referenceStations();
const TOLERANCE = 1e-3;
/** The reference's search goes astray where its ITL falls with the rate. */
const sizesRightly = ({ station }: ReferenceStation) => station.maxBatchSize >= 4;

function agree(actual: QueueMetrics, expected: ReferenceMetrics, batchLimit: number): undefined {
  near(actual.throughputPerSec, expected.throughputPerSec, TOLERANCE, 0, 'throughput');
  near(actual.inService, expected.inService, TOLERANCE, 0, 'in service');
  near(actual.inService / batchLimit, expected.utilization, TOLERANCE, 0, 'utilization');
  near(actual.prefillMs, expected.prefillMs, TOLERANCE, 0, 'prefill');
  near(actual.itlMs, expected.itlMs, TOLERANCE, 0, 'ITL');
  near(actual.ttftMs, expected.ttftMs, TOLERANCE, 0, 'TTFT');
  near(actual.responseMs, expected.responseMs, TOLERANCE, 0, 'response');
  // A difference of nearly equal numbers at low load.
  return near(actual.waitMs, expected.waitMs, TOLERANCE, TOLERANCE * expected.responseMs, 'wait');
}

function breaks(metrics: { ttftMs: number; itlMs: number }, { ttftMs, itlMs }: ReferenceTargets): boolean {
  return (
    metrics.ttftMs > (ttftMs || Infinity) * (1 + TOLERANCE) ||
    metrics.itlMs > (itlMs || Infinity) * (1 + TOLERANCE)
  );
}

const rateOf = (sized: SizedRate) => (sized.feasible ? sized.requestsPerSec : null);

test('every metric of the reference at every rate is met', { skip }, async (t) => {
  const points = stations.flatMap(({ station, analyze }) => analyze.map((point) => ({ station, ...point })));
  t.equal(points.length, 600);
  forEach(t, 'metrics', points, ({ station, requestsPerSec, expected }) => {
    return agree(metricsAt(model.prepare(station), requestsPerSec), expected, station.maxBatchSize);
  });
});

test('the highest stable rate is the reference’s', { skip }, async (t) => {
  t.equal(stations.length, 60);
  forEach(t, 'rate', stations, ({ station, maxRatePerSec }) => {
    return near(model.prepare(station).maxRequestsPerSec, maxRatePerSec, TOLERANCE, 0, 'highest rate');
  });
});

test('every sizing of the reference from a batch limit of 4 on is met', { skip }, async (t) => {
  const sizings = stations
    .filter(sizesRightly)
    .flatMap(({ station, size }) => size.map((one) => ({ station, ...one })));
  t.equal(sizings.length, 224);
  t.equal(sizings.filter(({ expected }) => expected).length, 173);
  let beyondJump = 0;
  forEach(t, 'rates', sizings, ({ station, targets, expected }) => {
    const queue = model.prepare(station);
    const { ttftMs, itlMs, tokensPerSec: minTokensPerSec } = targets;
    const scratch = newMetrics();
    const joint = rateOf(sizeRate(queue, { ttftMs, itlMs, minTokensPerSec }, scratch));
    if (expected === null || joint === null) return expected === joint;
    // At a jump of the chunk count the reference ends on the far side, where its answer breaks the target.
    if (breaks(expected.at, targets)) {
      beyondJump++;
      if (breaks(scratch, targets)) return false;
    } else agree(scratch, expected.at, station.maxBatchSize);
    const { rateForTtftPerSec: ttft, rateForItlPerSec: itl, rateForTokensPerSec: tokens } = expected;
    near(joint, Math.min(ttft, itl, tokens), TOLERANCE, 0, 'joint rate');
    const alone = newMetrics();
    near(rateOf(sizeRate(queue, { ttftMs }, alone))!, ttft, TOLERANCE, 0, 'rate for TTFT');
    near(rateOf(sizeRate(queue, { itlMs }, alone))!, itl, TOLERANCE, 0, 'rate for ITL');
    return near(
      rateOf(sizeRate(queue, { minTokensPerSec }, alone))!,
      tokens,
      TOLERANCE,
      0,
      'rate for tokens',
    );
  });
  t.equal(beyondJump, 2);
});

test('below a batch limit of 4 ours reaches what the reference’s search misses, and never less', {
  skip,
}, async (t) => {
  const small = stations
    .filter((one) => !sizesRightly(one))
    .flatMap(({ station, size }) => size.map((one) => ({ station, ...one })));
  t.equal(small.length, 16);
  let missed = 0;
  forEach(t, 'targets hold', small, ({ station, targets, expected }) => {
    const { ttftMs, itlMs, tokensPerSec: minTokensPerSec } = targets;
    const scratch = newMetrics();
    const sized = sizeRate(model.prepare(station), { ttftMs, itlMs, minTokensPerSec }, scratch);
    if (!sized.feasible) return expected === null;
    if (expected === null) missed++;
    return !breaks(scratch, targets);
  });
  t.equal(missed, 2);
});

test('every onset search of the reference is met or undercut, at or above the threshold', {
  skip,
}, async (t) => {
  const searches = stations
    .filter(sizesRightly)
    .flatMap(({ station, concurrency }) => concurrency.map((one) => ({ station, ...one })));
  t.equal(searches.length, 224);
  let smaller = 0;
  forEach(t, 'batch limit', searches, ({ station, ceiling, targets, expected }) => {
    const { ttftMs, itlMs, tokensPerSec: minTokensPerSec } = targets;
    const queue = model.prepare({ ...station, maxBatchSize: ceiling });
    const found = searchBatchLimit(queue, { ttftMs, itlMs, minTokensPerSec }, newMetrics());
    if (found === null || !expected.feasible) return found === null && !expected.feasible;
    near(
      found.ceilingThroughputPerSec,
      expected.anchorThroughputPerSec,
      TOLERANCE,
      0,
      'throughput at the ceiling',
    );
    if (found.maxBatchSize < expected.concurrency) smaller++;
    return (
      found.throughputPerSec >= 0.99 * found.ceilingThroughputPerSec &&
      found.maxBatchSize <= expected.concurrency
    );
  });
  t.ok(smaller < 50, `${smaller} are smaller`);
});
