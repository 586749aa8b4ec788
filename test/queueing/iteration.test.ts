import { test } from 'tap';
import iteration from '../../src/queueing/models/iteration.ts';
import { newMetrics } from '../../src/queueing/queue-model.ts';
import type { DrawnArrivals, Lengths } from '../../src/schemas/simulation-process.ts';
import type { Station } from '../../src/schemas/station.ts';
import { iterationTime } from '../../src/simulator/iteration-time.ts';
import { simulate } from '../../src/simulator/simulator.ts';

const SERVICE_TIME = { alphaMs: 6.58, betaMsPerToken: 0.0193, gammaMsPerToken2: 5.46e-5 };
const CHAT: Station = {
  serviceTime: SERVICE_TIME,
  maxBatchSize: 64,
  inputTokens: 512,
  outputTokens: 256,
};

const LONG: Partial<Station> = { inputTokens: 2048, outputTokens: 128 };
const withLaw = (own: Partial<Station['serviceTime']>, station: Station = CHAT): Station => ({
  ...station,
  serviceTime: { ...SERVICE_TIME, ...own },
});

function simulated(
  station: Station,
  requestsPerSec: number,
  lengths: Lengths,
  arrivals: DrawnArrivals = { kind: 'poisson' },
) {
  const { maxBatchSize, maxQueueLength, inputTokens, outputTokens } = station;
  const kind = {
    limits: {
      maxBatchSize,
      maxQueueLength: maxQueueLength ?? Number.POSITIVE_INFINITY,
      maxBatchTokens: station.maxBatchTokens ?? 8192,
      kvCacheTokens: Number.POSITIVE_INFINITY,
    },
    time: iterationTime(station.serviceTime!),
    weight: 1,
  };
  return simulate({
    replicas: [{ kind, replicas: 1 }],
    changes: [],
    balancer: 'round-robin',
    arrivals,
    requestsPerSec,
    lengths,
    means: { inputTokens, outputTokens },
    seed: 3,
    budget: { requests: 100_000, ms: Number.POSITIVE_INFINITY },
    precisionFraction: 0,
  });
}

function predicted(station: Station, requestsPerSec: number, options: object, percentile?: number) {
  const queue = iteration.prepare(station, options);
  const view = percentile ? queue.atPercentiles!({ ttft: percentile, itl: percentile }) : queue;
  const metrics = newMetrics();
  view.evaluate(requestsPerSec, metrics);
  return metrics;
}

const CASES: readonly [string, Station, number, Lengths, object][] = [
  ['a chat at half load', CHAT, 9, { kind: 'exponential' }, {}],
  ['outputs of one length', CHAT, 12, { kind: 'constant' }, { inputCv: 0, outputCv: 0 }],
  [
    'long prompts',
    { ...CHAT, inputTokens: 2048, outputTokens: 128, maxBatchSize: 256 },
    7,
    { input: { kind: 'constant' }, output: { kind: 'exponential' } },
    { inputCv: 0 },
  ],
];

for (const [name, station, rate, lengths, options] of CASES) {
  test(`${name}: means within 4 %, percentiles within 6 % of what is simulated`, (t) => {
    const seen = simulated(station, rate, lengths);
    const mean = predicted(station, rate, options);
    const within = (value: number, of: number, share: number, what: string) =>
      t.ok(Math.abs(value / of - 1) < share, `${what}: ${value} for ${of}`);
    within(mean.ttftMs, seen.ttftMs.mean, 0.04, 'mean TTFT');
    within(mean.itlMs, seen.itlMs.mean, 0.04, 'mean ITL');
    within(mean.responseMs, seen.responseMs.mean, 0.04, 'mean response');
    within(mean.inService, seen.inService, 0.04, 'requests in service');
    within(predicted(station, rate, options, 0.95).ttftMs, seen.ttftMs.p95, 0.06, 'TTFT at p95');
    within(predicted(station, rate, options, 0.99).ttftMs, seen.ttftMs.p99, 0.06, 'TTFT at p99');
    within(predicted(station, rate, options, 0.9).itlMs, seen.itlMs.p90, 0.06, 'ITL at p90');
    t.end();
  });
}

const SAME = { inputCv: 0, outputCv: 0 };
const LAWS: readonly [string, Station, number, Lengths, object][] = [
  ['power 1.2', withLaw({ law: 'power', batchExponent: 1.2 }), 7, { kind: 'exponential' }, {}],
  ['power 0.8', withLaw({ law: 'power', batchExponent: 0.8 }), 15, { kind: 'constant' }, SAME],
  [
    'power 1.1 and long prompts',
    withLaw({ law: 'power', batchExponent: 1.1, prefillMsPerToken2: 1e-6 }, { ...CHAT, ...LONG }),
    3,
    { kind: 'exponential' },
    {},
  ],
  [
    'two regimes, prompts beyond the knee',
    withLaw({ law: 'two-regime', kneeTokens: 256, betaBeyondKneeMsPerToken: 0.04 }),
    7,
    { kind: 'constant' },
    SAME,
  ],
  [
    'two regimes, some prompts beyond the knee',
    withLaw({ law: 'two-regime', kneeTokens: 1024, betaBeyondKneeMsPerToken: 0.05 }),
    7,
    { kind: 'exponential' },
    {},
  ],
];

