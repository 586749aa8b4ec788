import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomLogNormal } from 'd3-random';
import type { TracedRequest } from '../src/schemas/simulation-process.ts';
import { iterationTime } from '../src/simulator/iteration-time.ts';
import { Replica } from '../src/simulator/replica.ts';
import { SimulatedRequest } from '../src/simulator/request.ts';
import { type Simulation, simulate } from '../src/simulator/simulator.ts';
import { type PlainReplica, type PlainRequest, plainSimulation } from '../test/support/plain-simulation.ts';
import { seeded } from '../test/support/random.ts';
import { type Section, timeMs } from './rows.ts';

// Requests through replicas, iteration by iteration, as ratios to the same rules written plainly.

const REPLICA: PlainReplica = {
  maxBatchSize: 64,
  maxQueueLength: Number.POSITIVE_INFINITY,
  maxBatchTokens: 8192,
  kvCacheTokens: Number.POSITIVE_INFINITY,
  alphaMs: 8,
  betaMsPerToken: 0.03,
  decodeMsPerToken: 0.03,
  gammaMsPerToken2: 2e-5,
  prefillMsPerToken2: 0,
  prefillMsPerToken: 0.03,
  requestOverheadMs: 0,
};
const TIME = iterationTime(REPLICA);
const KIND = { limits: REPLICA, time: TIME, weight: 1 };

const TRACE_FILE = 'data/traces/azure-conv.csv';
/** Of the conversation trace: requests, seconds, mean tokens of a prompt and of an output. */
const TRACE = { requests: 19_366, sec: 3_501, inputTokens: 1_155, outputTokens: 211 };

export function simulator(): Section {
  const one = oneReplica();
  const { requests, source } = conversation();
  const trace: Simulation = {
    ...steady(0, requests.length),
    replicas: [{ kind: KIND, replicas: 8 }],
    balancer: 'least-loaded',
    arrivals: { kind: 'trace', requests },
  };
  const traceMs = timeMs(() => simulate(trace), 3);
  const precise = { ...steady(4, 1e6), precisionFraction: 0.02 };
  const preciseMs = timeMs(() => simulate(precise), 3);
  return {
    rows: [
      ...one.rows,
      { what: `${requests.length} requests (${source}), 8 replicas`, ms: traceMs, ratio: null },
      { what: 'mean TTFT and ITL within 2 %', ms: preciseMs, ratio: null },
    ],
    figures: [
      ...one.figures,
      { what: 'thousand requests simulated a second', value: requests.length / traceMs },
      { what: 'requests until TTFT and ITL are within 2 %', value: simulate(precise).arrivals },
    ],
  };
}

/** The same requests through one busy replica, by both methods. */
function oneReplica(): Section {
  const requests = drawn(2_000, 80);
  const plain = plainSimulation(requests, REPLICA);
  const last = through(requests);
  const differing = plain.fates.filter(
    ({ lastTokenMs }, i) => !(Math.abs(lastTokenMs - last[i].lastTokenMs) <= 1e-9 * lastTokenMs),
  );
  if (differing.length > 0)
    throw new Error(`${differing.length} of ${requests.length} requests differ from the plain method`);
  const plainMs = timeMs(() => plainSimulation(requests, REPLICA), 3);
  const ms = timeMs(() => through(requests), 15);
  const what = `${requests.length} requests, one replica`;
  return {
    rows: [
      { what: `plain method, ${what}`, ms: plainMs, ratio: 1 },
      { what, ms, ratio: plainMs / ms },
    ],
    figures: [{ what: 'million iterations simulated a second', value: plain.iterations / ms / 1000 }],
  };
}

function through(requests: readonly PlainRequest[]): SimulatedRequest[] {
  const replica = new Replica(REPLICA, TIME, NOBODY);
  const all = requests.map(
    (size) => new SimulatedRequest(size.arrivalMs, size.inputTokens, size.outputTokens),
  );
  for (const request of all) {
    replica.advance(request.arrivalMs);
    replica.offer(request);
  }
  replica.advance(Number.POSITIVE_INFINITY);
  return all;
}

const NOBODY = { iterated() {}, gaps() {}, completed() {}, preempted() {}, lost() {} };

function steady(requestsPerSec: number, requests: number): Simulation {
  return {
    replicas: [{ kind: KIND, replicas: 1 }],
    changes: [],
    balancer: 'random',
    arrivals: { kind: 'poisson' },
    requestsPerSec,
    lengths: { kind: 'exponential' },
    means: TRACE,
    seed: 1,
    budget: { requests, ms: Number.POSITIVE_INFINITY },
    precisionFraction: 0,
  };
}

/** The recorded trace where the shared data is at hand, else one of its length and mean sizes. */
function conversation(): { requests: TracedRequest[]; source: string } {
  const file = join(process.env.BRAZIER_SHARED ?? '', TRACE_FILE);
  if (process.env.BRAZIER_SHARED && existsSync(file)) {
    const [, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
    const requests = lines.map((line) => {
      const [atSec, inputTokens, outputTokens] = line.split(',').map(Number);
      return { atSec, inputTokens, outputTokens };
    });
    return { requests, source: 'recorded' };
  }
  const requests = drawn(TRACE.requests, (1000 * TRACE.sec) / TRACE.requests).map(
    ({ arrivalMs, inputTokens, outputTokens }) => ({ atSec: arrivalMs / 1000, inputTokens, outputTokens }),
  );
  return { requests, source: 'made up' };
}

/** Poisson arrivals of lognormal sizes with the means of the trace. */
function drawn(count: number, gapMs: number): PlainRequest[] {
  const { uniform } = seeded(1);
  const tokens = (mean: number) => {
    const variance = Math.log(2);
    const draw = randomLogNormal.source(uniform)(Math.log(mean) - variance / 2, Math.sqrt(variance));
    return () => Math.max(1, Math.round(draw()));
  };
  const inputs = tokens(TRACE.inputTokens);
  const outputs = tokens(TRACE.outputTokens);
  let arrivalMs = 0;
  return Array.from({ length: count }, () => {
    arrivalMs -= gapMs * Math.log1p(-uniform());
    return { arrivalMs, inputTokens: inputs(), outputTokens: outputs(), cachedInputTokens: 0 };
  });
}
