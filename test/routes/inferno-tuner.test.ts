import type { FastifyInstance } from 'fastify';
import { test } from 'tap';
import type { InfernoAnswer, InfernoModelData } from '../../src/schemas/inferno.ts';
import type { InfernoCalibrationStatuses, InfernoParameters } from '../../src/schemas/inferno-tuner.ts';
import type { Problem } from '../../src/schemas/problem.ts';
import { near } from '../support/properties.ts';
import { LAW, replica, sweep } from '../support/replicas.ts';
import { answerChecks, edited, example, listening, post, service } from '../support/service.ts';

const ON = { environment: { INFERNO_TUNER_PAIRS: '3' } };
const TUNE = '/inferno/tune';
const CALIBRATE = '/inferno/calibrate';
const MERGE = '/inferno/merge';
const VERBS = [
  ...[TUNE, CALIBRATE, MERGE].map((url) => ['POST', url] as const),
  ...['/inferno/warmup', '/inferno/getparams', '/inferno/calibration-status'].map(
    (url) => ['GET', url] as const,
  ),
];

const get = async <T>(app: FastifyInstance, url: string) => {
  const answer = await app.inject(url);
  return { status: answer.statusCode, body: answer.json<T>() };
};
const isWarmingUp = async (app: FastifyInstance) =>
  (await get<{ warmingUp: boolean }>(app, '/inferno/warmup')).body.warmingUp;
const statusesOf = async (app: FastifyInstance) =>
  (await get<InfernoCalibrationStatuses>(app, '/inferno/calibration-status')).body.statuses;
const parametersOf = (app: FastifyInstance, model = 'org/granite_8b', accelerator = 'H100') =>
  get<InfernoParameters>(app, `/inferno/getparams?model=${model}&accelerator=${accelerator}`);

test('It is off unless switched on, and says how', async (t) => {
  const app = await service(t);
  for (const [method, url] of VERBS) {
    const answer = await app.inject({ method, url });
    t.equal(answer.statusCode, 404, url);
    t.match(answer.json<Problem>().detail, /INFERNO_TUNER_PAIRS/);
  }
  t.equal((await app.inject({ method: 'GET', url: TUNE })).statusCode, 405);
  t.equal((await post(app, '/inferno/optimizeOne', { system: {} })).status, 200);
});

test('A control loop tunes until warm-up ends, merges, and optimizes with what it got', async (t) => {
  const app = await service(t, ON);
  const faultsOf = await answerChecks(app);
  t.equal(await isWarmingUp(app), false);
  let cycles = 0;
  do {
    const [rate, input, output] = [
      [40, 512, 256],
      [120, 256, 512],
      [70, 1024, 128],
      [150, 512, 256],
    ][cycles++ % 4];
    const { status, body } = await post<InfernoModelData>(app, TUNE, [
      replica(rate, input, output),
      replica(rate * 1.1, input, output),
    ]);
    t.ok([200, 422].includes(status), `cycle ${cycles}: ${status}`);
    t.strictSame(faultsOf(status === 200 ? 'InfernoModelData' : 'Problem', body), []);
  } while ((await isWarmingUp(app)) && cycles < 20);
  t.ok(cycles > 1 && cycles <= 9, `${cycles} cycles`);

  const found = (await parametersOf(app)).body;
  t.strictSame(faultsOf('InfernoParameters', found), []);
  for (const name of ['alpha', 'beta', 'gamma'] as const) near(found[name], LAW[name], 0.15, 0, name);
  t.equal(found.updateCount, cycles);
  t.ok(Date.parse(found.lastUpdated) > Date.now() - 60_000);

  const before = { name: 'org/granite_8b', acc: 'H100', accCount: 2, maxBatchSize: 64, atTokens: 512 };
  const merged = (
    await post<InfernoModelData>(app, MERGE, {
      models: [{ ...before, perfParms: { alpha: 1, beta: 1, gamma: 1 } }],
    })
  ).body;
  const { alpha, beta, gamma } = found;
  t.strictSame(merged, { models: [{ ...before, perfParms: { alpha, beta, gamma } }] });
  t.strictSame(faultsOf('InfernoModelData', merged), []);

  const system = edited(example('/inferno/optimizeOne', 'system'), {
    '/system/modelData': merged,
    '/system/acceleratorData/accelerators/0/name': 'H100',
    '/system/serviceClassData/serviceClasses/0/modelTargets/0/model': 'org/granite_8b',
    '/system/serverData/servers/0/model': 'org/granite_8b',
  });
  const plan = await post<InfernoAnswer>(app, '/inferno/optimizeOne', system);
  t.equal(plan.status, 200);
  t.match(plan.body.allocations['Premium-granite_13b'], { accelerator: 'H100' });
});

