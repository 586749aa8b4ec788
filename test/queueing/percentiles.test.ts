import fc from 'fast-check';
import { test } from 'tap';
import model from '../../src/queueing/models/state-dependent.ts';
import { forAll, near } from '../support/properties.ts';
import { metricsAt } from '../support/queues.ts';
import { boundedRoom, logUniform, stations, uniform } from '../support/stations.ts';
import { plainFound, plainLatencies } from '../support/waiting-chain.ts';

const percentile = uniform(0.5, 0.999);
const cases = (batch: [number, number]) =>
  fc.record({
    station: stations({ batch, waitingRoom: boundedRoom }),
    load: fc.oneof(logUniform(1e-4, 3), uniform(0.9, 1.2)),
    p: percentile,
  });

for (const batch of [
  [1, 40],
  [41, 300],
] as [number, number][]) {
  test(`percentiles are those of the chain, state by state, batch limits ${batch.join(' to ')}`, async (t) => {
    let waited = 0;
    forAll(
      t,
      'TTFT and ITL',
      cases(batch),
      ({ station, load, p }) => {
        const queue = model.prepare(station);
        const rate = load * queue.maxRequestsPerSec;
        const found = plainFound(station, rate, p);
        if (found.waitMs > 0) waited++;
        const at = metricsAt(queue.atPercentiles!({ ttft: p, itl: p }), rate);
        const plain = plainLatencies(station, found.others);
        near(
          at.ttftMs,
          found.waitMs + plain.firstTokenMs,
          1e-7,
          0,
          `ttft (${found.others}, ${found.waitMs})`,
        );
        near(at.itlMs, plain.gapMs, 1e-7, 1e-9, `itl (${found.others})`);
      },
      500,
    );
    t.ok(waited > 80, `${waited} of 500 wait`);
  });
}
