import { type Test, test } from 'tap';
import { studentQuantile } from '../../src/numerics/student-quantile.ts';
import model from '../../src/queueing/models/state-dependent.ts';
import { type Simulated, simulate } from '../../src/simulator/simulator.ts';
import { lossOf, waitOf } from '../support/closed-forms.ts';
import { metricsAt } from '../support/queues.ts';
import { replicaKind, simulationOf } from '../support/simulations.ts';

// Iterations of a millisecond, whatever is in them: the places of the batch are servers that do not hold each other up. Two things part this
// from M/M/c. Services are whole: a geometric number of mean M is an exponential one of mean `EXPONENTIAL`, rounded up, and one more
// for the prefill, so that they are longer than that by 1 … 2 ms. And who finds the batch at work joins at the end of the iteration, at most
// 1 ms later. So waits and losses are at least those of exponential services of mean `EXPONENTIAL`, at most those of such as are 3 ms longer.

const TOKENS = 200;
const EXPONENTIAL = -1 / Math.log1p(-1 / TOKENS);
const LONGER = EXPONENTIAL + 3;
const SEEDS = 20;

function runs(servers: number, waitingRoom: number, utilization: number, requests: number): Simulated[] {
  const kind = replicaKind({ maxBatchSize: servers, maxQueueLength: waitingRoom });
  return Array.from({ length: SEEDS }, (_, i) =>
    simulate(
      simulationOf(kind, {
        seed: i + 1,
        requestsPerSec: (1000 * utilization * servers) / EXPONENTIAL,
        means: { inputTokens: 0, outputTokens: TOKENS },
        budget: { requests, ms: Number.POSITIVE_INFINITY },
      }),
    ),
  );
}

/** The mean of independent runs with half the width of its 99.7 % interval. */
function meanOfRuns(values: readonly number[]): { mean: number; within: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, within: studentQuantile(0.9985, values.length - 1) * Math.sqrt(variance / values.length) };
}

function between(t: Test, values: readonly number[], low: number, high: number, what: string) {
  const { mean, within } = meanOfRuns(values);
  const shown = `${what}: ${mean.toPrecision(4)} ± ${within.toPrecision(2)} in ${low.toPrecision(4)} … ${high.toPrecision(4)}`;
  t.ok(mean + within >= low && mean - within <= high, shown);
}

test('M/M/c: waits are those of Erlang C, and intervals contain them', async (t) => {
  for (const [servers, utilization, requests] of [
    [2, 0.6, 6_000],
    [4, 0.7, 8_000],
    [16, 0.85, 10_000],
  ] as const) {
    const rate = (utilization * servers) / EXPONENTIAL;
    const [low, high] = [EXPONENTIAL, LONGER].map((mean) => waitOf(rate, mean, servers));
    const all = runs(servers, Number.POSITIVE_INFINITY, utilization, requests);
    const waits = all.map(({ ttftMs }) => ttftMs.mean - 2);
    const what = `${servers} servers, utilization ${utilization}`;
    between(t, waits, low, high, what);
    const covering = all.filter(
      ({ ttftMs: { halfWidth } }, i) => waits[i] + halfWidth >= low && waits[i] - halfWidth <= high,
    );
    // Fewer than 16 of 20 do with a probability of 0.3 %.
    t.ok(covering.length >= 16, `${what}: ${covering.length} of ${SEEDS} intervals`);
    const off = all.filter(
      ({ waitMs, residualMs, ttftMs }) => Math.abs(waitMs.mean + residualMs.mean + 2 - ttftMs.mean) > 1e-6,
    );
    t.equal(off.length, 0, 'wait and residual are what precedes the two iterations until the first token');
    // Whoever comes within an iteration waits half of it on average; at most all do.
    const residual = meanOfRuns(all.map(({ residualMs }) => residualMs.mean));
    const busy = 1 - (1 - utilization) ** servers * 1.5;
    t.ok(residual.mean > 0.5 * busy * 0.9 && residual.mean < 0.51, `residual ${residual.mean}`);
  }
});

test('M/M/c/K: losses are those of the chain, without a waiting room of Erlang B', async (t) => {
  for (const [servers, waitingRoom, utilization] of [
    [1, 0, 0.5],
    [4, 0, 0.8],
    [4, 3, 0.9],
    [16, 5, 1.2],
  ] as const) {
    const rate = (utilization * servers) / EXPONENTIAL;
    const [low, high] = [EXPONENTIAL, LONGER].map((mean) => lossOf(rate, mean, servers, waitingRoom));
    const all = runs(servers, waitingRoom, utilization, 5_000);
    const what = `${servers} servers, ${waitingRoom} places to wait, utilization ${utilization}`;
    const losses = all.map(({ lossFraction }) => lossFraction);
    between(t, losses, low, high, what);
    const throughputs = all.map(({ throughputPerSec }) => throughputPerSec / 1000);
    between(t, throughputs, rate * (1 - high), rate * (1 - low), `${what}, throughput`);
  }
});

test('throughput and batch are those of the birth–death chain, within 2 % and chance', async (t) => {
  const serviceTime = { alphaMs: 8, betaMsPerToken: 0.03, gammaMsPerToken2: 2e-5 };
  const tokens = { inputTokens: 200, outputTokens: 100 };
  for (const [maxBatchSize, maxQueueLength] of [
    [4, Number.POSITIVE_INFINITY],
    [8, 0],
    [16, 8],
  ]) {
    const station = {
      ...{ serviceTime, maxBatchSize, ...tokens },
      ...(Number.isFinite(maxQueueLength) && { maxQueueLength }),
    };
    const queue = model.prepare(station);
    for (const load of [0.3, 0.6, 0.9]) {
      const requestsPerSec = (load * 1000 * maxBatchSize) / (8.7 * 101);
      const { throughputPerSec, inService, lossFraction } = metricsAt(queue, requestsPerSec);
      const kind = replicaKind({ maxBatchSize, maxQueueLength }, serviceTime);
      const all = Array.from({ length: 8 }, (_, i) =>
        simulate(simulationOf(kind, { seed: i + 1, requestsPerSec, means: tokens, budget: budgetOf(4_000) })),
      );
      const what = `N = ${maxBatchSize}, Q = ${maxQueueLength}, load ${load}`;
      const about = (values: readonly number[], expected: number, name: string) =>
        between(t, values, 0.98 * expected, 1.02 * expected, `${what}, ${name}`);
      about(
        all.map((run) => run.throughputPerSec),
        throughputPerSec,
        'throughput',
      );
      about(
        all.map((run) => run.inService),
        inService,
        'in service',
      );
      // A hundredth of all arrivals: the chain sees arrivals join at once.
      const losses = all.map((run) => run.lossFraction);
      between(t, losses, lossFraction - 0.01, lossFraction + 0.01, `${what}, losses`);
    }
  }
});

const budgetOf = (requests: number) => ({ requests, ms: Number.POSITIVE_INFINITY });