test('A load that never changes ends warm-up after as many tunings as theirs, and asks for a sweep, which tells the rest', async (t) => {
  const app = await service(t, ON);
  const statuses: number[] = [];
  while (statuses.length === 0 || ((await isWarmingUp(app)) && statuses.length < 20))
    statuses.push((await post(app, TUNE, [replica(60, 512, 256)])).status);
  t.same(statuses, [422, 422, 422, 422, 200, 200, 200, 200, 200]);
  t.match(await statusesOf(app), [{ storePresent: true, calibrated: false, needsCalibration: true }]);

  const refused = await post<Problem>(app, CALIBRATE, Array(3).fill(replica(60, 512, 256)));
  t.equal(refused.status, 422);
  t.match(refused.body.errors, [{ path: '/0', message: /let rates and lengths differ/ }]);
  t.match(await statusesOf(app), [{ calibrated: false, obsCount: 9 }]);

  const mixed = [...sweep(), replica(60, 512, 256, { model: 'lone' })];
  const { status, body } = await post<InfernoModelData>(app, CALIBRATE, mixed);
  t.equal(status, 200);
  t.strictSame(
    body.models!.map(({ perfParms: _, ...entry }) => entry),
    [{ name: 'org/granite_8b', acc: 'H100', accCount: 0, maxBatchSize: 128, atTokens: 0 }],
  );
  const { alpha, beta, gamma } = body.models![0].perfParms!;
  near(alpha!, LAW.alpha, 0.1, 0, 'alpha');
  near(beta!, LAW.beta, 0.1, 0, 'beta');
  near(gamma!, LAW.gamma, 0.3, 0, 'gamma');
  const after = await statusesOf(app);
  t.strictSame((await answerChecks(app))('InfernoCalibrationStatuses', { statuses: after }), []);
  t.match(after, [
    { calibrated: true, obsCount: 7, obsTarget: 7, illConditioned: false, needsCalibration: false },
  ]);
  t.equal(await isWarmingUp(app), false);
  t.equal((await post(app, TUNE, [replica(60, 512, 256)])).status, 200, 'tuning goes on from there');
});

test('Keys are read in any case', async (t) => {
  const app = await service(t, ON);
  const shout = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(shout)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toUpperCase(), shout(item)]))
        : value;
  const plain = await post<InfernoModelData>(app, CALIBRATE, sweep());
  t.equal(plain.status, 200);
  t.strictSame((await post(app, CALIBRATE, shout(sweep()))).body, plain.body);
  const models = shout({ models: [{ name: 'org/granite_8b', acc: 'H100', atTokens: 5 }] });
  const { perfParms } = plain.body.models![0];
  t.strictSame((await post(app, MERGE, models)).body, {
    models: [{ name: 'org/granite_8b', acc: 'H100', atTokens: 5, perfParms }],
  });
});

test('The bound holds: who was tuned longest ago goes, and a request with more pairs than that is refused', async (t) => {
  const app = await service(t, ON);
  for (const model of ['a', 'b', 'c', 'a', 'd']) await post(app, CALIBRATE, sweep({ model }));
  t.same(
    (await statusesOf(app)).map(({ model }) => model),
    ['c', 'a', 'd'],
  );
  t.equal((await parametersOf(app, 'b')).status, 404);
  const four = ['e', 'f', 'g', 'h'].map((model) => replica(60, 512, 256, { model }));
  const { status, body } = await post<Problem>(app, TUNE, four);
  t.equal(status, 422);
  t.match(body.errors, [{ path: '', message: /4 pairs.*INFERNO_TUNER_PAIRS/ }]);
  t.same((await statusesOf(app)).length, 3);
});

test('Requests that touch one pair at once lose nothing; those for whom there is no room in the line are told', async (t) => {
  const all = await service(t, ON);
  await Promise.all(Array.from({ length: 12 }, (_, i) => post(all, TUNE, [replica(40 + 10 * i, 512, 256)])));
  t.match(await statusesOf(all), [{ obsCount: 12 }]);

  const few = await service(t, { environment: { INFERNO_TUNER_PAIRS: '3', QUEUE_LENGTH: '2' } });
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) => post<Problem>(few, TUNE, [replica(40 + 10 * i, 512, 256)])),
  );
  const turned = answers.filter(({ status }) => status === 503);
  t.equal(turned.length, 5);
  t.ok(turned.every(({ headers }) => headers['retry-after'] === '1'));
  t.match(await statusesOf(few), [{ obsCount: 3 }]);
});

test('A request that fails, runs out of time or whose client has gone leaves all as it was', async (t) => {
  const late = await service(t, { environment: { INFERNO_TUNER_PAIRS: '3', TIME_LIMIT_MS: '1' } });
  t.equal((await post(late, TUNE, [replica(60, 512, 256)])).status, 504);
  t.same(await statusesOf(late), []);
  t.equal(await isWarmingUp(late), false);

  const { app, url } = await listening(t, ON);
  await post(app, TUNE, [replica(60, 512, 256)]);
  const before = await statusesOf(app);
  const body = JSON.stringify(Array.from({ length: 9_000 }, (_, i) => replica(40 + (i % 100), 512, 256)));
  const headers = { 'content-type': 'application/json' };
  const gone = new AbortController();
  const pending = fetch(`${url}${TUNE}`, { method: 'POST', headers, body, signal: gone.signal });
  setTimeout(() => gone.abort(), 300);
  await t.rejects(pending);
  const isTold = async () => /outcome="client-gone"\} 1/.test((await app.inject('/metrics')).body);
  while (!(await isTold())) await new Promise((resolve) => setTimeout(resolve, 10));
  t.same(await statusesOf(app), before);
  await post(app, TUNE, [replica(60, 512, 256)]);
  t.match(await statusesOf(app), [{ obsCount: 2 }], 'the next has its turn');
});
