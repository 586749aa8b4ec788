import { test } from 'tap';
import type { Sizing } from '../../src/schemas/station.ts';
import { answerChecks, example, post, service } from '../support/service.ts';

/** One request at a time, 100 ms each; at 5 a second it waits 100 ms and TTFT is 120 ms. */
const station = {
  serviceTime: { alphaMs: 10, betaMsPerToken: 0, gammaMsPerToken2: 0 },
  maxBatchSize: 1,
  inputTokens: 100,
  outputTokens: 9,
};

const near = (actual: number | null | undefined, expected: number) =>
  typeof actual === 'number' && Math.abs(actual - expected) <= 1e-6 * expected;

const PINNED = [
  'feasible',
  'requestsPerSec',
  'throughputPerSec',
  'binding',
  'rateByTarget',
  'at',
  'replicas',
];

test('/size answers in the shape of its schema, with every pinned field', async (t) => {
  const app = await service(t);
  const faultsOf = await answerChecks(app);
  for (const name of ['targets', 'unreachable']) {
    const { status, body } = await post<Sizing>(app, '/size', example('/size', name));
    t.equal(status, 200);
    t.strictSame(faultsOf('Sizing', body), []);
    for (const field of [...PINNED, 'reason', 'best']) t.ok(Object.hasOwn(body, field), `${name}: ${field}`);
  }
});

test('The highest rate is where a target just holds, and the replicas carry the load', async (t) => {
  const app = await service(t);
  const request = { station, targets: { ttftMs: 120, itlMs: 11 }, requestsPerSec: 12 };
  const { body } = await post<Sizing>(app, '/size', request);
  t.match(body, { feasible: true, binding: 'ttftMs', replicas: 3, reason: null, best: null });
  t.ok(near(body.requestsPerSec, 5));
  t.ok(near(body.throughputPerSec, 5));
  t.ok(body.at!.ttftMs! <= 120, 'the target holds');
  t.equal(body.at!.requestsPerSec, body.requestsPerSec);
  t.ok(near(body.rateByTarget!.ttftMs, 5));
  t.ok(near(body.rateByTarget!.itlMs, 9.99), 'ITL never grows');
  t.ok(near(body.rateByTarget!.minTokensPerSec, 9.99), 'no token rate is owed');
});

test('Without a load no replicas are told; without targets stability binds', async (t) => {
  const app = await service(t);
  const { body } = await post<Sizing>(app, '/size', { station, targets: {} });
  t.match(body, { feasible: true, binding: 'stability', replicas: null });
  t.ok(near(body.requestsPerSec, 9.99));
  const idle = await post<Sizing>(app, '/size', { station, targets: { ttftMs: 0 }, requestsPerSec: 0 });
  t.equal(idle.body.replicas, 0);
});

test('A token rate is owed at 90 % of the highest stable rate, and raises the load', async (t) => {
  const app = await service(t);
  // 9 tokens a request: 180 tokens/s are 20 requests/s, of 8.991 a replica.
  const request = { station, targets: { minTokensPerSec: 180 }, requestsPerSec: 1 };
  const { body } = await post<Sizing>(app, '/size', request);
  t.match(body, { binding: 'minTokensPerSec', replicas: 3 });
  t.ok(near(body.requestsPerSec, 8.991));
  const more = await post<Sizing>(app, '/size', { ...request, requestsPerSec: 30 });
  t.equal(more.body.replicas, 4);
  const few = await post<Sizing>(app, '/size', { ...request, requestsPerSec: 0.001 });
  t.equal(few.body.replicas, 3);
});

test('What cannot be reached is told with the best that can', async (t) => {
  const app = await service(t);
  const itl = await post<Sizing>(app, '/size', {
    station,
    targets: { itlMs: 9, ttftMs: 1000 },
    requestsPerSec: 1,
  });
  const nothing = {
    requestsPerSec: null,
    throughputPerSec: null,
    rateByTarget: null,
    at: null,
    replicas: null,
  };
  t.match(itl.body, { feasible: false, binding: 'itlMs', ...nothing });
  t.match(itl.body.reason, { code: 'targets-unreachable', text: /itlMs is 10\.00 .* the target is 9/ });
  t.strictSame(Object.keys(itl.body.best!), ['itlMs']);
  t.ok(near(itl.body.best!.itlMs, 10));

  const both = await post<Sizing>(app, '/size', { station, targets: { itlMs: 9, ttftMs: 2 } });
  t.equal(both.body.binding, 'ttftMs', 'the one that is further away');
  t.strictSame(Object.keys(both.body.best!).sort(), ['itlMs', 'ttftMs']);
});

test('Each target alone is answered for, and the least of them is the answer', async (t) => {
  const app = await service(t);
  const { body } = await post<Sizing>(app, '/size', example('/size', 'targets'));
  const { ttftMs, itlMs, minTokensPerSec } = body.rateByTarget!;
  t.equal(body.binding, 'itlMs');
  t.ok(near(body.requestsPerSec, Math.min(ttftMs!, itlMs!, minTokensPerSec!)));
  t.equal(body.replicas, Math.ceil(4 / body.throughputPerSec!));
  for (const [target, rate] of Object.entries({ ttftMs, itlMs })) {
    const targets = { [target]: { ttftMs: 1000, itlMs: 40 }[target] };
    const alone = await post<Sizing>(app, '/size', { ...(example('/size', 'targets') as object), targets });
    t.equal(alone.body.requestsPerSec, rate, target);
  }
});
