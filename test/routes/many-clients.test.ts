import { once } from 'node:events';
import { test } from 'tap';
import { edited, example, listening, post } from '../support/service.ts';

const CLIENTS = 50;

/** A fleet, or a station, of its own for each client. */
function requestOf(client: number): { path: string; body: string } {
  const scale = 1 + client / 10;
  const [path, body] = [
    () =>
      [
        '/optimize',
        edited(example('/optimize', 'two classes'), {
          '/servers/0/load/requestsPerSec': scale,
          '/servers/1/maxQueueLength': client,
          '/capacity/G2': client % 7,
        }),
      ] as const,
    () =>
      [
        '/optimize',
        edited(example('/optimize', 'scarce cards'), { '/accelerators/0/costPerHour': scale }),
      ] as const,
    () => ['/analyze', edited(example('/analyze', 'a curve'), { '/requestsPerSec/to': scale })] as const,
    () => ['/size', edited(example('/size', 'targets'), { '/targets/itlMs': 30 * scale })] as const,
    () => ['/optimize', { client }] as const,
  ][client % 5]();
  return { path, body: JSON.stringify(body) };
}

/** An answer without what differs from run to run. */
const timeless = (text: string) =>
  text.replace(/"solveMs":[^,}]+/, '').replace(/"instance":"urn:uuid:[^"]+"/, '');

const send = async (url: string, { path, body }: { path: string; body: string }) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body });
  return `${answer.status} ${timeless(await answer.text())}`;
};

test('Fifty clients at once get the answers that each gets alone', async (t) => {
  const { app, url } = await listening(t);
  const requests = Array.from({ length: CLIENTS }, (_, client) => requestOf(client));
  const alone: string[] = [];
  for (const { path, body } of requests) {
    const { status, text } = await post(app, path, body);
    alone.push(`${status} ${timeless(text)}`);
  }
  t.ok(new Set(alone).size > CLIENTS / 2, 'the answers differ from each other');
  for (let round = 0; round < 3; round++) {
    const together = await Promise.all(requests.map((request) => send(url, request)));
    t.strictSame(together, alone, `round ${round}`);
  }
});

test('A service that closes answers every request that has reached it', async (t) => {
  let arrived = 0;
  const { app, url } = await listening(t, {
    prepare: (app) =>
      app.addHook('onRequest', async () => {
        if (++arrived === CLIENTS) app.server.emit('all here');
      }),
  });
  const requests = Array.from({ length: CLIENTS }, (_, client) => requestOf(client));
  const allHere = once(app.server, 'all here');
  const answers = Promise.all(requests.map((request) => send(url, request)));
  await allHere;
  await app.close();
  const statuses = (await answers).map((answer) => answer.slice(0, 3));
  t.equal(statuses.filter((status) => status === '200').length, (CLIENTS * 4) / 5);
  t.equal(statuses.filter((status) => status === '400').length, CLIENTS / 5);
  await t.rejects(fetch(`${url}/health/live`), 'nobody listens any more');
});