for (const [name, station, rate, lengths, options] of LAWS) {
  test(`${name}: means within 6 % of what is simulated`, (t) => {
    const seen = simulated(station, rate, lengths);
    const { ttftMs, itlMs } = predicted(station, rate, options);
    t.ok(Math.abs(ttftMs / seen.ttftMs.mean - 1) < 0.06, `TTFT ${ttftMs} for ${seen.ttftMs.mean}`);
    t.ok(Math.abs(itlMs / seen.itlMs.mean - 1) < 0.06, `ITL ${itlMs} for ${seen.itlMs.mean}`);
    t.end();
  });
}

const LIMITED: readonly [string, Station, number][] = [
  [
    'prompts of half the token budget in large batches',
    { ...CHAT, inputTokens: 4096, outputTokens: 100, maxBatchSize: 256 },
    5,
  ],
  [
    'prompts beyond the token budget',
    { ...CHAT, inputTokens: 3000, outputTokens: 100, maxBatchSize: 128, maxBatchTokens: 2048 },
    4,
  ],
];

for (const [name, station, rate] of LIMITED) {
  test(`${name}: means within 6 %, the TTFT at p95 within 15 % of what is simulated`, (t) => {
    const seen = simulated(station, rate, { kind: 'exponential' });
    const { ttftMs, itlMs, responseMs } = predicted(station, rate, {});
    const p95 = predicted(station, rate, {}, 0.95).ttftMs;
    t.ok(Math.abs(ttftMs / seen.ttftMs.mean - 1) < 0.06, `TTFT ${ttftMs} for ${seen.ttftMs.mean}`);
    t.ok(Math.abs(itlMs / seen.itlMs.mean - 1) < 0.06, `ITL ${itlMs} for ${seen.itlMs.mean}`);
    t.ok(Math.abs(p95 / seen.ttftMs.p95 - 1) < 0.15, `p95 ${p95} for ${seen.ttftMs.p95}`);
    t.ok(responseMs >= ttftMs, 'the last token does not come before the first');
    t.end();
  });
}

test('prompts of four token budgets: what queues for the budget is told within a tenth', (t) => {
  const station = { ...CHAT, inputTokens: 2048, maxBatchTokens: 512, maxBatchSize: 256 };
  for (const rate of [3, 5]) {
    const seen = simulated(station, rate, { kind: 'exponential' });
    const { ttftMs, itlMs, inService } = predicted(station, rate, {});
    const p95 = predicted(station, rate, {}, 0.95);
    const pairs = { ttftMs: [ttftMs, seen.ttftMs.mean], itlMs: [itlMs, seen.itlMs.mean] };
    const spread = { p95Ttft: [p95.ttftMs, seen.ttftMs.p95], p95Itl: [p95.itlMs, seen.itlMs.p95] };
    for (const [what, [told, of]] of Object.entries({
      ...pairs,
      ...spread,
      batch: [inService, seen.inService],
    }))
      t.ok(Math.abs(told / of - 1) < 0.1, `${what} at ${rate}: ${told} for ${of}`);
  }
  t.end();
});

test('the own cost of a prompt spreads the TTFT as the prompts are spread', (t) => {
  for (const prefillMsPerToken of [0.001, 0.04]) {
    const station = withLaw({ prefillMsPerToken }, { ...CHAT, inputTokens: 2000 });
    const seen = simulated(station, 0.05, { kind: 'exponential' });
    for (const p of ['p50', 'p95', 'p99'] as const) {
      const told = predicted(station, 0.05, {}, Number(`0.${p.slice(1)}`)).ttftMs;
      t.ok(
        Math.abs(told / seen.ttftMs[p] - 1) < 0.08,
        `${p} of ${prefillMsPerToken}: ${told} for ${seen.ttftMs[p]}`,
      );
    }
  }
  t.end();
});

const BURSTS: DrawnArrivals = { kind: 'gamma', cv: 2 };
const ARRIVALS: readonly [string, Station, number, DrawnArrivals, number][] = [
  ['bursts', CHAT, 9, BURSTS, 2],
  ['bursts of long prompts', { ...CHAT, ...LONG, maxBatchSize: 256 }, 4, BURSTS, 2],
  ['mild bursts', CHAT, 12, { kind: 'gamma', cv: 1.4 }, 1.4],
  ['constant arrivals', CHAT, 12, { kind: 'constant' }, 0],
  ['nearly constant arrivals of long prompts', { ...CHAT, ...LONG }, 3, { kind: 'gamma', cv: 0.5 }, 0.5],
];

