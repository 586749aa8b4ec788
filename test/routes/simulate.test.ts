import type { FastifyInstance } from 'fastify';
import { type Test, test } from 'tap';
import type { StationSimulated } from '../../src/schemas/simulation-answer.ts';
import { answerChecks, post, service } from '../support/service.ts';

const ALPHA_MS = 10;
const OUTPUT = 20;
/** One request at a time, iterations of 10 ms: a prefill and as many decode steps as it has tokens. */
const station = {
  serviceTime: { alphaMs: ALPHA_MS, betaMsPerToken: 0, gammaMsPerToken2: 0 },
  maxBatchSize: 1,
  inputTokens: 8,
  outputTokens: OUTPUT,
};
const MEAN_SEC = (ALPHA_MS * (1 + OUTPUT)) / 1000;
/** Lengths are geometric: of mean m they have the variance m (m - 1). */
const SQUARE_SEC2 = MEAN_SEC ** 2 + (ALPHA_MS / 1000) ** 2 * OUTPUT * (OUTPUT - 1);

async function simulated(t: Test, app: FastifyInstance, body: object): Promise<StationSimulated> {
  const answer = await post<StationSimulated>(app, '/simulate', { station, ...body });
  t.equal(answer.status, 200, answer.text.slice(0, 500));
  t.strictSame((await answerChecks(app))('SimulateAnswer', answer.body), []);
  return answer.body;
}

test('/simulate of one request at a time waits as Pollaczek and Khinchin say', async (t) => {
  const app = await service(t);
  for (const utilization of [0.3, 0.7]) {
    const requestsPerSec = utilization / MEAN_SEC;
    const { responseMs, utilizationFraction, throughputPerSec, ...rest } = await simulated(t, app, {
      requestsPerSec,
      precisionFraction: 0,
    });
    const expectedMs = 1000 * (MEAN_SEC + (requestsPerSec * SQUARE_SEC2) / (2 * (1 - utilization)));
    // Twice the half width: one interval in ten thousand is that far off.
    t.ok(
      Math.abs(responseMs!.mean! - expectedMs) < 2 * responseMs!.halfWidth!,
      `${responseMs!.mean} ${expectedMs}`,
    );
    t.ok(responseMs!.halfWidth! < 0.05 * expectedMs);
    const { halfWidths } = rest;
    t.ok(Math.abs(utilizationFraction! - utilization) < 2 * halfWidths.utilizationFraction!);
    t.ok(Math.abs(throughputPerSec! - requestsPerSec) < 2 * halfWidths.throughputPerSec!);
    t.ok(halfWidths.utilizationFraction! < 0.02 && halfWidths.throughputPerSec! < 0.02 * requestsPerSec);
    t.equal(halfWidths.lossFraction, null, 'none was lost');
    t.match(rest, { status: 'stable', stoppedBecause: 'budget', requests: 100_000, losses: 0, seed: 1 });
    t.ok(Math.abs(rest.itlMs!.mean! - ALPHA_MS) < 1e-9);
  }
});

test('Pools without a line lose what Erlang says, each of its share', async (t) => {
  const app = await service(t);
  const requestsPerSec = 1 / MEAN_SEC;
  const room = { ...station, maxQueueLength: 0 };
  const { lossFraction, losses, completions, requests } = await simulated(t, app, {
    station: room,
    pools: [
      { replicas: 1, share: 3 },
      { replicas: 1, share: 1 },
    ],
    requestsPerSec,
    precisionFraction: 0,
  });
  const lossOf = (load: number) => load / (1 + load);
  const expected = 0.75 * lossOf(0.75) + 0.25 * lossOf(0.25);
  t.ok(Math.abs(lossFraction! - expected) < 5 * Math.sqrt((expected * (1 - expected)) / requests));
  t.ok(requests - losses - completions <= 2, 'what is neither lost nor done is in service');
});

test('The same seed gives the same bytes, another one others', async (t) => {
  const app = await service(t);
  const body = { station, requestsPerSec: 2, requests: 2000, arrivals: { kind: 'gamma', cv: 2 } };
  const texts = await Promise.all(
    [7, 7, 8].map(async (seed) => (await post(app, '/simulate', { ...body, seed })).text),
  );
  t.equal(texts[0], texts[1]);
  t.not(texts[0], texts[2]);
});

test('It stops when the interval is narrow, or the budget is used up, or nobody comes any more, and says which', async (t) => {
  const app = await service(t);
  const load = { requestsPerSec: 2 };
  const narrow = await simulated(t, app, { ...load, precisionFraction: 0.1 });
  t.equal(narrow.stoppedBecause, 'interval');
  t.ok(narrow.requests < 100_000 && narrow.ttftMs!.halfWidth! <= 0.1 * narrow.ttftMs!.mean!);
  t.match(await simulated(t, app, { ...load, requests: 500 }), { stoppedBecause: 'budget', requests: 500 });
  t.match(await simulated(t, app, { ...load, seconds: 100 }), {
    stoppedBecause: 'budget',
    simulatedSec: 100,
  });
  const requests = [0, 0.1, 5].map((atSec) => ({ atSec, inputTokens: 8, outputTokens: 20 }));
  const traced = await simulated(t, app, { arrivals: { kind: 'trace', requests } });
  t.match(traced, { stoppedBecause: 'end-of-arrivals', requests: 3, completions: 3 });
  // The second waits for the first: 210 ms each, the first token after the prefill and one step.
  t.match(traced.ttftMs, { p50: 20, p99: 130, halfWidth: null });
  t.match(traced.simulatedSec, 5.21);
});

