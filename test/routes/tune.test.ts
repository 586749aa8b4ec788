import tap, { type Test, test } from 'tap';
import { EXAMPLES } from '../../src/schemas/examples.ts';
import type { StrategyList } from '../../src/schemas/strategy.ts';
import type { TuneAnswer } from '../../src/schemas/tune.ts';
import { answerChecks, at, type Edits, edited, example, post, refused, service } from '../support/service.ts';

tap.setTimeout(120_000);

// One service for all: its workers take a while to load the matrix algebra. On a busy machine nothing is refused for that.
const app = await service(tap as unknown as Test, { environment: { MAX_EVENT_LOOP_DELAY_MS: '0' } });
const faultsOf = await answerChecks(app);

const seeded = example('/tune', 'a seed and six observations') as { items: [Record<string, unknown>] };
const [item] = seeded.items;

/** A copy of an item with other values at some places. */
const itemWith = (edits: Edits) => edited(item, edits) as Record<string, unknown>;

test('/tune answers its examples in the shape of its schema', async (t) => {
  for (const [name, { value }] of Object.entries(EXAMPLES['/tune'])) {
    const { status, body } = await post<TuneAnswer>(app, '/tune', value);
    t.equal(status, 200, name);
    t.strictSame(faultsOf('TuneAnswer', body), []);
    t.equal(body.items.length, 1);
  }
  const { body } = await post<TuneAnswer>(app, '/tune', seeded);
  t.match(body.items[0], { model: 'granite_13b', variant: 'A100', status: 'tracking', faults: [] });
  t.same(
    body.items[0].observations.map(({ accepted }) => accepted),
    new Array(6).fill(true),
  );
});

test('One observation without a seed gives parameters that tell its latencies, and says how little is known', async (t) => {
  const { body } = await post<TuneAnswer>(app, '/tune', example('/tune', 'no seed'));
  const [{ status, observations, calibration, diagnostics }] = body.items;
  t.equal(status, 'collecting');
  t.equal(calibration?.needed, true);
  t.ok(calibration!.points.length > 0);
  t.notOk(diagnostics!.combinations[2].isKnown);
  const { ttftMs, itlMs } = observations[0].residuals!;
  t.ok(Math.abs(ttftMs) < 0.1 * 56 && Math.abs(itlMs) < 0.1 * 26);
});

test('The state of an answer goes on where it was; without observations nothing changes', async (t) => {
  const first = (await post<TuneAnswer>(app, '/tune', seeded)).body.items[0];
  const next = itemWith({ '/state': first.state, '/seed': undefined, '/observations': [] });
  const second = (await post<TuneAnswer>(app, '/tune', { items: [next] })).body.items[0];
  t.same(second.state, first.state);
  t.same(second.serviceTime, first.serviceTime);
  t.same(second.standardErrors, first.standardErrors);
});

test('One bad item is answered invalid with its faults and leaves the others alone', async (t) => {
  const alone = (await post<TuneAnswer>(app, '/tune', seeded)).body.items[0];
  const state = { version: 1, estimator: 'auto' };
  for (const [bad, path] of [
    [null, ''],
    [5, ''],
    ['text', ''],
    [[], ''],
    [{}, '/model'],
    [itemWith({ '/model': '' }), '/model'],
    [itemWith({ '/varaint': 'A100' }), '/varaint'],
    [itemWith({ '/seed/alphaMs': -1 }), '/seed/alphaMs'],
    [itemWith({ '/seed': { alphaMs: 0, betaMsPerToken: 0, gammaMsPerToken2: 0 } }), '/seed'],
    [itemWith({ '/observations/2/ttftMs': '83' }), '/observations/2/ttftMs'],
    [itemWith({ '/observations/0/maxBatchSize': 0 }), '/observations/0/maxBatchSize'],
    [itemWith({ '/observations/1/observedAt': 'yesterday' }), '/observations/1/observedAt'],
    [itemWith({ '/observations': {} }), '/observations'],
    [itemWith({ '/state': state }), '/state/belief'],
    [itemWith({ '/state': { ...state, version: 2 } }), '/state/version'],
    [itemWith({ '/state': {} }), '/state/version'],
    [itemWith({ '/state': { ...(alone.state as object), terms: { overhead: 1 } } }), '/state/terms/overhead'],
    [
      itemWith({ '/state': { ...(alone.state as object), terms: { law: 'power' } } }),
      '/state/terms/batchExponent',
    ],
  ] as const) {
    const { status, body } = await post<TuneAnswer>(app, '/tune', { items: [item, bad, item] });
    const claim = JSON.stringify(bad)?.slice(0, 60);
    t.equal(status, 200, claim);
    t.strictSame(faultsOf('TuneAnswer', body), []);
    t.same([body.items[0], body.items[2]], [alone, alone], 'the others are as if they were alone');
    t.match(body.items[1], { status: 'invalid', serviceTime: null, observations: [] });
    t.ok(
      body.items[1].faults.some((fault) => fault.path === path),
      `${claim}: ${path}`,
      { faults: body.items[1].faults },
    );
    t.same(body.items[1].state, at(bad, '/state') ?? null, 'its state comes back as it came');
  }
});

