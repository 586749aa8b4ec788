import autocannon from 'autocannon';
import type { Fleet } from '../src/schemas/fleet.ts';
import { fleetOf } from './fleets.ts';
import { type Figure, median, type Row, type Section } from './rows.ts';
import { bareServer, exampleFleet, type Served, served } from './served.ts';

const SECONDS = 6;
const HEADERS = { 'content-type': 'application/json' };
const LARGEST = { BODY_LIMIT: String(64 * 1_048_576) };

/**
 * The service over HTTP on the loopback, with the clients on the same machine, beside a bare server in the same run.
 *
 * @param soakMinutes a load of that length, and what it does to the memory; 0: none
 */
export async function service(soakMinutes: number): Promise<Section> {
  const rows: Row[] = [];
  const figures: Figure[] = [];
  rows.push({ what: 'start to listening', ms: await startMs(), ratio: null });
  const running = await served(LARGEST);
  figures.push({ what: 'idle memory, MiB', value: await running.memoryMib() });
  const bodies = await exampleBodies();
  figures.push(...(await besideBare('small example, 1 client', running, bodies, 1)));
  figures.push(...(await besideBare('small example, 10 clients', running, bodies, 10)));
  const thousand = Array.from({ length: 4 }, (_, i) => JSON.stringify(fleetOf(1_000 + i)));
  figures.push(...(await besideBare('1,000 servers × 12, 4 clients', running, thousand, 4)));
  rows.push(...(await probeDuring(running, 10_000)));
  if (soakMinutes > 0) figures.push(...(await soak(running, bodies, soakMinutes)));
  await running.stop();
  return { rows, figures };
}

async function startMs(): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const once = await served();
    times.push(once.startMs);
    await once.stop();
  }
  return median(times);
}

/** Bodies that all differ, so that nothing kept from one answers another. */
async function exampleBodies(): Promise<string[]> {
  const text = await exampleFleet();
  return Array.from({ length: 200 }, (_, i) => {
    const fleet = JSON.parse(text) as Fleet;
    const servers = fleet.servers.map((server, j) => {
      const load = server.load!;
      const requestsPerSec = load.requestsPerSec * (1 + i / 100);
      return { ...server, load: { ...load, requestsPerSec, inputTokens: load.inputTokens! + i + j } };
    });
    // What is measured is the service: with `auto` it would be HiGHS.
    return JSON.stringify({ ...fleet, servers, solver: 'greedy' });
  });
}

async function load(
  url: string,
  path: string,
  bodies: readonly string[],
  connections: number,
  duration = SECONDS,
) {
  const requests = bodies.map((body) => ({ method: 'POST' as const, path, headers: HEADERS, body }));
  const {
    non2xx,
    errors,
    requests: done,
    latency,
  } = await autocannon({ url, connections, duration, requests });
  if (non2xx + errors > 0) throw new Error(`${path}: ${non2xx} answers were not 2xx, ${errors} errors`);
  return { perSec: done.average, p99Ms: latency.p99 };
}

async function besideBare(what: string, running: Served, bodies: readonly string[], clients: number) {
  await load(running.url, '/optimize', bodies, clients, 2);
  const ours = await load(running.url, '/optimize', bodies, clients);
  const answer = await fetch(`${running.url}/optimize`, {
    method: 'POST',
    headers: HEADERS,
    body: bodies[0],
  });
  const bare = await bareServer(await answer.text());
  const ceiling = await load(bare.url, '/', bodies, clients);
  bare.stop();
  return [
    { what: `${what}, requests/s`, value: ours.perSec },
    { what: `${what}, p99 ms`, value: ours.p99Ms },
    { what: `${what}, requests/s of the bare server`, value: ceiling.perSec },
    { what: `${what}, share of the bare server`, value: ours.perSec / ceiling.perSec },
  ];
}

/** How long the probe takes while a fleet is optimized. */
async function probeDuring(running: Served, servers: number): Promise<Row[]> {
  const body = JSON.stringify(fleetOf(servers));
  let isDone = false;
  const start = performance.now();
  const answer = fetch(`${running.url}/optimize`, { method: 'POST', headers: HEADERS, body })
    .then((response) => response.arrayBuffer())
    .finally(() => {
      isDone = true;
    });
  const times: number[] = [];
  while (!isDone) {
    const before = performance.now();
    await (await fetch(`${running.url}/health/live`)).text();
    times.push(performance.now() - before);
  }
  await answer;
  const totalMs = performance.now() - start;
  const p99Ms = times.sort((a, b) => a - b)[Math.floor(0.99 * times.length)];
  return [
    { what: `${servers} servers × 12 over HTTP`, ms: totalMs, ratio: null },
    { what: '/health/live meanwhile, median', ms: median(times), ratio: null },
    { what: '/health/live meanwhile, p99', ms: p99Ms, ratio: null },
  ];
}

/** Memory after each tenth of a load. */
async function soak(running: Served, bodies: readonly string[], minutes: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (let tenth = 1; tenth <= 10; tenth++) {
    await load(running.url, '/optimize', bodies, 10, 6 * minutes);
    figures.push({
      what: `memory after ${(tenth * minutes) / 10} minutes of load, MiB`,
      value: await running.memoryMib(),
    });
  }
  return figures;
}