for (const [name, station, rate, arrivals, arrivalCv] of ARRIVALS) {
  test(`${name}: means within 5 %, the TTFT at p95 within 15 % of what is simulated`, (t) => {
    const seen = simulated(station, rate, { kind: 'exponential' }, arrivals);
    const { ttftMs, itlMs } = predicted(station, rate, { arrivalCv });
    const p95 = predicted(station, rate, { arrivalCv }, 0.95).ttftMs;
    t.ok(Math.abs(ttftMs / seen.ttftMs.mean - 1) < 0.05, `TTFT ${ttftMs} for ${seen.ttftMs.mean}`);
    t.ok(Math.abs(itlMs / seen.itlMs.mean - 1) < 0.05, `ITL ${itlMs} for ${seen.itlMs.mean}`);
    t.ok(Math.abs(p95 / seen.ttftMs.p95 - 1) < 0.15, `p95 ${p95} for ${seen.ttftMs.p95}`);
    t.end();
  });
}

test('the wait is continuous where arrivals become Poisson', (t) => {
  for (const options of [{}, { inputCv: 0, outputCv: 0 }, { outputCv: 2 }]) {
    const station = { ...CHAT, maxBatchSize: 16 };
    const [before, poisson, after] = [0.999, 1, 1.001].map(
      (arrivalCv) => predicted(station, 5.5, { ...options, arrivalCv }).waitMs,
    );
    t.ok(before < poisson && poisson < after, `${before}, ${poisson}, ${after}`);
    t.ok(after - before < 0.02 * poisson);
  }
  t.end();
});

test('a full waiting room: latencies within 6 %, losses within 0.01 of what is simulated', (t) => {
  const station = { ...CHAT, maxBatchSize: 16, maxQueueLength: 16 };
  const rate = 1.2 * (iteration.prepare(station, {}).maxRequestsPerSec / 0.999);
  const seen = simulated(station, rate, { kind: 'exponential' });
  const mean = predicted(station, rate, {});
  t.ok(Math.abs(mean.ttftMs / seen.ttftMs.mean - 1) < 0.06, `TTFT ${mean.ttftMs} for ${seen.ttftMs.mean}`);
  t.ok(Math.abs(mean.itlMs / seen.itlMs.mean - 1) < 0.06, `ITL ${mean.itlMs} for ${seen.itlMs.mean}`);
  t.ok(
    Math.abs(mean.lossFraction - seen.lossFraction) < 0.01,
    `loss ${mean.lossFraction} for ${seen.lossFraction}`,
  );
  t.end();
});

test('an empty replica takes one prefill and one step, and nothing else', (t) => {
  const { alphaMs, betaMsPerToken, gammaMsPerToken2 } = SERVICE_TIME;
  const metrics = predicted(CHAT, 1e-9, { inputCv: 0, outputCv: 0 });
  const prefill = alphaMs + (betaMsPerToken + gammaMsPerToken2) * 512;
  const step = alphaMs + betaMsPerToken + gammaMsPerToken2 * 513;
  t.ok(Math.abs(metrics.ttftMs - prefill - step) < 1e-6, `${metrics.ttftMs} for ${prefill + step}`);
  t.end();
});

test('what a request takes beside the batch is added to its own TTFT alone', (t) => {
  const beside = { ...SERVICE_TIME, requestOverheadMs: 12, prefillMsPerToken: 0.0293 };
  const plain = predicted(CHAT, 9, {});
  const with12 = predicted({ ...CHAT, serviceTime: beside }, 9, {});
  t.ok(Math.abs(with12.ttftMs - plain.ttftMs - 12 - 0.01 * 512) < 1e-9);
  t.ok(Math.abs(with12.itlMs - plain.itlMs) < 1e-12);
  t.end();
});

test('higher percentiles are not lower, and no percentile falls with the rate', (t) => {
  for (const station of [CHAT, { ...CHAT, maxBatchSize: 4, maxQueueLength: 8 }]) {
    const { maxRequestsPerSec } = iteration.prepare(station, {});
    let before = [0, 0, 0];
    for (let share = 0.05; share < 0.99; share += 0.02) {
      const now = [0.5, 0.9, 0.99].map((p) => predicted(station, share * maxRequestsPerSec, {}, p).ttftMs);
      t.ok(now[0] <= now[1] && now[1] <= now[2], `in order at ${share}`);
      t.ok(
        now.every((value, i) => value >= before[i] * (1 - 1e-6)),
        `rising at ${share}: ${before} to ${now}`,
      );
      before = now;
    }
  }
  t.end();
});

test('in wide bursts the median TTFT is not below two iterations', (t) => {
  const serviceTime = { alphaMs: 2, betaMsPerToken: 0.018, gammaMsPerToken2: 5e-5 };
  const station = {
    serviceTime,
    maxBatchSize: 64,
    maxBatchTokens: 2048,
    inputTokens: 3112,
    outputTokens: 43,
  };
  for (const arrivalCv of [1.2, 1.56, 2, 3, 5]) {
    const { maxRequestsPerSec } = iteration.prepare(station, { arrivalCv });
    const { ttftMs } = predicted(station, 0.5 * maxRequestsPerSec, { arrivalCv }, 0.5);
    t.ok(ttftMs >= 2 * serviceTime.alphaMs, `${ttftMs} at ${arrivalCv}`);
  }
  t.end();
});
