import fc from 'fast-check';
import type { Test } from 'tap';
import { near } from '../support/properties.ts';
import { metricsAt } from '../support/queues.ts';
import { logUniform, stations, uniform } from '../support/stations.ts';
import type { Tried } from './conformance-tried.ts';

/** How exact a quantile is that was searched for, where it lies between two spikes (relative). */
const SEARCHED_TO = 1e-6;

/** Where a model tells percentiles: they are quantiles of something, and leave everything else as it is. */
export function tellsPercentilesWell(t: Test, { model, prepare, forAll, cases }: Tried) {
  const values = fc.record({
    station: stations({ batch: [1, 64] }),
    load: logUniform(1e-3, 2),
    step: logUniform(1e-3, 0.5),
    shares: fc.tuple(uniform(0.5, 0.999), uniform(0.5, 0.999)),
  });
  const claim = (name: string, body: (t: Test) => void) => t.test(name, async (t) => body(t));

  claim('a model that tells percentiles says so', (t) => {
    const [{ station }] = fc.sample(values, { seed: 1, numRuns: 1 });
    t.equal(prepare(station).atPercentiles !== undefined, model.tellsPercentiles === true);
  });
  if (!model.tellsPercentiles) return;

  claim('a percentile of a latency is above zero, and a higher one is not shorter', (t) => {
    let apart = 0;
    forAll(t, 'percentiles', values, ({ station, load, shares }) => {
      const queue = prepare(station);
      const [p, q] = shares.toSorted((a, b) => a - b);
      const rate = load * queue.maxRequestsPerSec;
      const low = metricsAt(queue.atPercentiles!({ ttft: p, itl: p }), rate);
      const high = metricsAt(queue.atPercentiles!({ ttft: q, itl: q }), rate);
      if (low.segment !== high.segment || Number.isNaN(high.ttftMs)) return true;
      if (high.ttftMs > low.ttftMs) apart++;
      if (!(low.ttftMs > 0 && low.itlMs > 0)) return false;
      const rounding = (1e-9 * (low.responseMs - low.waitMs)) / station.outputTokens;
      const least = 1 - SEARCHED_TO;
      return high.ttftMs >= low.ttftMs * least && high.itlMs >= low.itlMs * least - rounding;
    });
    t.ok(apart > cases(10), `${apart} of ${cases(200)} differ`);
  });

  claim('a latency at a percentile does not fall with the rate within a segment', (t) => {
    let compared = 0;
    const least = 1 - (model.roughnessFraction ?? 1e-9);
    forAll(t, 'percentiles', values, ({ station, load, step, shares: [ttft, itl] }) => {
      const queue = prepare(station).atPercentiles!({ ttft, itl });
      const before = metricsAt(queue, load * queue.maxRequestsPerSec);
      const after = metricsAt(queue, load * (1 + step) * queue.maxRequestsPerSec);
      if (before.segment !== after.segment || Number.isNaN(after.ttftMs)) return true;
      compared++;
      const rounding = (1e-9 * (before.responseMs - before.waitMs)) / station.outputTokens;
      return (
        after.ttftMs >= before.ttftMs * least - rounding && after.itlMs >= before.itlMs * least - rounding
      );
    });
    t.ok(compared > cases(100), `${compared} of ${cases(200)} pairs share a segment`);
  });

  claim('against bounds, percentiles lie on the side of their bounds that they lie on', (t) => {
    const sides = { above: 0, below: 0 };
    const bounded = fc.record({ at: values, shares: fc.tuple(uniform(0.5, 2), uniform(0.5, 2)) });
    forAll(t, 'sides', bounded, ({ at: { station, load, shares: ps }, shares }) => {
      const queue = prepare(station).atPercentiles!({ ttft: ps[0], itl: ps[1] });
      const rate = load * queue.maxRequestsPerSec;
      const { ttftMs, itlMs } = metricsAt(queue, rate);
      const bounds = {
        ttftMs: shares[0] * ttftMs,
        itlMs: shares[1] * itlMs,
        responseMs: Number.POSITIVE_INFINITY,
      };
      if (Number.isNaN(ttftMs)) return true;
      const against = metricsAt(queue.against?.(bounds) ?? queue, rate);
      sides[shares[0] < 1 ? 'above' : 'below']++;
      return (
        against.ttftMs > bounds.ttftMs === shares[0] < 1 && against.itlMs > bounds.itlMs === shares[1] < 1
      );
    });
    t.ok(Math.min(sides.above, sides.below) > cases(20), JSON.stringify(sides));
  });

  claim('percentiles of one latency leave all other metrics as they are', (t) => {
    forAll(t, 'others', values, ({ station, load, shares: [p] }) => {
      const queue = prepare(station);
      const rate = load * queue.maxRequestsPerSec;
      const { ttftMs, itlMs, segment: _, ...others } = metricsAt(queue, rate);
      const first = metricsAt(queue.atPercentiles!({ ttft: p }), rate);
      const gaps = metricsAt(queue.atPercentiles!({ itl: p }), rate);
      for (const [name, value] of Object.entries(others) as [keyof typeof others, number][]) {
        if (Number.isNaN(value)) continue;
        near(first[name], value, 0, 0, name);
        near(gaps[name], value, 0, 0, name);
      }
      return Object.is(first.itlMs, itlMs) && Object.is(gaps.ttftMs, ttftMs);
    });
  });
}
