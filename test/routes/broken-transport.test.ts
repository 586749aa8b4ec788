import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'tap';
import type { Problem } from '../../src/schemas/problem.ts';
import { example, listening } from '../support/service.ts';

/** Sends bytes as they are and returns all that comes back. */
async function exchange(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(bytes);
  return text(socket);
}

test('a body that is too large is answered, however the client sends it', async (t) => {
  const { url } = await listening(t, { environment: { BODY_LIMIT: '10000' } });
  for (const size of [20_000, 5_000_000]) {
    for (let i = 0; i < 5; i++) {
      const body = JSON.stringify({ padding: 'x'.repeat(size) });
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url}/optimize`, { method: 'POST', headers, body });
      t.equal(response.status, 413);
      const problem = (await response.json()) as Problem;
      t.equal(problem.detail, 'The body may have 10000 bytes (BODY_LIMIT) at most.');
    }
  }
});

test('a body in pieces of unknown number is read as one whose length is told, within the same limit', async (t) => {
  const { url } = await listening(t, { environment: { BODY_LIMIT: '400000' } });
  const analysis = JSON.stringify(example('/analyze', 'one rate'));
  const sent = async (length: number, pieces: boolean) => {
    const text = analysis.padEnd(length);
    const body = pieces ? new Blob([text]).stream() : text;
    const headers = { 'content-type': 'application/json' };
    return fetch(`${url}/analyze`, { method: 'POST', headers, body, ...(pieces && { duplex: 'half' }) });
  };
  const plain = await (await sent(0, false)).json();
  // Shorter and longer than what is read in shared memory.
  for (const length of [0, 60_000, 400_000]) {
    for (const pieces of [false, true]) {
      const answer = await sent(length, pieces);
      t.equal(answer.status, 200, `${length} bytes${pieces ? ' in pieces' : ''}`);
      t.same(await answer.json(), plain);
    }
  }
  t.equal((await sent(400_001, true)).status, 413);
  t.equal((await sent(400_001, false)).status, 413);
});

test('what is no HTTP gets a problem, too', async (t) => {
  const { url } = await listening(t);
  for (const [bytes, status] of [
    ['GARBAGE\r\n\r\n', 400],
    ['POST /optimize HTTP/1.1\r\nhost: x\r\ncontent-length: abc\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nhost: x\r\npadding: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
  ] as const) {
    const answer = await exchange(url, bytes);
    const [head, body] = answer.split('\r\n\r\n');
    t.match(head, new RegExp(`^HTTP/1.1 ${status} `));
    t.match(head, 'content-type: application/problem+json');
    const problem = JSON.parse(body) as Problem;
    t.equal(problem.status, status);
    t.match(problem.instance, /^urn:uuid:/);
    t.same(problem.errors, []);
  }
});

test('what does not arrive whole in time is answered and closed', async (t) => {
  const { url } = await listening(t, { environment: { REQUEST_TIMEOUT_MS: '1000' } });
  const post = 'POST /analyze HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
  for (const [what, bytes] of [
    ['half of the headers', post],
    ['half of a body', `${post}content-length: 100\r\n\r\n{`],
    ['half of a large body', `${post}content-length: 100000\r\n\r\n{`],
    ['a piece of a body', `${post}transfer-encoding: chunked\r\n\r\n1\r\n{\r\n`],
  ] as const) {
    const startMs = performance.now();
    t.match(await exchange(url, bytes), /^HTTP\/1\.1 408 /, what);
    const sec = (performance.now() - startMs) / 1000;
    t.ok(sec > 0.9 && sec < 20, `${what}: ${sec} s`);
  }
});
