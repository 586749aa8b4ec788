import { test } from 'tap';
import type { InfernoCalibrationStatuses } from '../../src/schemas/inferno-tuner.ts';
import type { Problem } from '../../src/schemas/problem.ts';
import { replica } from '../support/replicas.ts';
import { answerChecks, edited, post, service } from '../support/service.ts';

const ON = { environment: { INFERNO_TUNER_PAIRS: '3' } };
const TUNE = '/inferno/tune';
const CALIBRATE = '/inferno/calibrate';
const MERGE = '/inferno/merge';

test('What cannot be learnt from is refused, in the one shape', async (t) => {
  const app = await service(t, ON);
  const faultsOf = await answerChecks(app);
  const idle = edited([replica(60, 512, 256)], { '/0/currentAlloc/load/arrivalRate': 0 });
  const silent = edited([replica(60, 512, 256)], { '/0/currentAlloc/ttftAverage': 0 });
  for (const [body, status, path] of [
    ['', 400, ''],
    ['{', 400, ''],
    [null, 400, ''],
    [[], 400, ''],
    [{}, 400, ''],
    [[null], 400, '/0'],
    [[5], 400, '/0'],
    [
      edited([replica(60, 512, 256)], { '/0/currentAlloc/load/arrivalRate': '60' }),
      400,
      '/0/currentAlloc/load/arrivalRate',
    ],
    [edited([replica(60, 512, 256)], { '/0/currentAlloc/itlAverage': Number.POSITIVE_INFINITY }), 400, ''],
    [[{}], 422, '/0/currentAlloc/load/arrivalRate'],
    [idle, 422, '/0/currentAlloc/load/arrivalRate'],
    [silent, 422, '/0/currentAlloc/ttftAverage'],
  ] as const) {
    for (const url of [TUNE, CALIBRATE]) {
      const answer = await post<Problem>(app, url, body);
      const claim = `${url} ${JSON.stringify(body)}`.slice(0, 80);
      t.equal(answer.status, status, claim);
      t.strictSame(faultsOf('Problem', answer.body), [], claim);
      if (path !== '') t.equal(answer.body.errors[0].path, path, claim);
    }
  }
  const { statuses } = (await app.inject('/inferno/calibration-status')).json<InfernoCalibrationStatuses>();
  t.same(statuses, []);
});

test('To merging nothing, null and no models are the same', async (t) => {
  const app = await service(t, ON);
  for (const body of [{}, { models: null }, { models: [] }, '{"Models":[],"__proto__":{"a":1}}'])
    t.strictSame((await post(app, MERGE, body)).body, { models: [] });
  t.equal((await post(app, MERGE, '')).status, 400);
  t.equal((await post(app, MERGE, [])).status, 400);
  t.equal((await post(app, MERGE, { models: [{ name: 5, acc: 'a' }] })).status, 400);
});

test('A query that names no pair is told what it lacks', async (t) => {
  const app = await service(t, ON);
  for (const [query, status, paths] of [
    ['', 400, ['/model', '/accelerator']],
    ['?model=a', 400, ['/accelerator']],
    ['?model=&accelerator=b', 400, ['/model']],
    ['?model=a&model=b&accelerator=c', 400, ['/model']],
    ['?Model=a&accelerator=b', 400, ['/model']],
    ['?model=probe&accelerator=probe', 404, []],
  ] as const) {
    const answer = await app.inject(`/inferno/getparams${query}`);
    t.equal(answer.statusCode, status, query);
    t.same(
      answer.json<Problem>().errors.map(({ path }) => path),
      paths,
      query,
    );
  }
});
