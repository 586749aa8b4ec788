import tap, { type Test, test } from 'tap';
import { loadRegistry } from '../../src/registry.ts';
import type { Comparison } from '../../src/schemas/comparison.ts';
import type { FitAnswer } from '../../src/schemas/fit.ts';
import type { Plan } from '../../src/schemas/plan.ts';
import type { Analysis, Concurrency, Sizing } from '../../src/schemas/station.ts';
import type { TuneAnswer } from '../../src/schemas/tune.ts';
import { answerChecks, type Edits, edited, example, post, refused, service } from '../support/service.ts';

tap.setTimeout(120_000);

const app = await service(tap as unknown as Test, { environment: { MAX_EVENT_LOOP_DELAY_MS: '0' } });
const faultsOf = await answerChecks(app);

/** Ten iterations of 10 ms a request, whatever the batch: at 50 requests/s five are in service, at 40 places 400/s are the most. */
const law = { serviceTime: { alphaMs: 10, betaMsPerToken: 0, gammaMsPerToken2: 0 }, maxBatchSize: 40 };
const observedRange = {
  requestsPerSec: { from: 1, to: 20 },
  inputTokens: { from: 50, to: 200 },
  outputTokens: { from: 18, to: 90 },
  inService: { from: 1, to: 2 },
};
const station = { ...law, observedRange, inputTokens: 100, outputTokens: 9 };

function fleetOf(server: object, profile: object = {}) {
  return {
    accelerators: [{ name: 'G', type: 'G', costPerHour: 1 }],
    models: [{ name: 'm', profiles: [{ accelerator: 'G', atTokens: 9, ...law, observedRange, ...profile }] }],
    serviceClasses: [{ name: 'c', priority: 1, targets: [{ model: 'm' }] }],
    servers: [
      {
        name: 's',
        serviceClass: 'c',
        model: 'm',
        load: { requestsPerSec: 50, inputTokens: 300, outputTokens: 9 },
        ...server,
      },
    ],
  };
}

async function answered<T>(t: Test, url: string, schema: string, body: unknown): Promise<T> {
  const answer = await post<T>(app, url, body);
  t.equal(answer.status, 200, url);
  t.strictSame(faultsOf(schema, answer.body), []);
  return answer.body;
}

/** The same figures to nine digits. */
const short = (value: unknown) =>
  JSON.parse(
    JSON.stringify(value, (_, item) => (typeof item === 'number' ? Number(item.toPrecision(9)) : item)),
  );

/** An answer without a word of what was observed, and without how long it took. */
const without = (answer: unknown) =>
  JSON.parse(
    JSON.stringify(answer, (key, value) => (/^(extrapolation|solveMs)/.test(key) ? undefined : value)),
  );

test('/analyze tells it of every point: the batch grows with the rate, the lengths do not', async (t) => {
  const { points } = await answered<Analysis>(t, '/analyze', 'Analysis', {
    station,
    requestsPerSec: [5, 20, 50, 500],
  });
  t.same(
    points.map(({ status }) => status),
    ['stable', 'stable', 'stable', 'overloaded'],
  );
  t.same(
    short(points.map(({ extrapolation }) => extrapolation!.inService)),
    [
      [0.5, 0],
      [2, 0],
      [5, 1.5],
      [40, 19],
    ].map(([asked, fraction]) => ({ asked, from: 1, to: 2, fraction })),
    'overloaded, the batch is full',
  );
  t.match(points[0].extrapolation, {
    fraction: 1,
    worst: 'outputTokens',
    inputTokens: { asked: 100, fraction: 0 },
    outputTokens: { asked: 9, from: 18, to: 90, fraction: 1 },
  });
  t.match(points[2].extrapolation, { worst: 'inService' });
});

test('/size and /concurrency tell it of the rate that they find; what is unreachable has none', async (t) => {
  // No rate but the highest stable one binds: 0.999 · 40 in service.
  const asked = { station, targets: { itlMs: 10.5 } };
  const { at } = await answered<Sizing>(t, '/size', 'Sizing', asked);
  t.ok(Math.abs(at!.extrapolation!.inService!.asked / at!.inService - 1) < 1e-12);
  t.ok(Math.abs(at!.extrapolation!.fraction - (at!.inService / 2 - 1)) < 1e-9);
  const found = await answered<Concurrency>(t, '/concurrency', 'Concurrency', asked);
  t.equal(found.at!.extrapolation!.inService!.asked, found.at!.inService);
  const unreachable = await answered<Sizing>(t, '/size', 'Sizing', { station, targets: { itlMs: 5 } });
  t.match(unreachable, { feasible: false, at: null });
  t.notMatch(JSON.stringify(unreachable), 'extrapolation');
});

