import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { test } from 'tap';
import model from '../../src/queueing/models/state-dependent.ts';
import { newMetrics } from '../../src/queueing/queue-model.ts';
import { sizeRate } from '../../src/queueing/sizing.ts';
import { forAll } from '../support/properties.ts';
import { meets, metricsAt, targetsBetween, watched } from '../support/queues.ts';
import { stations, uniform } from '../support/stations.ts';

const share = uniform(0.02, 0.98);

test('targets hold at the answer although the latencies jump where the chunk count changes', async (t) => {
  const chunked = stations({ batch: [1, 64] }).map((station) => ({ ...station, maxBatchTokens: 64 }));
  let jumping = 0;
  forAll(
    t,
    'targets',
    fc.record({ station: chunked, ttftShare: share, itlShare: share }),
    ({ station, ttftShare, itlShare }) => {
      const queue = model.prepare(station);
      const targets = targetsBetween(queue, ttftShare, itlShare);
      const low = metricsAt(queue, queue.minRequestsPerSec);
      const sized = sizeRate(queue, targets, newMetrics());
      if (!sized.feasible) return !meets(low, targets);
      if (low.segment !== metricsAt(queue, queue.maxRequestsPerSec).segment) jumping++;
      return meets(metricsAt(queue, sized.requestsPerSec), targets);
    },
    600,
  );
  t.ok(jumping > 150, `${jumping} of 600 are feasible and jump`);
});

test('a batch limit below 4 is sized where its ITL falls with the rate', async (t) => {
  const small = stations({ batch: [1, 3], oneChunk: true }).map((station) => ({
    ...station,
    maxBatchSize: 1 + (station.maxBatchSize % 3),
    outputTokens: 1 + (station.outputTokens % 10),
  }));
  let falling = 0;
  forAll(t, 'targets', fc.record({ station: small, ttftShare: share }), ({ station, ttftShare }) => {
    const queue = model.prepare(station);
    const low = metricsAt(queue, queue.minRequestsPerSec);
    if (metricsAt(queue, queue.maxRequestsPerSec).itlMs < low.itlMs * 0.999) falling++;
    const { ttftMs } = targetsBetween(queue, ttftShare, 0);
    if (ttftMs < 1.0001 * low.ttftMs) return true;
    // ITL starts just within its target.
    const targets = { ttftMs, itlMs: 1.3 * low.itlMs };
    const sized = sizeRate(queue, targets, newMetrics());
    return sized.feasible && meets(metricsAt(queue, sized.requestsPerSec), targets);
  });
  t.ok(falling > 20, `${falling} of 200 have a falling ITL`);
});

test('without an answer the scratch holds the metrics at the lowest rate', async (t) => {
  const values = fc.record({ station: stations({ batch: [1, 8] }), ttftShare: share, itlShare: share });
  let infeasible = 0;
  forAll(
    t,
    'the scratch',
    values,
    ({ station, ttftShare, itlShare }) => {
      const queue = model.prepare(station);
      const scratch = newMetrics();
      const sized = sizeRate(queue, targetsBetween(queue, ttftShare, itlShare), scratch);
      if (sized.feasible) return true;
      infeasible++;
      return isDeepStrictEqual(scratch, metricsAt(queue, queue.minRequestsPerSec));
    },
    600,
  );
  t.ok(infeasible > 20, `${infeasible} of 600 have no answer`);
});

test('sizing takes few evaluations', async (t) => {
  const plain = stations({ batch: [4, 512], oneChunk: true }).filter(({ outputTokens }) => outputTokens >= 2);
  const counts: number[] = [];
  forAll(
    t,
    'every search',
    fc.record({ station: plain, ttftShare: share, itlShare: share }),
    ({ station, ttftShare, itlShare }) => {
      const { queue, evaluations } = watched(model.prepare(station));
      sizeRate(queue, targetsBetween(model.prepare(station), ttftShare, itlShare), newMetrics());
      counts.push(evaluations());
      // Bisection to the same width takes 24 and the ends.
      return evaluations() <= 48;
    },
    400,
  );
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length;
  t.ok(mean <= 12, `${mean} on average`);
});

test('jumps add no more than the halvings that isolate them', async (t) => {
  const chunked = stations({ batch: [4, 64] }).map((station) => ({ ...station, maxBatchTokens: 64 }));
  forAll(t, 'every search', fc.record({ station: chunked, ttftShare: share, itlShare: share }), (values) => {
    const { queue, evaluations } = watched(model.prepare(values.station));
    const targets = targetsBetween(model.prepare(values.station), values.ttftShare, values.itlShare);
    sizeRate(queue, { ttftMs: targets.ttftMs, itlMs: Math.max(targets.itlMs, 1e-9) }, newMetrics());
    return evaluations() <= 120;
  });
});
