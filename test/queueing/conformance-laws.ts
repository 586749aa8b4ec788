import fc from 'fast-check';
import type { Test } from 'tap';
import { analyze } from '../../src/queueing/analysis.ts';
import type { Queue } from '../../src/queueing/queue-model.ts';
import { near } from '../support/properties.ts';
import { metricsAt } from '../support/queues.ts';
import { logUniform, stations } from '../support/stations.ts';
import type { Tried } from './conformance-tried.ts';

/** The laws that metrics keep, whatever the model's formulas; its options are the defaults. */
export function keepsTheLaws(t: Test, { prepare, forAll }: Tried) {
  const claim = (name: string, body: (t: Test) => void) => t.test(name, async (t) => body(t));
  const anyStation = stations();
  const absolute = fc.oneof(fc.constant(1e6), fc.constant(Number.MIN_VALUE), logUniform(1e-300, 1e6));
  const points = fc.record({ station: anyStation, rate: absolute, load: logUniform(1e-6, 10) });
  const rateOf = (queue: Queue, load: number) => load * queue.maxRequestsPerSec;

  claim('it is total: any rate above 0 has metrics within their ranges', (t) => {
    forAll(t, 'ranges', points, ({ station, rate, load }) => {
      const queue = prepare(station);
      return [rate, rateOf(queue, load)].every((at) => {
        const m = metricsAt(queue, at);
        const finite = [m.throughputPerSec, m.lossFraction, m.prefillMs, m.itlMs, m.inService, m.segment];
        return (
          finite.every(Number.isFinite) &&
          m.throughputPerSec >= 0 &&
          m.throughputPerSec <= at * (1 + 1e-9) &&
          m.lossFraction >= 0 &&
          m.lossFraction <= 1 &&
          m.inService >= 0 &&
          m.inService <= queue.maxBatchSize * (1 + 1e-12) &&
          m.prefillMs >= 0
        );
      });
    });
  });

  claim('only an overloaded station with an unlimited waiting room waits without bound', (t) => {
    forAll(t, 'bounds', points, ({ station, rate, load }) => {
      const queue = prepare(station);
      return [rate, rateOf(queue, load)].every((at) => {
        const { waitMs, ttftMs, responseMs } = metricsAt(queue, at);
        const unbounded = Number.isNaN(waitMs);
        if (unbounded) {
          const allowed = station.maxQueueLength === undefined && at > queue.maxRequestsPerSec;
          return allowed && Number.isNaN(ttftMs) && Number.isNaN(responseMs);
        }
        return waitMs >= 0 && ttftMs >= waitMs && responseMs >= waitMs && Number.isFinite(responseMs);
      });
    });
  });

  claim('what is neither lost nor piling up is served', (t) => {
    forAll(t, 'throughput', points, ({ station, load }) => {
      const queue = prepare(station);
      const rate = rateOf(queue, load);
      const m = metricsAt(queue, rate);
      if (Number.isNaN(m.waitMs)) return m.throughputPerSec < rate;
      return near(m.throughputPerSec, rate * (1 - m.lossFraction), 1e-9, 0, 'throughput');
    });
  });

  claim("Little's law holds for the batch: requests in service = throughput × time in service", (t) => {
    forAll(t, 'the batch', points, ({ station, load }) => {
      const queue = prepare(station);
      const m = metricsAt(queue, rateOf(queue, load));
      if (Number.isNaN(m.waitMs)) return true;
      const seconds = (m.responseMs - m.waitMs) / 1000;
      // The difference rounds like the response.
      const rounding = (1e-12 * m.responseMs * m.throughputPerSec) / 1000;
      return near(m.throughputPerSec * seconds, m.inService, 1e-9, rounding, 'in service');
    });
  });

  claim('the time to first token is wait, prefill and one decode step', (t) => {
    forAll(t, 'TTFT', points, ({ station, load }) => {
      const queue = prepare(station);
      const m = metricsAt(queue, rateOf(queue, load));
      if (Number.isNaN(m.waitMs)) return true;
      // The first step may be shorter than the mean one by more than the prefill takes.
      if (m.prefillMs === 0 && m.ttftMs < m.waitMs + m.itlMs) return true;
      return near(m.ttftMs, m.waitMs + m.prefillMs + m.itlMs, 1e-9, 0, 'TTFT');
    });
  });

  claim('without a waiting room nothing waits, but perhaps for the iterations of others', (t) => {
    const roomless = fc.record({
      station: stations({ waitingRoom: fc.constant(0) }),
      load: logUniform(1e-6, 1e6),
    });
    forAll(t, 'wait', roomless, ({ station, load }) => {
      const queue = prepare(station);
      const { waitMs, prefillMs, itlMs } = metricsAt(queue, rateOf(queue, load));
      // The one that runs; where the token budget is short, the prefills of all who came before.
      return waitMs === 0 || (waitMs > 0 && waitMs <= station.maxBatchSize * (prefillMs + itlMs));
    });
  });

  claim('as the rate vanishes nothing waits, nothing is lost and the latencies settle', (t) => {
    forAll(t, 'the empty station', anyStation, (station) => {
      const queue = prepare(station);
      const m = metricsAt(queue, 1e-9 * queue.maxRequestsPerSec);
      const further = metricsAt(queue, 1e-12 * queue.maxRequestsPerSec);
      near(m.inService, 0, 0, 1e-6, 'in service');
      near(m.lossFraction, 0, 0, 1e-6, 'loss');
      near(m.waitMs, 0, 0, 1e-6 * m.responseMs, 'wait');
      near(m.ttftMs, further.ttftMs, 1e-4, 0, 'TTFT');
      return near(m.responseMs, further.responseMs, 1e-4, 0, 'response');
    });
  });

  claim(
    'the rates that bound a search are positive, in order, and the station is all but empty at the lower',
    (t) => {
      forAll(t, 'bounds', anyStation, (station) => {
        const { minRequestsPerSec, maxRequestsPerSec, maxBatchSize } = prepare(station);
        return (
          minRequestsPerSec > 0 &&
          minRequestsPerSec <= maxRequestsPerSec &&
          maxBatchSize === station.maxBatchSize
        );
      });
    },
  );

  claim('a point is overloaded exactly above the highest stable rate', (t) => {
    forAll(t, 'status', points, ({ station, load }) => {
      const queue = prepare(station);
      const { status, ttftMs } = analyze(queue, rateOf(queue, load));
      return status === (load > 1 ? 'overloaded' : 'stable') && (status === 'overloaded' || ttftMs !== null);
    });
  });
}