test('/optimize tells it of every allocation, at what one replica is predicted to do', async (t) => {
  // 50/s on one replica: five in service, one and a half times too many; prompts half too long.
  const plan = await answered<Plan>(t, '/optimize', 'Plan', fleetOf({}));
  t.same(short(plan.servers[0].allocations[0].extrapolation), {
    fraction: 1.5,
    worst: 'inService',
    inputTokens: { asked: 300, from: 50, to: 200, fraction: 0.5 },
    outputTokens: { asked: 9, from: 18, to: 90, fraction: 1 },
    inService: { asked: 5, from: 1, to: 2, fraction: 1.5 },
  });
  const two = await answered<Plan>(t, '/optimize', 'Plan', fleetOf({ minReplicas: 2 }));
  t.match(short(two.servers[0].allocations[0].extrapolation), {
    fraction: 1,
    worst: 'outputTokens',
    inService: { asked: 2.5, fraction: 0.25 },
  });
});

test('a server that is overloaded, idle or left alone has a status and no figure that is made up', async (t) => {
  const load = { requestsPerSec: 1_000, inputTokens: 100, outputTokens: 18 };
  const full = await answered<Plan>(
    t,
    '/optimize',
    'Plan',
    fleetOf({ load, maxReplicas: 1 }, { maxBatchSize: 80 }),
  );
  t.match(short(full.servers[0].allocations[0]), {
    predicted: { status: 'overloaded', ttftMs: null },
    extrapolation: { worst: 'inService', inService: { asked: 40, fraction: 19 } },
  });
  const idle = await answered<Plan>(
    t,
    '/optimize',
    'Plan',
    fleetOf({ load: { ...load, requestsPerSec: 0 } }),
  );
  t.match(idle.servers[0].allocations[0].extrapolation, {
    fraction: 0,
    worst: null,
    inService: { asked: 0 },
  });
  const current = [{ variant: 'G', replicas: 2 }];
  const kept = await answered<Plan>(t, '/optimize', 'Plan', fleetOf({ load: null, current }));
  t.match(kept.servers[0].allocations, [{ replicas: 2, predicted: null, extrapolation: undefined }]);
});

test('every queue model with a law tells it; one of measured rates extrapolates nothing', async (t) => {
  const throughput = [{ inputTokens: 100, outputTokens: 9, requestsPerSec: 100 }];
  for (const [queueModel, { reads }] of (await loadRegistry()).queueModels) {
    const request = { station: { ...station, throughput }, requestsPerSec: [20, 500], queueModel };
    const { points } = await answered<Analysis>(t, '/analyze', 'Analysis', request);
    if (reads === 'throughput') t.notMatch(JSON.stringify(points), 'extrapolation', queueModel);
    else t.equal(points[1].extrapolation?.inService?.asked, points[1].inService, queueModel);
    const fleet = fleetOf({ load: { ...throughput[0], requestsPerSec: 50 } }, { throughput });
    const { servers } = await answered<Plan>(t, '/optimize', 'Plan', { ...fleet, queueModel });
    t.equal(servers[0].allocations[0].extrapolation === undefined, reads === 'throughput', queueModel);
  }
});

test('it changes no figure, and without a range there is no word of it', async (t) => {
  const none: Edits = { '/station/observedRange': undefined };
  const unknown: Edits = { '/station/observedRange': null };
  for (const [url, schema, body] of [
    ['/analyze', 'Analysis', { station, requestsPerSec: [5, 50, 500] }],
    ['/size', 'Sizing', { station, targets: { itlMs: 10.5 } }],
    ['/concurrency', 'Concurrency', { station, targets: { itlMs: 10.5 } }],
  ] as const) {
    const withRange = await answered<object>(t, url, schema, body);
    t.match(JSON.stringify(withRange), 'extrapolation');
    for (const edits of [none, unknown]) {
      const plain = await answered<object>(t, url, schema, edited(body, edits));
      t.strictSame(without(withRange), plain, url);
    }
  }
  const profile = '/models/0/profiles/0/observedRange';
  const withRange = await answered<Plan>(t, '/optimize', 'Plan', fleetOf({}));
  for (const value of [undefined, null]) {
    const plain = await answered<Plan>(t, '/optimize', 'Plan', edited(fleetOf({}), { [profile]: value }));
    t.notMatch(JSON.stringify(plain), 'extrapolation');
    t.strictSame(without(withRange), without(plain));
  }
});

test('/compare tells the farthest of each plan', async (t) => {
  const runs = [{ solver: 'unlimited' }, { queueModel: 'measured' }];
  const throughput = [{ inputTokens: 300, outputTokens: 9, requestsPerSec: 100 }];
  const fleet = fleetOf({}, { throughput });
  const { runs: told } = await answered<Comparison>(t, '/compare', 'Comparison', { ...fleet, runs });
  t.ok(Math.abs(told[0].extrapolationFraction! - 1.5) < 1e-9);
  t.notOk('extrapolationFraction' in told[1]);
});

