import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'tap';
import { BodyMemory } from '../../src/plugins/body-memory.ts';
import type { Problem } from '../../src/schemas/problem.ts';
import { example, listening } from '../support/service.ts';

const MIB = 1_048_576;
const analysis = JSON.stringify(example('/analyze', 'one rate'));

test('memory is used again, within the budget, and what is free goes for another size', (t) => {
  const memory = new BodyMemory(4 * MIB);
  const [one, two] = [memory.take(1.5 * MIB)!, memory.take(2 * MIB)!];
  t.same([one.byteLength, two.byteLength], [2 * MIB, 2 * MIB], 'in powers of two');
  t.equal(memory.take(1), null, 'nothing is left');
  memory.give(one);
  t.equal(memory.take(1.1 * MIB), one);
  memory.give(one);
  const small = Array.from({ length: 16 }, () => memory.take(100_000));
  t.ok(
    small.every((buffer) => buffer?.byteLength === MIB / 8),
    'in the place of the large one',
  );
  t.equal(memory.take(100_000), null);
  t.equal(memory.take(2 * MIB), null);
  for (const buffer of small) memory.give(buffer!);
  t.equal(memory.take(2 * MIB)?.byteLength, 2 * MIB);
  t.end();
});

/** A connection that has sent a part of a body. */
async function halfSent(url: string, bytes: number): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const head = [
    'POST /analyze HTTP/1.1',
    'host: x',
    'content-type: application/json',
    `content-length: ${bytes}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${' '.repeat(bytes / 2)}`);
  return socket;
}

test('large bodies beyond their memory are refused at once, small ones are served; who goes makes room', async (t) => {
  const environment = { BODY_LIMIT: String(MIB), BODIES_LIMIT_MIB: '2' };
  const { url } = await listening(t, { environment });
  const post = (length: number) =>
    fetch(`${url}/analyze`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: analysis.padEnd(length),
    });
  const slow = [await halfSent(url, 900_000), await halfSent(url, 900_000)];
  // Until the service has seen both.
  let refused = await post(900_000);
  for (let i = 0; i < 50 && refused.status === 200; i++) refused = await post(900_000);
  t.equal(refused.status, 503);
  t.equal(refused.headers.get('retry-after'), '5');
  t.match(((await refused.json()) as Problem).detail, 'BODIES_LIMIT_MIB');
  t.equal((await post(0)).status, 200);

  slow[0].destroy();
  slow[1].destroy();
  let served = await post(900_000);
  for (let i = 0; i < 50 && served.status === 503; i++) served = await post(900_000);
  t.equal(served.status, 200);
  // Far more than there is at once, one after the other.
  for (let i = 0; i < 8; i++) t.equal((await post(900_000)).status, 200);
});
