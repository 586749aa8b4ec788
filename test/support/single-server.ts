import type { Test } from 'tap';
import { simulate } from '../../src/simulator/simulator.ts';
import { pollaczekKhinchine } from './closed-forms.ts';
import { replicaKind, simulationOf } from './simulations.ts';

// A batch of one, no prompt, iterations of a millisecond: a request of m tokens is in service for the iteration of its empty prefill and
// m others, 1 + m ms, and the next is admitted at that moment. That is M/G/1, exactly: an arrival that finds the server idle begins at once,
// and one that does not waits for ends of service, which are ends of iterations.

export const ONE_AT_A_TIME = replicaKind({ maxBatchSize: 1 });
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

/** Asserts that at least so many of the intervals contain the truth, and that the mean of all runs is near it. */
export function checkCoverage(
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
