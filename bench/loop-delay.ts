import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { buildApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import type { Registry } from '../src/registry.ts';
import type { Row } from './rows.ts';

const REQUESTS = 10;

/** A client on a thread of its own: what it waits for and reads must not count as delay of the service. */
const CLIENT = `
  const { parentPort, workerData: { url, body } } = require('node:worker_threads');
  parentPort.on('message', async () => {
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    await answer.arrayBuffer();
    parentPort.postMessage(answer.status);
  });
`;

/** The longest that the thread which serves is held up while a worker solves: by the first request, for which the worker starts, and later. */
export async function loopDelay(
  what: string,
  path: string,
  body: object,
  registry: Registry,
): Promise<Row[]> {
  const app = await buildApp(readConfig({ BODY_LIMIT: String(64 * 1_048_576) }), registry);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const workerData = { url: `http://127.0.0.1:${port}${path}`, body: JSON.stringify(body) };
  const client = new Worker(CLIENT, { eval: true, workerData });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const longest: number[] = [];
  for (let request = 0; request < REQUESTS; request++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    delay.reset();
    delay.enable();
    client.postMessage(null);
    const [status] = await once(client, 'message');
    delay.disable();
    if (status !== 200) throw new Error(`the answer was ${status}`);
    longest.push(delay.max / 1e6);
  }
  await client.terminate();
  await app.close();
  const later = longest.slice(1).sort((a, b) => a - b);
  return [
    {
      what: `${what}: longest delay of the event loop, while the worker starts`,
      ms: longest[0],
      ratio: null,
    },
    { what: `${what}: later, median of ${later.length} requests`, ms: later[later.length >> 1], ratio: null },
    { what: `${what}: later, the longest of all`, ms: later[later.length - 1], ratio: null },
  ];
}