test('A budget of iterations ends a simulation on the way', async (t) => {
  const app = await service(t);
  const endless = { ...station, outputTokens: 1e7 };
  const answer = await simulated(t, app, {
    station: endless,
    arrivals: { kind: 'constant' },
    requestsPerSec: 1,
    iterations: 10_000,
  });
  t.match(answer, { stoppedBecause: 'budget', iterations: 10_000, completions: 0, ttftMs: null });
  t.ok(Math.abs(answer.simulatedSec - 101) < 0.01, 'iterations of 10 ms each, from the first arrival on');
  const [first] = [{ atSec: 0, inputTokens: 8, outputTokens: 1e7 }];
  const trace = { arrivals: { kind: 'trace', requests: [first] }, iterations: 10_000 };
  t.match(await simulated(t, app, trace), { stoppedBecause: 'budget', iterations: 10_000 });
});

test('Overload is told: a line without limit makes latencies null, one with a limit makes losses', async (t) => {
  const app = await service(t);
  const load = { requestsPerSec: 2 / MEAN_SEC, requests: 20_000 };
  const endless = await simulated(t, app, load);
  t.match(endless, { status: 'overloaded', ttftMs: null, waitMs: null, responseMs: null, lossFraction: 0 });
  t.ok(Math.abs(endless.itlMs!.mean! - ALPHA_MS) < 1e-9);
  const limited = await simulated(t, app, { ...load, station: { ...station, maxQueueLength: 3 } });
  t.equal(limited.status, 'overloaded');
  t.ok(Math.abs(limited.lossFraction! - 0.5) < 0.03, `${limited.lossFraction}`);
  t.ok(limited.waitMs!.mean! > 2000 * MEAN_SEC && limited.waitMs!.mean! < 3000 * MEAN_SEC);
});

test('Replicas that stop lose what they have, those that drain do not', async (t) => {
  const app = await service(t);
  const requests = [0, 1, 2, 3].map((atSec) => ({ atSec, inputTokens: 8, outputTokens: 50 }));
  const arrivals = { kind: 'trace', requests };
  const after = (action: string) => [{ atSec: 1.2, action, replicas: 1 }];
  const stopped = await simulated(t, app, { arrivals, changes: after('stop') });
  t.match(stopped, { completions: 1, losses: 3, status: 'overloaded' });
  t.match(await simulated(t, app, { arrivals, changes: after('drain') }), { completions: 2, losses: 2 });
  const late = [...after('stop'), { atSec: 2.5, action: 'start', replicas: 2 }];
  t.match(await simulated(t, app, { arrivals, changes: late }), { completions: 2, losses: 2 });
});

test('Nothing seen is null, not zero', async (t) => {
  const app = await service(t);
  const nobody = await simulated(t, app, { requestsPerSec: 1e-9, seconds: 10 });
  t.match(nobody, { requests: 0, lossFraction: null, throughputPerSec: 0, simulatedSec: 10 });
  t.match(nobody.ttftMs, { mean: null, p99: null, quantiles: [] });
});

test('Each law of the service time makes the gaps that it says', async (t) => {
  const app = await service(t);
  const linear = { alphaMs: 10, betaMsPerToken: 1, gammaMsPerToken2: 0.01 };
  // Four join when another is done with its prefill: they decode together, when that is gone.
  const requests = [0, 0.001, 0.001, 0.001, 0.001].map((atSec, i) => ({
    atSec,
    inputTokens: 0,
    outputTokens: i === 0 ? 1 : 3,
  }));
  const meanGapMs = async (law: object) => {
    const serviceTime = { ...linear, ...law };
    const body = {
      station: { ...station, serviceTime, maxBatchSize: 5 },
      arrivals: { kind: 'trace', requests },
    };
    return (await simulated(t, app, body)).itlMs!.mean!;
  };
  // The second and the third step read two and three tokens each.
  const workMs = 4 * (1 + 0.01 * 2.5);
  const near = (value: number, expected: number) =>
    t.ok(Math.abs(value - expected) < 1e-9, `${value} ${expected}`);
  near(await meanGapMs({}), 10 + workMs);
  near(await meanGapMs({ law: 'power', batchExponent: 0.5 }), 10 + workMs / 2);
  near(await meanGapMs({ law: 'two-regime', kneeTokens: 1, betaBeyondKneeMsPerToken: 5 }), 10 + workMs + 15);
});
