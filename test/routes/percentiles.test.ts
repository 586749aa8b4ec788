import { test } from 'tap';
import type { Fleet, Targets } from '../../src/schemas/fleet.ts';
import type { ServiceTime } from '../../src/schemas/model.ts';
import type { Plan } from '../../src/schemas/plan.ts';
import type { Analysis, Sizing, Station } from '../../src/schemas/station.ts';
import { plainTimes } from '../support/law-times.ts';
import { near } from '../support/properties.ts';
import { answerChecks, post, service } from '../support/service.ts';
import { plainFound } from '../support/waiting-chain.ts';

/** One server, its replicas as the station says. */
function fleetOf(
  { serviceTime, maxBatchSize, maxQueueLength, ...tokens }: Station,
  targets: Targets,
  requestsPerSec: number,
): Fleet {
  return {
    accelerators: [{ name: 'gpu', type: 'gpu', costPerHour: 1 }],
    models: [{ name: 'model', profiles: [{ accelerator: 'gpu', serviceTime }] }],
    serviceClasses: [{ name: 'class', priority: 1, targets: [{ model: 'model', ...targets }] }],
    servers: [
      {
        name: 'server',
        model: 'model',
        serviceClass: 'class',
        maxBatchSize,
        ...(maxQueueLength !== undefined && { maxQueueLength }),
        load: { ...tokens, requestsPerSec },
      },
    ],
  };
}

const LAWS: readonly ServiceTime[] = [
  { law: 'power', batchExponent: 0.7, alphaMs: 8, betaMsPerToken: 0.3, gammaMsPerToken2: 1e-4 },
  { law: 'power', batchExponent: 1.3, alphaMs: 8, betaMsPerToken: 0.3, gammaMsPerToken2: 1e-4 },
  {
    law: 'two-regime',
    kneeTokens: 64,
    betaBeyondKneeMsPerToken: 0.2,
    alphaMs: 8,
    betaMsPerToken: 0.02,
    gammaMsPerToken2: 1e-4,
  },
];

/** The chain, whose percentiles have closed forms. */
const queueModel = 'state-dependent';

test('/analyze, /size and /optimize at percentiles under laws that are not linear', async (t) => {
  const app = await service(t);
  const faultsOf = await answerChecks(app);
  for (const serviceTime of LAWS) {
    const name = `${serviceTime.law} ${serviceTime.batchExponent ?? ''}`;
    const station = { serviceTime, maxBatchSize: 6, maxQueueLength: 60, inputTokens: 300, outputTokens: 40 };
    const times = plainTimes(station);
    const rates = [0, ...times.map((time, i) => (i + 1) / time)];
    const rate = 0.93 * 1000 * rates[6];
    const waitMs = (p: number) => plainFound(station, rate, p, rates).waitMs;

    const analysis = await post<Analysis>(app, '/analyze', { station, requestsPerSec: rate });
    t.strictSame(faultsOf('Analysis', analysis.body), [], name);
    const [{ ttftPercentilesMs, itlPercentilesMs }] = analysis.body.points;
    const { p90, p95, p99 } = ttftPercentilesMs!;
    // All of these wait, and find the same batch: what differs is the wait.
    near(p99 - p90, waitMs(0.99) - waitMs(0.9), 1e-6, 0, `${name}: p99 less p90`);
    near(p95 - p90, waitMs(0.95) - waitMs(0.9), 1e-6, 0, `${name}: p95 less p90`);
    t.equal(itlPercentilesMs!.p99, itlPercentilesMs!.p90, `${name}: gaps of a full batch`);

    const targets = { ttftMs: p99 - waitMs(0.99) + waitMs(0.95), ttftPercentile: 0.95 };
    const sized = await post<Sizing>(app, '/size', { station, targets, queueModel });
    t.strictSame(faultsOf('Sizing', sized.body), [], name);
    t.match(sized.body, { feasible: true, binding: 'ttftMs' }, name);
    near(sized.body.requestsPerSec!, rate, 1e-5, 0, `${name}: rate`);

    const { body } = await post<Plan>(app, '/optimize', {
      ...fleetOf(station, targets, 2.9 * rate),
      queueModel,
    });
    t.strictSame(faultsOf('Plan', body), [], name);
    const [server] = body.servers;
    t.equal(server.allocations[0].replicas, 3, `${name}: replicas`);
    t.equal(server.reason.code, 'ttft-bound', name);
    const atLoad = plainFound(station, (2.9 * rate) / 3, 0.95, rates).waitMs;
    const firstTokenMs = p99 - waitMs(0.99);
    near(server.predicted!.ttftAtPercentileMs!, firstTokenMs + atLoad, 1e-6, 0, `${name}: predicted`);
  }
});