test('A state of another version is told with the version that is understood, and what to do', async (t) => {
  const bad = itemWith({ '/state': { version: 7, anything: 1 } });
  const { body } = await post<TuneAnswer>(app, '/tune', { items: [bad] });
  t.match(body.items[0].faults, [
    { path: '/state/version', message: /is 7; .* version 1: leave the state out/ },
  ]);
});

test('A state of another estimator is taken over', async (t) => {
  const list = (await app.inject('/estimators')).json<StrategyList>();
  const [first] = (await post<TuneAnswer>(app, '/tune', seeded)).body.items;
  const next = itemWith({ '/state': first.state, '/seed': undefined });
  for (const { name } of list) {
    const { status, body } = await post<TuneAnswer>(app, '/tune', { items: [next], estimator: name });
    t.equal(status, 200);
    t.match(body.items[0], { status: 'tracking', diagnostics: { estimator: name, accepted: 12 } });
  }
});

test('Options reach the estimator, one alone as well as all', async (t) => {
  const errorWith = async (options: object) => {
    const { status, body } = await post<TuneAnswer>(app, '/tune', {
      ...seeded,
      estimator: { name: 'auto', options },
    });
    t.equal(status, 200, JSON.stringify(options));
    return body.items[0].standardErrors!.alphaMs;
  };
  const [byDefault, sure, unsure] = [
    await errorWith({}),
    await errorWith({ noiseFraction: 0.02 }),
    await errorWith({ noiseFraction: 0.2 }),
  ];
  t.ok(sure < byDefault && byDefault < unsure);
  const all = { noiseFraction: 0.05, maxAgeSec: 600, driftFraction: 0.002, windowLength: 14 };
  t.equal(await errorWith(all), byDefault);
});

test('What cannot be estimated with is refused as a whole', async (t) => {
  const with_ = (edits: Edits) => edited(seeded, edits);
  for (const [body, status, path, says] of [
    [with_({ '/estimator': 'sliding-windwo' }), 422, '/estimator', /did you mean "sliding-window"\?/],
    [
      with_({ '/estimator': { name: 'kalman' } }),
      422,
      '/estimator/name',
      /there are auto, extended-kalman-filter, joint-fit, sliding-window/,
    ],
    [
      with_({ '/estimator': { name: 'auto', options: { noise: 1 } } }),
      400,
      '/estimator/options/noise',
      /its fields are noiseFraction/,
    ],
    [
      with_({ '/estimator': { name: 'auto', options: { windowLength: 2 } } }),
      400,
      '/estimator/options/windowLength',
      /at least 6/,
    ],
    [
      with_({ '/queueModel': 'measured' }),
      422,
      '/queueModel',
      /service-time parameters; measured works with throughput/,
    ],
    [with_({ '/queueModel': 'simulated' }), 422, '/queueModel', /of formulas.*; simulated simulates/],
    [with_({ '/queueModel': 'mm1' }), 422, '/queueModel', /does not exist/],
    [with_({ '/items': {} }), 400, '/items', /an array/],
    [with_({ '/items': undefined }), 400, '/items', /missing|required/],
    [with_({ '/seed': 1 }), 400, '/seed', /not a field/],
  ] as const)
    await refused(t, app, '/tune', body, status, [[path, says]], JSON.stringify(path));
});

test('Thousands of items are answered in one call, in their order', async (t) => {
  const items = Array.from({ length: 2_000 }, (_, i) => ({
    ...itemWith({ '/variant': `v${i}`, '/observations': [(item.observations as unknown[])[i % 6]] }),
    ...(i === 777 && { model: 5 }),
  }));
  const { status, body } = await post<TuneAnswer>(app, '/tune', { items });
  t.equal(status, 200);
  t.same(
    body.items.map(({ variant }) => variant),
    items.map((_, i) => `v${i}`),
  );
  t.same(
    body.items.flatMap((one, i) => (one.status === 'invalid' ? [i] : [])),
    [777],
  );
});

test('/estimators lists what can be selected, with the schema of its options', async (t) => {
  const list = (await app.inject('/estimators')).json<StrategyList>();
  t.strictSame(faultsOf('StrategyList', list), []);
  t.same(
    list.map(({ name }) => name),
    ['auto', 'extended-kalman-filter', 'joint-fit', 'sliding-window'],
  );
  t.same(
    list.filter((strategy) => strategy.default).map(({ name }) => name),
    ['auto'],
  );
  for (const { name, summary, options } of list) {
    t.ok(summary.length > 20, name);
    t.match(options, {
      type: 'object',
      additionalProperties: false,
      properties: { noiseFraction: { default: 0.05 } },
    });
  }
});
