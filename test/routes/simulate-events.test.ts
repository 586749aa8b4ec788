import tap, { test } from 'tap';
import { prefersEvents } from '../../src/plugins/event-stream.ts';
import type { Problem } from '../../src/schemas/problem.ts';
import { edited, example, listening } from '../support/service.ts';

tap.setTimeout(120_000);

const body = example('/simulate', 'a station');
/** Some seconds of work. */
const long = edited(body, { '/requests': 2_000_000, '/precisionFraction': 0, '/iterations': 1e9 });
const ACCEPT = { 'content-type': 'application/json', accept: 'text/event-stream' };

function eventsOf(text: string) {
  return text.split('\n\n').flatMap((block) => {
    const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
    return event ? [{ event, data: JSON.parse(data) }] : [];
  });
}

const sent = (url: string, request: unknown, headers: object = ACCEPT, signal?: AbortSignal) =>
  fetch(`${url}/simulate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(request),
    ...(signal && { signal }),
  });

test('Who asks for events is told how far it is, then the answer that others get as JSON', async (t) => {
  const { url } = await listening(t);
  const response = await sent(url, edited(body, { '/precisionFraction': 0, '/requests': 400_000 }));
  t.equal(response.status, 200);
  t.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  t.ok(response.headers.get('x-request-id') && response.headers.get('x-content-type-options'));
  const events = eventsOf(await response.text());
  const shares = events.slice(0, -1).map(({ event, data }) => (event === 'progress' ? data.share : NaN));
  t.ok(
    shares.length > 1 && shares.every((share, i) => share >= (shares[i - 1] ?? 0) && share <= 1),
    `${shares}`,
  );
  const plain = await sent(url, edited(body, { '/precisionFraction': 0, '/requests': 400_000 }), {});
  t.equal(plain.headers.get('content-type'), 'application/json; charset=utf-8');
  t.strictSame(events.at(-1), { event: 'answer', data: await plain.json() });
});

test('A refusal has its status, and no events', async (t) => {
  const { url } = await listening(t);
  const response = await sent(url, edited(body, { '/requestsPerSec': undefined }));
  t.equal(response.status, 422);
  t.match(response.headers.get('content-type'), 'application/problem+json');
  t.match(((await response.json()) as Problem).errors, [{ path: '/requestsPerSec' }]);
});

test('Past the time limit the last event is the problem, and without events the status is 504', async (t) => {
  const { url } = await listening(t, { environment: { TIME_LIMIT_MS: '1500', WORKERS: '1' } });
  await sent(url, body, {});
  const events = eventsOf(await (await sent(url, long)).text());
  t.ok(events.length > 1);
  const last = events.at(-1)!;
  t.match(last, { event: 'error', data: { status: 504, type: 'urn:brazier:problem:time-limit' } });
  t.match(last.data.instance, /^urn:uuid:/);
  t.equal((await sent(url, long, {})).status, 504);
  t.equal((await sent(url, body, {})).status, 200, 'the next one has a worker again');
});

for (const [how, headers] of [
  ['events', ACCEPT],
  ['JSON', {}],
] as const) {
  test(`When a client that waits for ${how} goes, the work stops and the workers are idle`, async (t) => {
    const { app, url } = await listening(t, { environment: { WORKERS: '1' } });
    const metric = async (name: string) => {
      const { body: text } = await app.inject('/metrics');
      return Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.slice(name.length),
      );
    };
    const until = async (name: string, value: number) => {
      while ((await metric(name)) !== value) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const leaving = new AbortController();
    const gone = sent(url, long, headers, leaving.signal)
      .then((response) => response.text())
      .catch(({ name }: Error) => name);
    await until('brazier_workers_busy', 1);
    // A worker starts first.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    t.equal(await metric('brazier_workers_busy'), 1, 'it still works');
    leaving.abort();
    t.equal(await gone, 'AbortError');
    await until('brazier_workers_busy', 0);
    t.equal(await metric('brazier_worker_restarts_total{cause="stopped"}'), 1);
    t.equal(await metric('brazier_heavy_requests_total{outcome="client-gone"}'), 1);
    t.equal((await sent(url, body, {})).status, 200);
  });
}

test('Events are sent to who names them, unless JSON is liked better', async (t) => {
  for (const accept of [
    'text/event-stream',
    'application/json, text/event-stream',
    'Text/Event-Stream;q=0.5',
  ])
    t.ok(prefersEvents(accept), accept);
  for (const accept of [
    undefined,
    '',
    '*/*',
    'application/json',
    'text/event-stream;q=0',
    'text/*',
    'application/json, text/event-stream;q=0.9',
  ])
    t.notOk(prefersEvents(accept), String(accept));
});