const SMALL = { accelerator: 'G', maxBatchSize: 64 };
const planned = (t: Test, profile: object, load: object) =>
  answered<Plan>(t, '/optimize', 'Plan', edited(fleetOf({ load }), { '/models/0/profiles/0': profile }));

test('what /fit tells goes into a profile as it is, and the plan knows what was measured', async (t) => {
  const request = example('/fit', 'observations') as { observations: { requestsPerSec: number }[] };
  const fit = await answered<FitAnswer>(t, '/fit', 'FitAnswer', request);
  t.match(fit.observedRange, { inputTokens: { from: 64, to: 1024 }, outputTokens: { from: 128, to: 1024 } });
  const { serviceTime } = fit;
  const profile = { ...SMALL, serviceTime, observedRange: fit.observedRange };
  const outside = await planned(t, profile, { requestsPerSec: 0.1, inputTokens: 2560, outputTokens: 16 });
  t.match(outside.servers[0].allocations[0].extrapolation, {
    fraction: 7,
    worst: 'outputTokens',
    inputTokens: { fraction: 1.5 },
  });
  // Each load that was measured lies inside, as near as the law tells its latencies.
  for (const { requestsPerSec, inputTokens, outputTokens } of fit.points) {
    const plan = await planned(t, profile, { requestsPerSec, inputTokens, outputTokens });
    const { extrapolation } = plan.servers[0].allocations[0];
    t.match(extrapolation, { inputTokens: { fraction: 0 }, outputTokens: { fraction: 0 } });
    t.ok(extrapolation!.fraction < 0.05, `${extrapolation!.fraction}`);
  }
  const station = { ...profile, accelerator: undefined, inputTokens: 2048, outputTokens: 256 };
  const { at } = await answered<Sizing>(t, '/size', 'Sizing', { station, targets: { itlMs: 30 } });
  t.equal(at!.extrapolation!.inputTokens!.fraction, 1);
});

test('what /tune tells goes into a profile as it is, with what its state holds', async (t) => {
  const request = example('/tune', 'a seed and six observations');
  const [{ serviceTime, standardErrors, correlations, observedRange: range }] = (
    await answered<TuneAnswer>(t, '/tune', 'TuneAnswer', request)
  ).items;
  t.match(range, { inputTokens: { from: 64, to: 1024 }, requestsPerSec: { from: 0.16, to: 9.9 } });
  const profile = { ...SMALL, serviceTime, standardErrors, correlations, observedRange: range };
  const load = { requestsPerSec: 0.1, inputTokens: 2048, outputTokens: 256 };
  const { servers } = await planned(t, profile, load);
  t.match(servers[0].allocations[0].extrapolation, { inputTokens: { asked: 2048, fraction: 1 } });
});

test('a range that is none is refused with what would be right', async (t) => {
  const AT = '/station/observedRange';
  const analysis = { station, requestsPerSec: 1 };
  for (const [edits, status, path, says] of [
    [{ [`${AT}/inputTokens/from`]: 201 }, 422, `${AT}/inputTokens/to`, /at least from, 201; it is 200/],
    [{ [`${AT}/inService/from`]: -1 }, 400, `${AT}/inService/from`, /at least 0; it is -1/],
    [{ [`${AT}/inService/to`]: '9' }, 400, `${AT}/inService/to`, /finite number; it is "9"/],
    [{ [`${AT}/outputTokens/to`]: undefined }, 400, `${AT}/outputTokens/to`, /is required/],
    [{ [`${AT}/inputToken`]: 1 }, 400, `${AT}/inputToken`, /did you mean "inputTokens"\?/],
    [{ [AT]: [1, 2] }, 400, AT, /must be an object or null; it is an array/],
  ] as const) {
    await refused(t, app, '/analyze', edited(analysis, edits), status, [[path, says]], path);
  }
  const rates = edited(analysis, {
    '/station/serviceTime': undefined,
    '/station/throughput': [{ inputTokens: 100, outputTokens: 9, requestsPerSec: 1 }],
    '/queueModel': 'measured',
  });
  await refused(t, app, '/analyze', rates, 422, [[AT, /says nothing without serviceTime/]], 'of nothing');
  const profile = '/models/0/profiles/0/observedRange';
  const spans = { [`${profile}/inService`]: { from: 3, to: 2 }, [`${profile}/requestsPerSec/from`]: 21 };
  await refused(
    t,
    app,
    '/optimize',
    edited(fleetOf({}), spans),
    422,
    [
      [`${profile}/inService/to`, /must be at least from, 3; it is 2/],
      [`${profile}/requestsPerSec/to`, /must be at least from, 21; it is 20/],
    ],
    'every fault is named',
  );
  const throughput = [{ inputTokens: 100, outputTokens: 9, requestsPerSec: 1 }];
  const measured = fleetOf({}, { serviceTime: undefined, throughput });
  await refused(
    t,
    app,
    '/optimize',
    measured,
    422,
    [[profile, /says nothing without serviceTime/]],
    'as above',
  );
});
