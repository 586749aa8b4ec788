import fc from 'fast-check';
import type { Test } from 'tap';
import { searchBatchLimit } from '../../src/queueing/concurrency.ts';
import { newMetrics } from '../../src/queueing/queue-model.ts';
import { sizeRate } from '../../src/queueing/sizing.ts';
import type { Station } from '../../src/schemas/station.ts';
import { plainLaw } from '../support/long-sum.ts';
import { near } from '../support/properties.ts';
import { meets, metricsAt, targetsBetween, watched } from '../support/queues.ts';
import { logUniform, stations, uniform } from '../support/stations.ts';
import type { Tried } from './conformance-tried.ts';

/** What searches over the rate and the batch limit expect of a queue model; they work with nothing else. */
export function searchesWork(t: Test, { prepare, forAll, cases }: Tried) {
  const claim = (name: string, body: (t: Test) => void) => t.test(name, async (t) => body(t));
  const share = uniform(0.01, 0.99);
  const searches = fc.record({ station: stations({ batch: [1, 48] }), ttftShare: share, itlShare: share });
  const pairs = fc.record({ station: stations(), load: logUniform(1e-5, 4), step: logUniform(1e-4, 1) });

  /** Whether the pair lies in one segment and `falls` neither there. */
  const compare = (t: Test, name: 'ttftMs' | 'itlMs', of: (station: Station) => boolean) => {
    let compared = 0;
    forAll(
      t,
      name,
      pairs.filter(({ station }) => of(station)),
      ({ station, load, step }) => {
        const queue = prepare(station);
        const before = metricsAt(queue, load * queue.maxRequestsPerSec);
        const after = metricsAt(queue, load * (1 + step) * queue.maxRequestsPerSec);
        if (before.segment !== after.segment || Number.isNaN(after.ttftMs)) return true;
        compared++;
        // ITL is a difference of times as large as the time in service.
        const rounding = (1e-11 * (before.responseMs - before.waitMs)) / station.outputTokens;
        return after[name] >= before[name] * (1 - 1e-11) - rounding;
      },
      600,
    );
    t.ok(compared > cases(300), `${compared} of ${cases(600)} pairs share a segment`);
  };

  claim('TTFT does not fall with the rate within a segment', (t) => compare(t, 'ttftMs', () => true));

  // Its formula charges a whole prefill, which outweighs few decode steps.
  claim('ITL does not fall either from a batch limit of 4 and two outputs per chunk on', (t) =>
    compare(t, 'itlMs', (station) => {
      const { maxBatchSize, outputTokens } = station;
      return maxBatchSize >= 4 && outputTokens >= 2 * plainLaw(station).chunksOf(maxBatchSize);
    }),
  );

  claim('a queue that says that its latencies rise keeps to it, in one segment', (t) => {
    forAll(t, 'rising', pairs, ({ station, load, step }) => {
      const queue = prepare(station);
      if (!queue.rises) return true;
      const rate = Math.min(load, 1) * queue.maxRequestsPerSec;
      const before = metricsAt(queue, rate);
      const after = metricsAt(queue, Math.min(rate * (1 + step), queue.maxRequestsPerSec));
      const rounding = (1e-11 * (before.responseMs - before.waitMs)) / station.outputTokens;
      return (
        before.segment === after.segment &&
        after.ttftMs >= before.ttftMs * (1 - 1e-11) - rounding &&
        after.itlMs >= before.itlMs * (1 - 1e-11) - rounding
      );
    });
  });

  for (const withEstimates of [true, false]) {
    const how = withEstimates ? 'with its estimates' : 'without estimates';

    claim(
      `sizing ${how} answers a stable rate at which every target holds, if they hold at the lowest`,
      (t) => {
        let feasible = 0;
        forAll(t, 'the rate', searches, ({ station, ttftShare, itlShare }) => {
          const { queue } = watched(prepare(station), withEstimates);
          const targets = targetsBetween(queue, ttftShare, itlShare);
          const scratch = newMetrics();
          const sized = sizeRate(queue, targets, scratch);
          const { minRequestsPerSec, maxRequestsPerSec } = queue;
          if (!sized.feasible) return !meets(metricsAt(queue, minRequestsPerSec), targets);
          feasible++;
          const m = metricsAt(queue, sized.requestsPerSec);
          const stable =
            sized.requestsPerSec >= minRequestsPerSec && sized.requestsPerSec <= maxRequestsPerSec;
          return stable && meets(m, targets) && m.throughputPerSec === scratch.throughputPerSec;
        });
        t.ok(feasible > cases(100), `${feasible} of ${cases(200)} are feasible`);
      },
    );

    claim(`the concurrency search ${how} answers a batch limit whose throughput is that of sizing`, (t) => {
      let lower = 0;
      forAll(t, 'the batch limit', searches, ({ station, ttftShare, itlShare }) => {
        const { queue } = watched(prepare(station), withEstimates);
        const targets = targetsBetween(queue, ttftShare, itlShare);
        const scratch = newMetrics();
        const found = searchBatchLimit(queue, targets, scratch);
        if (found === null) return !sizeRate(queue, targets, scratch).feasible;
        if (found.maxBatchSize < queue.maxBatchSize) lower++;
        if (!sizeRate(queue.withMaxBatchSize(found.maxBatchSize), targets, scratch).feasible) return false;
        near(found.throughputPerSec, scratch.throughputPerSec, 1e-12, 0, 'throughput');
        return found.throughputPerSec >= 0.99 * found.ceilingThroughputPerSec;
      });
      t.ok(lower > cases(50), `${lower} of ${cases(200)} are below the ceiling`);
    });
  }
}