/** One request at a time: M/M/1 with a mean time in service of 100 ms, the first 20 of them to the first token. */
const single: Station = {
  serviceTime: { alphaMs: 10, betaMsPerToken: 0, gammaMsPerToken2: 0 },
  maxBatchSize: 1,
  inputTokens: 100,
  outputTokens: 9,
};

test('/optimize keeps a response time, alone and beside a TTFT at a percentile', async (t) => {
  const app = await service(t);
  const faultsOf = await answerChecks(app);
  // 12 requests a second. At λ a replica answers in 1000/(10 - λ) ms, and all but a tenth wait 1000·ln(λ)/(10 - λ) ms at most.
  const atThree = 20 + (1000 * Math.log(3)) / 7;
  const cases: readonly [Targets, number, string][] = [
    [{ e2eMs: 200.001 }, 3, 'e2e-bound'],
    [{ e2eMs: 166.667 }, 3, 'e2e-bound'],
    [{ e2eMs: 166.66 }, 4, 'e2e-bound'],
    [{ e2eMs: 200.001, ttftMs: atThree + 0.001, ttftPercentile: 0.9 }, 4, 'ttft-bound'],
    [{ e2eMs: 200.001, ttftMs: atThree - 0.1, ttftPercentile: 0.9 }, 5, 'ttft-bound'],
    [{ e2eMs: 142.8, ttftMs: atThree + 0.001, ttftPercentile: 0.9 }, 5, 'e2e-bound'],
    // The mean of the TTFT at 6 a second is 20 + 150 ms.
    [{ e2eMs: 1e6, ttftMs: 170.001 }, 2, 'ttft-bound'],
    [{ e2eMs: 200.001, ttftMs: 170.001 }, 3, 'e2e-bound'],
  ];
  for (const [targets, replicas, code] of cases) {
    const { body } = await post<Plan>(app, '/optimize', { ...fleetOf(single, targets, 12), queueModel });
    const [{ allocations, reason, predicted, withinTargets, margins }] = body.servers;
    const name = JSON.stringify(targets);
    t.strictSame(faultsOf('Plan', body), [], name);
    t.equal(allocations[0].replicas, replicas, name);
    t.equal(reason.code, code, name);
    t.equal(withinTargets, true, name);
    const rate = 12 / replicas;
    near(predicted!.responseMs!, 1000 / (10 - rate), 1e-9, 0, name);
    near(margins.e2eMs!, targets.e2eMs! - 1000 / (10 - rate), 1e-6, 1e-6, name);
    if (!targets.ttftPercentile) continue;
    const waitMs = Math.max(0, (1000 * Math.log(rate)) / (10 - rate));
    near(predicted!.ttftAtPercentileMs!, 20 + waitMs, 1e-6, 0, name);
  }
});

test('/optimize says of a response time out of reach what it is with no load', async (t) => {
  const app = await service(t);
  const { body } = await post<Plan>(app, '/optimize', fleetOf(single, { e2eMs: 99 }, 12));
  const [{ allocations, shortfall, excluded }] = body.servers;
  t.equal(allocations.length, 0);
  t.equal(shortfall!.code, 'targets-unreachable');
  t.match(excluded[0].text, /100\.\d+ ms with no load.*99 ms/);
});
