import { join } from 'node:path';
import tap, { type Test, test } from 'tap';
import type { Problem } from '../../src/schemas/problem.ts';
import { edited, example, listening } from '../support/service.ts';
import { type Deed, misbehavingSolvers } from '../support/solvers.ts';

tap.setTimeout(120_000);

const HEADERS = { 'content-type': 'application/json' };

interface Told {
  readonly status: number;
  readonly retryAfter: string | null;
  /** A plan where the status is 200. */
  readonly body: Problem;
}

/** A service with solvers that misbehave: what each is asked, and what the metrics tell. */
async function withSolvers(t: Test, environment: Record<string, string>) {
  const BRAZIER_PLUGINS = await misbehavingSolvers(t);
  const { app, url } = await listening(t, { environment: { BRAZIER_PLUGINS, ...environment } });
  const ask = async (name: Deed | 'greedy', options: object = {}, signal?: AbortSignal): Promise<Told> => {
    const solver = name === 'greedy' ? name : { name, options };
    const body = JSON.stringify(edited(example('/optimize', 'two classes'), { '/solver': solver }));
    const answer = await fetch(`${url}/optimize`, {
      method: 'POST',
      headers: HEADERS,
      body,
      ...(signal && { signal }),
    });
    return {
      status: answer.status,
      retryAfter: answer.headers.get('retry-after'),
      body: (await answer.json()) as Told['body'],
    };
  };
  const metric = async (name: string) => {
    const { body } = await app.inject('/metrics');
    const line = body.split('\n').find((text) => text.startsWith(`${name} `));
    return Number(line?.slice(name.length));
  };
  /** Waits for a metric to have a value. */
  const until = async (name: string, value: number) => {
    while ((await metric(name)) !== value) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  return { app, url, ask, metric, until, plugins: BRAZIER_PLUGINS };
}

const outcome = (name: string) => `brazier_heavy_requests_total{outcome="${name}"}`;

test('Past the time limit the answer is 504, and the solve is stopped', async (t) => {
  const { ask, metric, until } = await withSolvers(t, { WORKERS: '1', TIME_LIMIT_MS: '1500' });
  const { status, body } = await ask('endless');
  t.equal(status, 504);
  t.match(body, { type: 'urn:brazier:problem:time-limit', detail: /1500 ms \(TIME_LIMIT_MS\)/ });
  await until('brazier_workers_busy', 0);
  t.equal(await metric('brazier_worker_restarts_total{cause="stopped"}'), 1);
  t.equal(await metric(outcome('time-limit')), 1);
  // On a busy machine a worker may start for longer than the limit; who waits for it does not stop it.
  let next = await ask('busy', { ms: 1 });
  while (next.status === 504) next = await ask('busy', { ms: 1 });
  t.equal(next.status, 200, 'the next one has a worker again');
});

test('When the line is full the answer is 503 at once, and who waits is served in turn', async (t) => {
  const { ask, until, metric } = await withSolvers(t, { WORKERS: '1', QUEUE_LENGTH: '1' });
  const order: string[] = [];
  const first = ask('busy', { ms: 1500 }).finally(() => order.push('first'));
  await until('brazier_workers_busy', 1);
  const second = ask('busy', { ms: 1 }).finally(() => order.push('second'));
  await until('brazier_queue_length', 1);
  const third = await ask('busy', { ms: 1 });
  order.push('third');
  t.equal(third.status, 503);
  t.ok(Number(third.retryAfter) >= 1);
  t.match(third.body.detail, /1 requests wait \(QUEUE_LENGTH\)/);
  t.equal((await ask('greedy')).status, 200, 'a light request needs no worker');
  order.push('light');
  t.equal((await first).status, 200);
  t.equal((await second).status, 200);
  t.same(order, ['third', 'light', 'first', 'second']);
  t.equal(await metric(outcome('refused')), 1);
});

test('A client that goes stops its solve, or leaves the line', async (t) => {
  const { ask, until, metric } = await withSolvers(t, { WORKERS: '1' });
  const [solving, waiting] = [new AbortController(), new AbortController()];
  const nameOf = (error: Error) => error.name;
  const gone = [ask('endless', {}, solving.signal).catch(nameOf)];
  await until('brazier_workers_busy', 1);
  gone.push(ask('endless', {}, waiting.signal).catch(nameOf));
  await until('brazier_queue_length', 1);
  const stays = ask('busy', { ms: 1 });
  await until('brazier_queue_length', 2);
  waiting.abort();
  await until('brazier_queue_length', 1);
  t.equal(await metric('brazier_worker_restarts_total{cause="stopped"}'), 0, 'who only waits stops nobody');
  solving.abort();
  t.equal((await stays).status, 200);
  t.same(await Promise.all(gone), ['AbortError', 'AbortError']);
  await until(outcome('client-gone'), 2);
  t.equal(await metric('brazier_worker_restarts_total{cause="stopped"}'), 1);
});

test('A worker that dies is replaced, its request tried once more, and others are untouched', async (t) => {
  const { ask, metric, plugins } = await withSolvers(t, { WORKERS: '2' });
  const other = ask('busy', { ms: 1500 });
  const once = await ask('dying-once', { file: join(plugins, 'died') });
  t.equal(once.status, 200, 'the second try succeeds');
  t.equal(await metric('brazier_worker_restarts_total{cause="died"}'), 1);
  const always = await ask('dying');
  t.equal(always.status, 200);
  t.match(always.body, { solver: { name: 'dying', termination: 'fallback' }, status: 'complete' });
  t.equal(await metric('brazier_worker_restarts_total{cause="died"}'), 3);
  t.equal((await other).status, 200);
  t.equal((await ask('busy', { ms: 1 })).status, 200);
});

test('What kills workers whatever the solver is refused, and the service stays', async (t) => {
  const { url, ask, metric } = await withSolvers(t, { WORKERS: '1' });
  const body = JSON.stringify(edited(example('/optimize', 'two classes'), { '/queueModel': 'deadly' }));
  const answer = await fetch(`${url}/optimize`, { method: 'POST', headers: HEADERS, body });
  t.equal(answer.status, 503);
  t.match(((await answer.json()) as Problem).detail, /died, with `greedy` in place of the solver too/);
  t.equal(await metric(outcome('worker-died')), 1);
  t.equal((await ask('busy', { ms: 1 })).status, 200);
});

test('A solve that eats all memory ends its worker, not the service: greedy answers', async (t) => {
  const { ask, metric } = await withSolvers(t, { WORKERS: '1', WORKER_MEMORY_MIB: '64' });
  const { status, body } = await ask('hungry');
  t.equal(status, 200);
  t.match(body, { solver: { name: 'hungry', termination: 'fallback' } });
  t.equal(await metric('brazier_worker_restarts_total{cause="died"}'), 1, 'it is not tried again');
  t.equal((await ask('busy', { ms: 1 })).status, 200);
});

test('An error in a worker is answered 500 without its text', async (t) => {
  const { ask, metric } = await withSolvers(t, { WORKERS: '1' });
  const { status, body } = await ask('throwing');
  t.equal(status, 500);
  t.notMatch(JSON.stringify(body), 'secret');
  t.equal(await metric(outcome('failed')), 1);
  t.equal(await metric('brazier_worker_restarts_total{cause="died"}'), 0, 'the worker lives on');
});

test('A request that shares its worker with one that is stopped is tried again', async (t) => {
  const { ask, until, metric } = await withSolvers(t, { WORKERS: '1', REQUESTS_PER_WORKER: '2' });
  const stop = new AbortController();
  const stopped = ask('endless', {}, stop.signal).catch(({ name }: Error) => name);
  await until('brazier_workers_busy', 1);
  const other = ask('busy', { ms: 1 });
  await until('brazier_workers_busy', 2);
  stop.abort();
  t.equal(await stopped, 'AbortError');
  t.equal((await other).status, 200);
  t.equal(await metric(outcome('answered')), 1);
});

test('A warm worker is there before the first request, and stays', async (t) => {
  const { ask, metric, until } = await withSolvers(t, { WORKERS: '2', WARM_WORKERS: '1' });
  await until('brazier_workers', 1);
  t.equal((await ask('busy', { ms: 1 })).status, 200);
  t.equal(await metric('brazier_workers'), 1, 'it has answered');
});
