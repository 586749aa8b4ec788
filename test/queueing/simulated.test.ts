import { test } from 'tap';
import simulated from '../../src/queueing/models/simulated.ts';
import type { Station } from '../../src/schemas/station.ts';
import { forEach, near } from '../support/properties.ts';
import { metricsAt } from '../support/queues.ts';

/** One iteration of 1 ms for an empty prompt, then one for each token. */
const plain = (maxBatchSize: number, outputTokens: number, maxQueueLength?: number): Station => ({
  serviceTime: { alphaMs: 1, betaMsPerToken: 0, gammaMsPerToken2: 0 },
  maxBatchSize,
  inputTokens: 0,
  outputTokens,
  ...(maxQueueLength !== undefined && { maxQueueLength }),
});
const long = { requests: 100_000, iterations: 1_500_000 };

/** M/M/c/K: the weights of its states. */
function weights(servers: number, room: number, load: number): number[] {
  const all = [1];
  for (let n = 1; n <= servers + room; n++) all.push((all[n - 1] * load) / Math.min(n, servers));
  const total = all.reduce((sum, weight) => sum + weight, 0);
  return all.map((weight) => weight / total);
}

test("one place: the wait is Pollaczek and Khinchine's, and so are the highest rate and the service", async (t) => {
  const [m, serviceMs] = [9, 10];
  forEach(t, 'M/G/1', [0, 1], (outputCv) => {
    const queue = simulated.prepare(plain(1, m), { ...long, outputCv });
    // 1 + a geometric number of iterations.
    const square = serviceMs ** 2 + outputCv * m * (m - 1);
    near(queue.maxRequestsPerSec, 99.9, 0.005, 0, 'highest rate');
    for (const load of [0.3, 0.6, 0.8]) {
      const perMs = load / serviceMs;
      const metrics = metricsAt(queue, 1000 * perMs);
      near(metrics.waitMs, (perMs * square) / (2 * (1 - load)), 0.04, 0, `wait at ${load}`);
      near(metrics.ttftMs - metrics.waitMs, 2, 1e-9, 0, 'two iterations');
      near(metrics.itlMs, 1, 1e-9, 0, 'an iteration');
      near(metrics.responseMs - metrics.waitMs, serviceMs, 0.01, 0, 'service');
      near(metrics.inService, load, 0.01, 0, 'in service');
    }
    return true;
  });
});

test('one place: percentiles of the wait are those of M/M/1, those between the ones that are kept too', async (t) => {
  const m = 39;
  const queue = simulated.prepare(plain(1, m), { requests: 100_000, iterations: 5e6 });
  const load = 0.6;
  forEach(t, 'TTFT', [0.5, 0.6, 0.87, 0.95, 0.99], (share) => {
    const { ttftMs } = metricsAt(queue.atPercentiles!({ ttft: share }), (1000 * load) / (m + 1));
    // P(W > w) = ρ·e^(-(1-ρ)·w/S), and two iterations.
    const wait = (Math.log(load / (1 - share)) / (1 - load)) * (m + 1);
    return near(ttftMs, wait + 2, 0.07, 0, `${share}`);
  });
});

test('losses are those of Erlang B and of M/M/c/K, the rest of an iteration aside', async (t) => {
  const m = 199;
  const cases = [
    [1, 0, 0.5],
    [4, 0, 0.8],
    [4, 0, 3],
    [4, 6, 0.9],
    [4, 6, 1.2],
  ];
  forEach(t, 'loss', cases, ([servers, room, load]) => {
    const queue = simulated.prepare(plain(servers, m, room), { requests: 20_000, iterations: 4e6 });
    const rate = (1000 * servers * load) / (m + 1);
    const metrics = metricsAt(queue, rate);
    const expected = weights(servers, room, servers * load);
    near(metrics.lossFraction, expected[servers + room], 0.04, 0, 'loss');
    const waiting = expected.reduce((sum, weight, n) => sum + weight * Math.max(0, n - servers), 0);
    // An arrival that finds a place waits for the end of the iteration: half of one.
    return near((metrics.waitMs * metrics.throughputPerSec) / 1000, waiting, 0.06, 0.02, 'waiting');
  });
});

test('far more than can be served: a full batch, a full room, and all else is lost', async (t) => {
  const queue = simulated.prepare(plain(2, 49, 8), {});
  const metrics = metricsAt(queue, 4000);
  // 2 places of 50 ms each: 40/s.
  t.ok(Math.abs(metrics.throughputPerSec / 40 - 1) < 0.02);
  t.ok(Math.abs(metrics.lossFraction - 0.99) < 0.001);
  // Waits are simulated up to 4 times the highest rate, where 8 - 1/(4 - 1) wait on average. Chance: 0.7 %, one deviation.
  t.ok(Math.abs(metrics.waitMs / ((8 - 1 / 3) * 25) - 1) < 0.03, `${metrics.waitMs} ms`);
});

test('where more than is simulated completes in one iteration, whole iterations are counted', async (t) => {
  // One iteration for the prompts and one for each token, of a batch that begins and ends as one.
  forEach(t, 'highest rate', [1, 2, 3], (outputTokens) => {
    for (const maxBatchSize of [200, 4096]) {
      const options = { requests: 100, outputCv: 0 };
      const { maxRequestsPerSec } = simulated.prepare(plain(maxBatchSize, outputTokens), options);
      near(maxRequestsPerSec, (999 * maxBatchSize) / (1 + outputTokens), 1e-9, 0, `${maxBatchSize} places`);
    }
    return true;
  });
});

test('constant arrivals of requests all alike wait for no place; bursts wait longer than Poisson arrivals', async (t) => {
  const station = plain(8, 99);
  const waitAt = (options: object) => metricsAt(simulated.prepare(station, options), 0.9 * 80).waitMs;
  const steady = waitAt({ arrivalCv: 0, inputCv: 0, outputCv: 0 });
  t.ok(steady < 1, `${steady} ms, an iteration takes 1`);
  t.ok(waitAt({ arrivalCv: 2 }) > 2 * waitAt({}));
  t.ok(waitAt({ outputCv: 2.5 }) > 1.2 * waitAt({}));
});

test('the same seed gives the same answer, another one another', async (t) => {
  const at = (seed: number) =>
    metricsAt(simulated.prepare(plain(8, 99), { requests: 2000, iterations: 50_000, seed }), 60);
  t.same(at(3), at(3));
  t.not(at(3).ttftMs, at(4).ttftMs);
});
