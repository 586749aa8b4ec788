import { test } from 'tap';
import type { Analysis } from '../../src/schemas/station.ts';
import { answerChecks, edited, example, post, service } from '../support/service.ts';

/** One request at a time, 100 ms each: (1 prefill + 9 decode) iterations of 10 ms. */
const single = {
  serviceTime: { alphaMs: 10, betaMsPerToken: 0, gammaMsPerToken2: 0 },
  maxBatchSize: 1,
  inputTokens: 100,
  outputTokens: 9,
};

const near = (actual: number | null, expected: number) => Math.abs(actual! - expected) <= 1e-9 * expected;

test('/analyze answers in the shape of its schema, one point per rate', async (t) => {
  const app = await service(t);
  const faultsOf = await answerChecks(app);
  for (const name of ['a curve', 'one rate']) {
    const { status, body } = await post<Analysis>(app, '/analyze', example('/analyze', name));
    t.equal(status, 200);
    t.strictSame(faultsOf('Analysis', body), []);
    t.equal(body.points.length, name === 'a curve' ? 15 : 1);
  }
});

test('Every pinned field of a point is there', async (t) => {
  const app = await service(t);
  const { body } = await post<Analysis>(app, '/analyze', { station: single, requestsPerSec: 5 });
  t.strictSame(Object.keys(body).sort(), ['maxRequestsPerSec', 'points', 'queueModel']);
  t.strictSame(body.queueModel, { name: 'state-dependent' });
  for (const field of [
    ...[
      'requestsPerSec',
      'status',
      'throughputPerSec',
      'lossFraction',
      'waitMs',
      'prefillMs',
      'ttftMs',
      'itlMs',
    ],
    ...['responseMs', 'inService', 'utilizationFraction'],
  ])
    t.ok(Object.hasOwn(body.points[0], field), field);
});

test('A replica that serves one request at a time is M/M/1', async (t) => {
  const app = await service(t);
  const { body } = await post<Analysis>(app, '/analyze', { station: single, requestsPerSec: 5 });
  const [point] = body.points;
  t.ok(near(body.maxRequestsPerSec, 9.99), '0.999 of 10 a second');
  t.equal(point.status, 'stable');
  t.equal(point.lossFraction, 0);
  const expected = { waitMs: 100, prefillMs: 10, itlMs: 10, ttftMs: 120, responseMs: 200, inService: 0.5 };
  for (const [field, value] of Object.entries(expected))
    t.ok(near(point[field as keyof typeof expected], value), `${field} is ${value}`);
});

test('A waiting room turns away what M/M/1/K turns away', async (t) => {
  const app = await service(t);
  for (const [maxQueueLength, lossFraction] of [
    [0, 1 / 3],
    [1, 1 / 7],
    [2, 1 / 15],
  ]) {
    const request = { station: { ...single, maxQueueLength }, requestsPerSec: 5 };
    const [point] = (await post<Analysis>(app, '/analyze', request)).body.points;
    t.ok(near(point.lossFraction, lossFraction), `${maxQueueLength}: loss ${lossFraction}`);
    t.ok(near(point.throughputPerSec, 5 * (1 - lossFraction)), `${maxQueueLength}: throughput`);
  }
});

test('A batch of two is M/M/2 where a request takes as long beside another', async (t) => {
  const app = await service(t);
  const request = { station: { ...single, maxBatchSize: 2 }, requestsPerSec: 10 };
  const { body } = await post<Analysis>(app, '/analyze', request);
  // Erlang C of two servers at an offered load of 1 is 1/3; the mean wait is a third of 100 ms.
  t.ok(near(body.points[0].waitMs, 100 / 3));
  t.ok(near(body.points[0].utilizationFraction, 0.5));
  t.ok(near(body.maxRequestsPerSec, 19.98));
});

test('Beyond the highest stable rate what grows without bound is null, and the rest stays', async (t) => {
  const app = await service(t);
  const { body } = await post<Analysis>(app, '/analyze', {
    station: single,
    requestsPerSec: [9.98, 9.995, 20],
  });
  t.strictSame(
    body.points.map(({ status }) => status),
    ['stable', 'overloaded', 'overloaded'],
  );
  const [, , beyond] = body.points;
  t.match(beyond, { waitMs: null, ttftMs: null, responseMs: null, utilizationFraction: 1 });
  t.ok(near(beyond.throughputPerSec, 10));
  t.ok(near(beyond.itlMs, 10));
});

test('A list is answered in its order, a range evenly with both ends', async (t) => {
  const app = await service(t);
  const ratesFor = async (requestsPerSec: unknown) => {
    const { body } = await post<Analysis>(app, '/analyze', { station: single, requestsPerSec });
    return body.points.map((point) => point.requestsPerSec);
  };
  t.strictSame(await ratesFor([3, 1, 2, 1]), [3, 1, 2, 1]);
  t.strictSame(await ratesFor({ from: 1, to: 3, points: 5 }), [1, 1.5, 2, 2.5, 3]);
  t.strictSame(await ratesFor({ from: 1, to: 3, points: 1 }), [1]);
  t.strictSame(await ratesFor({ from: 2, to: 2, points: 3 }), [2, 2, 2]);
  const byDefault = await ratesFor({ from: 1, to: 50 });
  t.equal(byDefault.length, 50);
  t.strictSame([byDefault[0], byDefault[49]], [1, 50]);
  const awkward = await ratesFor({ from: 0.1, to: 0.7, points: 1000 });
  t.strictSame([awkward[0], awkward[999]], [0.1, 0.7]);
});

test('The queue model may be named as text, with options, or not at all', async (t) => {
  const app = await service(t);
  const plain = await post(app, '/analyze', example('/analyze', 'one rate'));
  for (const queueModel of [
    'state-dependent',
    { name: 'state-dependent' },
    { name: 'state-dependent', options: {} },
  ]) {
    const request = edited(example('/analyze', 'one rate'), { '/queueModel': queueModel });
    t.equal((await post(app, '/analyze', request)).text, plain.text);
  }
});
