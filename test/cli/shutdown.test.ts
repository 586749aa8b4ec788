import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import tap, { type Test, test } from 'tap';
import { start } from '../support/command.ts';
import { example } from '../support/service.ts';

tap.setTimeout(120_000);

async function serving(t: Test, environment: Record<string, string>) {
  const child = start(['serve'], { PORT: '0', LOG_LEVEL: 'info', ...environment });
  t.teardown(() => child.kill('SIGKILL'));
  let log = '';
  const url = await new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk) => {
      log += chunk;
      const found = /documentation at (http\S+)\/docs/.exec(log);
      if (found) resolve(found[1]);
    });
  });
  return { child, url, log: () => log };
}

const LIGHT = JSON.stringify(example('/optimize', 'two classes'));
// Blanks make it too long to be read by the thread that serves.
const HEAVY = LIGHT + ' '.repeat(100_000);

/** A client that keeps its connection and asks again and again, until it is told that the connection ends. */
async function client(url: string, body: string, told: { sent: number; statuses: number[] }): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (;;) {
    const goesOn = await new Promise<boolean>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': body.length };
      const sent = request(`${url}/optimize`, { method: 'POST', agent, headers }, (response) => {
        response.resume();
        response.once('end', () => {
          told.statuses.push(response.statusCode ?? 0);
          resolve(response.headers.connection !== 'close');
        });
        response.once('error', reject);
      });
      sent.once('error', reject);
      sent.end(body);
      told.sent++;
    });
    if (!goesOn) break;
  }
  agent.destroy();
}

test('SIGTERM under load: not ready at once, and no request is lost', async (t) => {
  const { child, url } = await serving(t, { SHUTDOWN_DELAY_MS: '1500', LOG_LEVEL: 'info' });
  const told = { sent: 0, statuses: [] as number[] };
  const clients = Array.from({ length: 20 }, (_, i) => client(url, i % 4 === 0 ? HEAVY : LIGHT, told));
  while (told.statuses.length < 200) await new Promise((resolve) => setTimeout(resolve, 10));
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  let ready = 200;
  while (ready === 200) ready = (await fetch(`${url}/health/ready`)).status;
  t.equal(ready, 503, 'it says so while it still listens');
  t.equal((await fetch(`${url}/health/live`)).status, 200);
  await Promise.all(clients);
  t.equal(told.statuses.length, told.sent, `${told.sent} sent`);
  t.same(new Set(told.statuses), new Set([200]));
  const [status] = await exited;
  t.equal(status, 0);
});

test('Connections that say nothing do not hold up the end', async (t) => {
  const { child, url } = await serving(t, { SHUTDOWN_DELAY_MS: '0' });
  const { hostname, port } = new URL(url);
  const mute = connect(Number(port), hostname);
  const half = connect(Number(port), hostname);
  await Promise.all([once(mute, 'connect'), once(half, 'connect')]);
  half.write('POST /optimize HTTP/1.1\r\nhost: x\r\n');
  for (const socket of [mute, half]) socket.on('error', () => {});
  await fetch(`${url}/health/live`);
  child.kill('SIGTERM');
  const [status] = await once(child, 'exit');
  t.equal(status, 0, 'not stopped by force after SHUTDOWN_TIMEOUT_MS');
});

test('Who listens for everybody without tokens is warned; on the loopback nobody is', async (t) => {
  const { child, log } = await serving(t, { HOST: '0.0.0.0' });
  while (!log().includes('without tokens')) await once(child.stdout, 'data');
  const warning = log()
    .split('\n')
    .find((line) => line.includes('without tokens'))!;
  t.match(JSON.parse(warning), { level: 40, msg: /0\.0\.0\.0.*TOKENS_FILE/ });
  child.kill('SIGINT');
  const quiet = await serving(t, {});
  await fetch(`${quiet.url}/health/live`);
  quiet.child.kill('SIGINT');
  await once(quiet.child, 'exit');
  t.notMatch(quiet.log(), 'without tokens');
});
