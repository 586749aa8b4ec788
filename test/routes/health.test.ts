import { EventEmitter, once } from 'node:events';
import { test } from 'tap';
import { listening, service } from '../support/service.ts';

test('A service that runs is live and ready', async (t) => {
  const app = await service(t);
  t.strictSame((await app.inject('/health/live')).json(), { status: 'live' });
  t.strictSame((await app.inject('/health/ready')).json(), { status: 'ready' });
});

test('A service that closes is live but not ready, says why, and answers what is in flight', async (t) => {
  const door = new EventEmitter();
  let waiting = 0;
  // Requests that have arrived wait until the service closes.
  const { app, url } = await listening(t, {
    prepare: (app) => {
      app.addHook('onRequest', async () => {
        if (++waiting === 3) door.emit('all here');
        await once(door, 'open');
      });
      app.addHook('preClose', async () => void setImmediate(() => door.emit('open')));
    },
  });
  const allHere = once(door, 'all here');
  const answers = Promise.all(
    ['/health/ready', '/health/live', '/solvers'].map(async (path) => {
      const answer = await fetch(`${url}${path}`);
      return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.json() };
    }),
  );
  await allHere;
  const closed = app.close();
  const [ready, live, solvers] = await answers;
  t.match(ready, { status: 503, type: 'application/problem+json' });
  t.match(ready.body, { type: 'urn:brazier:problem:unavailable', detail: /shutting down/ });
  t.equal(live.status, 200);
  t.equal(solvers.status, 200);
  await closed;
});

test('The address without a path leads to the documentation', async (t) => {
  const app = await service(t);
  const answer = await app.inject('/');
  t.equal(answer.statusCode, 302);
  t.equal(answer.headers.location, '/docs');
});
