import { type Test, test } from 'tap';
import { simulate } from '../../src/simulator/simulator.ts';
import { pollaczekKhinchine } from '../support/closed-forms.ts';
import { near } from '../support/properties.ts';
import { replicaKind, simulationOf } from '../support/simulations.ts';

// A batch of one, no prompt, iterations of a millisecond: a request of m tokens is in service for the iteration of its empty prefill and
// m others, 1 + m ms, and the next is admitted at that moment. That is M/G/1, exactly: an arrival that finds the server idle begins at once,
// and one that does not waits for ends of service, which are ends of iterations.

const ONE_AT_A_TIME = replicaKind({ maxBatchSize: 1 });
const SEEDS = 100;

/** How many of the runs have the truth within their interval. */
function covered(
  kind: 'exponential' | 'constant',
  utilization: number,
  requests: number,
): { ttft: number; response: number; bias: number; precision: number } {
  const tokens = 10;
  const service = 1 + tokens;
  const meanSquare = service ** 2 + (kind === 'constant' ? 0 : tokens * (tokens - 1));
  const rate = utilization / service;
  // The first token ends the second iteration.
  const ttft = pollaczekKhinchine(rate, service, meanSquare) + 2;
  const response = ttft - 2 + service;
  const count = { ttft: 0, response: 0, bias: 0, precision: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { ttftMs, responseMs } = simulate(
      simulationOf(ONE_AT_A_TIME, {
        seed,
        requestsPerSec: 1000 * rate,
        lengths: { kind },
        means: { inputTokens: 0, outputTokens: tokens },
        budget: { requests, ms: Number.POSITIVE_INFINITY },
      }),
    );
    if (Math.abs(ttftMs.mean - ttft) <= ttftMs.halfWidth) count.ttft++;
    if (Math.abs(responseMs.mean - response) <= responseMs.halfWidth) count.response++;
    count.bias += (ttftMs.mean / ttft - 1) / SEEDS;
    count.precision += ttftMs.halfWidth / ttftMs.mean / SEEDS;
  }
  return count;
}

function check(
  t: Test,
  kind: 'exponential' | 'constant',
  utilization: number,
  requests: number,
  least: number,
) {
  const { ttft, response, bias, precision } = covered(kind, utilization, requests);
  const what = `${kind}, utilization ${utilization}, ${requests} requests`;
  t.ok(ttft >= least, `${what}: ${ttft} of ${SEEDS} intervals of TTFT, ± ${precision.toFixed(3)} of it`);
  t.ok(response >= least, `${what}: ${response} of ${SEEDS} intervals of the response`);
  // The mean of as many runs is ten times as exact as one, whose interval is twice its standard error: within three standard errors.
  t.ok(
    Math.abs(bias) < (least < 88 ? 0.25 : 0.15) * precision,
    `${what}: mean TTFT off by ${bias.toFixed(4)} of it`,
  );
}

// Of 100 intervals that cover at 95 %, fewer than 88 do with a probability of 0.2 %.
test('M/M/1: intervals contain the mean of Pollaczek and Khinchine as often as they say', async (t) => {
  check(t, 'exponential', 0.3, 10_000, 88);
  check(t, 'exponential', 0.5, 20_000, 88);
  check(t, 'exponential', 0.7, 40_000, 88);
});

test('M/D/1: intervals contain the mean of Pollaczek and Khinchine as often as they say', async (t) => {
  check(t, 'constant', 0.3, 10_000, 88);
  check(t, 'constant', 0.5, 10_000, 88);
  check(t, 'constant', 0.7, 20_000, 88);
});

// A busy queue forgets slowly: its batches are not independent until they are long, and intervals are too narrow until then.
test('near saturation short runs claim too much: intervals cover the less, the shorter the run', async (t) => {
  check(t, 'exponential', 0.8, 2_000, 65);
  check(t, 'exponential', 0.9, 10_000, 75);
});

test('M/M/1: percentiles of the response are those of the exponential distribution', async (t) => {
  // A geometric number of mean M is an exponential one of mean −1 / ln(1 − 1/M), rounded up: service lies between that plus 1 and plus 2,
  // and the response between those of M/M/1 with services so much longer, which differ by 2 ms / (mean · (1 − utilization)) of it.
  const tokens = 200;
  const mean = -1 / Math.log1p(-1 / tokens);
  const utilization = 0.5;
  const rate = utilization / mean;
  const run = simulate(
    simulationOf(ONE_AT_A_TIME, {
      requestsPerSec: 1000 * rate,
      means: { inputTokens: 0, outputTokens: tokens },
      budget: { requests: 60_000, ms: Number.POSITIVE_INFINITY },
    }),
  );
  for (const [name, p] of [
    ['p50', 0.5],
    ['p90', 0.9],
    ['p95', 0.95],
    ['p99', 0.99],
  ] as const) {
    const expected = (-Math.log1p(-p) * mean) / (1 - utilization);
    const discrete = (2 / (mean * (1 - utilization))) * expected;
    // One and a half half-widths are about three standard errors.
    const within = discrete + 1.5 * run.responseMs.halfWidths[name];
    t.ok(within < 0.15 * expected, `${name} within ${(within / expected).toFixed(3)} of it`);
    t.doesNotThrow(() => near(run.responseMs[name], expected, 0, within, name), name);
  }
  for (const name of ['mean', 'p50', 'p99'] as const)
    t.doesNotThrow(() => near(run.itlMs[name], 1, 0.001, 0, 'ITL'), `ITL, ${name}`);
});
