import fc from 'fast-check';
import { test } from 'tap';
import twoMoment from '../../src/queueing/models/two-moment.ts';
import type { Station } from '../../src/schemas/station.ts';
import { iterationTime } from '../../src/simulator/iteration-time.ts';
import { simulate } from '../../src/simulator/simulator.ts';
import { forAll, forEach, near } from '../support/properties.ts';
import { metricsAt } from '../support/queues.ts';
import { logUniform, stations, uniform } from '../support/stations.ts';

/** τ = 100 ms. */
const SINGLE: Station = {
  serviceTime: { alphaMs: 10, betaMsPerToken: 0, gammaMsPerToken2: 0 },
  maxBatchSize: 1,
  inputTokens: 0,
  outputTokens: 9,
};

/** GI/M/1: the share of arrivals that wait is the least root of σ = E e^(-(1-σ)·μ·gap), for gaps that are gamma distributed. */
function waitingShare(load: number, arrivalCv: number): number {
  const shape = 1 / arrivalCv ** 2;
  let [low, high] = [0, 1 - 1e-9];
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if ((1 + (1 - middle) / (shape * load)) ** -shape > middle) low = middle;
    else high = middle;
  }
  return low;
}

test('two-moment: bursts before one place wait as GI/M/1 has it', async (t) => {
  const points = [1.2, 2, 5, 10].flatMap((arrivalCv) =>
    [1e-6, 1e-3, 0.1, 0.5, 0.95].map((load) => ({ arrivalCv, load })),
  );
  forEach(t, 'wait', points, ({ arrivalCv, load }) => {
    const { waitMs } = metricsAt(twoMoment.prepare(SINGLE, { arrivalCv }), 10 * load);
    const share = waitingShare(load, arrivalCv);
    return near(waitMs, (100 * share) / (1 - share), 1e-6, 0, 'wait');
  });
});

test('two-moment: nobody waits longer for a place than a full room lasts, and a few hardly ever', async (t) => {
  const points = fc.record({
    station: stations({ batch: [1, 64] }),
    load: logUniform(1e-6, 3),
    arrivalCv: uniform(1, 10),
    tokenCv: fc.constantFrom(0, 1, 3),
  });
  forAll(
    t,
    'wait',
    points,
    ({ station, load, ...cvs }) => {
      const queue = twoMoment.prepare(station, cvs);
      const fullRate = queue.maxRequestsPerSec / 0.999;
      const { waitMs } = metricsAt(queue, load * queue.maxRequestsPerSec);
      const { maxQueueLength = Number.POSITIVE_INFINITY } = station;
      const least = metricsAt(queue, 1e-200 * queue.maxRequestsPerSec);
      return (
        !(waitMs > (1000 * maxQueueLength * (1 + 1e-6)) / fullRate) && least.waitMs < 0.1 * least.responseMs
      );
    },
    1000,
  );
});

test('two-moment: before a few places bursts wait, and are lost, about as in simulation', (t) => {
  const station: Station = {
    serviceTime: { alphaMs: 6.58, betaMsPerToken: 0.0193, gammaMsPerToken2: 5.46e-5 },
    maxBatchSize: 4,
    maxQueueLength: 4,
    maxBatchTokens: 8192,
    inputTokens: 512,
    outputTokens: 256,
  };
  const limits = {
    maxBatchSize: 4,
    maxQueueLength: 4,
    maxBatchTokens: 8192,
    kvCacheTokens: Number.POSITIVE_INFINITY,
  };
  for (const cv of [3, 5]) {
    const queue = twoMoment.prepare(station, { arrivalCv: cv });
    let before = 0;
    for (const load of [1e-6, 0.001, 0.1, 0.5, 0.9, 1.2]) {
      const requestsPerSec = load * queue.maxRequestsPerSec;
      const seen = simulate({
        replicas: [{ kind: { limits, time: iterationTime(station.serviceTime!), weight: 1 }, replicas: 1 }],
        changes: [],
        balancer: 'random',
        arrivals: { kind: 'gamma', cv },
        requestsPerSec,
        lengths: { kind: 'exponential' },
        means: station,
        seed: 7,
        budget: { requests: 40_000, ms: Number.POSITIVE_INFINITY },
        precisionFraction: 0,
      });
      const { ttftMs, lossFraction } = metricsAt(queue, requestsPerSec);
      const simulatedMs = seen.ttftMs.mean - seen.residualMs.mean;
      const what = `cv ${cv}, load ${load}`;
      t.ok(Math.abs(ttftMs / simulatedMs - 1) < 0.35, `TTFT at ${what}: ${ttftMs} for ${simulatedMs}`);
      t.ok(
        Math.abs(lossFraction - seen.lossFraction) < 0.12,
        `loss at ${what}: ${lossFraction} for ${seen.lossFraction}`,
      );
      t.ok(ttftMs > before, 'rises with the rate');
      before = ttftMs;
    }
  }
  t.end();
});

test('at the least rates there are bursts and even arrivals find nobody', async (t) => {
  const rates = [Number.MIN_VALUE, 1e-300, 1e-190];
  forEach(t, 'latencies of one alone', rates, (rate) => {
    for (const room of [undefined, 0, 3])
      for (const arrivalCv of [0, 0.5, 2]) {
        const station = { ...SINGLE, maxBatchSize: 4, ...(room !== undefined && { maxQueueLength: room }) };
        const m = metricsAt(twoMoment.prepare(station, { arrivalCv }), rate);
        near(m.waitMs, 0, 0, 1e-6, 'wait');
        near(m.responseMs, 100, 1e-6, 0, 'response');
        near(m.ttftMs, 20, 1e-6, 0, 'TTFT');
      }
    return true;
  });
});
