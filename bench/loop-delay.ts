import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { buildApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import type { Registry } from '../src/registry.ts';
import type { Row } from './rows.ts';

const REQUESTS = 10;
const INTERVAL_MS = 1;

/** A client on a thread of its own: what it waits for and reads must not count as delay of the service. */
const CLIENT = `
  const { parentPort, workerData: { url, body } } = require('node:worker_threads');
  parentPort.on('message', async () => {
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    await answer.arrayBuffer();
    parentPort.postMessage(answer.status);
  });
`;

/**
 * The longest that the thread which serves is held up while a worker solves, by the first request, for which the worker starts, and later;
 * and the longest that it works itself from one turn of its event loop to the next, whatever else the processors do.
 */
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
  const delays: number[] = [];
  const works: number[] = [];
  for (let request = 0; request < REQUESTS; request++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const watched = watch();
    client.postMessage(null);
    const [status] = await once(client, 'message');
    const { delayMs, workMs } = watched.end();
    if (status !== 200) throw new Error(`the answer was ${status}`);
    delays.push(delayMs);
    works.push(workMs);
  }
  await client.terminate();
  await app.close();
  return [
    ...rowsOf(`${what}: longest delay of the event loop`, delays),
    ...(Number.isNaN(works[0]) ? [] : rowsOf(`${what}: of it, longest work of its own`, works)),
  ];
}

function rowsOf(what: string, [first, ...others]: readonly number[]): Row[] {
  const later = others.sort((a, b) => a - b);
  return [
    { what: `${what}, while the worker starts`, ms: first, ratio: null },
    { what: `${what}, later: median of ${later.length} requests`, ms: later[later.length >> 1], ratio: null },
    { what: `${what}, later: the longest of all`, ms: later[later.length - 1], ratio: null },
  ];
}

/** Looks at every turn of the event loop from now on, by a timer that is due each millisecond. */
function watch() {
  const longest = { delayMs: 0, workMs: workedMs() === null ? Number.NaN : 0 };
  let lastMs = performance.now();
  let worked = workedMs() ?? Number.NaN;
  const look = () => {
    const nowMs = performance.now();
    const until = workedMs() ?? Number.NaN;
    longest.delayMs = Math.max(longest.delayMs, nowMs - lastMs - INTERVAL_MS);
    longest.workMs = Math.max(longest.workMs, until - worked);
    lastMs = nowMs;
    worked = until;
  };
  const timer = setInterval(look, INTERVAL_MS);
  return {
    end: () => {
      look();
      clearInterval(timer);
      return longest;
    },
  };
}

/** Processor time of this thread; null where the system does not tell. */
function workedMs(): number | null {
  if (process.platform !== 'linux') return null;
  // Linux accounts for a thread that runs on at its clock ticks only, 4 ms apart, or when the time of all threads is asked for.
  process.cpuUsage();
  const [nanoseconds] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
  return Number(nanoseconds) / 1e6;
}
