import { test } from 'tap';
import { simulate } from '../../src/simulator/simulator.ts';
import { near } from '../support/properties.ts';
import { simulationOf } from '../support/simulations.ts';
import { checkCoverage, ONE_AT_A_TIME } from '../support/single-server.ts';

// A busy queue forgets slowly: its batches are not independent until they are long. Intervals that heed it cover about 90 %; plain ones of
// batch means cover 83 % and 80 %, and at a utilization of 0.95 50 %.
test('near saturation short runs claim little more than they know', async (t) => {
  checkCoverage(t, 'exponential', 0.8, 2_000, 82);
  checkCoverage(t, 'exponential', 0.9, 10_000, 81);
  checkCoverage(t, 'exponential', 0.95, 5_000, 65);
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
      budget: { requests: 100_000, ms: Number.POSITIVE_INFINITY },
      furtherQuantiles: [0.975, 0.95],
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
  const asked = (-Math.log1p(-0.975) * mean) / (1 - utilization);
  t.doesNotThrow(() => near(run.responseMs.further[0], asked, 0.05, 0, 'one that was asked for'));
  t.equal(run.responseMs.further[1], run.responseMs.p95);
  for (const name of ['mean', 'p50', 'p99'] as const)
    t.doesNotThrow(() => near(run.itlMs[name], 1, 0.001, 0, 'ITL'), `ITL, ${name}`);
});
