import { writeFile } from 'node:fs/promises';
import autocannon from 'autocannon';
import { fleetOf } from './fleets.ts';
import { bareServer, exampleFleet, type Served, served } from './served.ts';

// The service over HTTP on the loopback, beside a bare server in the same run. `--json FILE` writes the figures; `--soak MINUTES` adds a
// load of that length and what it does to the memory.

const SECONDS = 5;
const HEADERS = { 'content-type': 'application/json' };
const LARGEST = { BODY_LIMIT: String(64 * 1_048_576) };

interface Row {
  readonly what: string;
  readonly figures: Readonly<Record<string, number>>;
}

const rows: Row[] = [];

function show(what: string, figures: Readonly<Record<string, number>>): void {
  rows.push({ what, figures });
  const shown = Object.entries(figures).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`);
  console.log(`${what.padEnd(44)}${shown.join('  ')}`);
}

/** Bodies that all differ, so that nothing kept from one answers another. */
async function exampleBodies(): Promise<string[]> {
  const text = await exampleFleet();
  return Array.from({ length: 200 }, (_, i) => {
    const fleet = JSON.parse(text) as ReturnType<typeof fleetOf>;
    const servers = fleet.servers.map((server, j) => {
      const load = server.load!;
      const requestsPerSec = load.requestsPerSec * (1 + i / 100);
      return { ...server, load: { ...load, requestsPerSec, inputTokens: load.inputTokens + i + j } };
    });
    return JSON.stringify({ ...fleet, servers });
  });
}

async function load(
  url: string,
  path: string,
  bodies: readonly string[],
  connections: number,
  seconds = SECONDS,
) {
  const requests = bodies.map((body) => ({ method: 'POST' as const, path, headers: HEADERS, body }));
  const result = await autocannon({ url, connections, duration: seconds, requests });
  if (result.non2xx + result.errors > 0)
    throw new Error(`${path}: ${result.non2xx} answers were not 2xx, ${result.errors} errors`);
  return {
    'requests/s': result.requests.average,
    'p50 ms': result.latency.p50,
    'p99 ms': result.latency.p99,
  };
}

async function besideBare(what: string, service: Served, bodies: readonly string[], clients: number) {
  await load(service.url, '/optimize', bodies, clients, 2);
  const ours = await load(service.url, '/optimize', bodies, clients);
  const bare = await bareServer();
  const ceiling = await load(bare.url, '/', bodies, clients);
  bare.stop();
  show(what, { ...ours, 'of the bare server': ours['requests/s'] / ceiling['requests/s'] });
}

/** How long the probe takes while a fleet is optimized. */
async function probeDuring(service: Served, servers: number): Promise<void> {
  const body = JSON.stringify(fleetOf(servers));
  let isDone = false;
  const start = performance.now();
  const answer = fetch(`${service.url}/optimize`, { method: 'POST', headers: HEADERS, body })
    .then((response) => response.arrayBuffer())
    .finally(() => {
      isDone = true;
    });
  const times: number[] = [];
  while (!isDone) {
    const before = performance.now();
    await (await fetch(`${service.url}/health/live`)).text();
    times.push(performance.now() - before);
  }
  const bytes = (await answer).byteLength;
  times.sort((a, b) => a - b);
  show(`/health/live during ${servers} servers × 12`, {
    probes: times.length,
    'p50 ms': times[times.length >> 1],
    'p99 ms': times[Math.floor(0.99 * times.length)],
    'optimization ms': performance.now() - start,
    'answer MB': bytes / 1e6,
  });
}

/** Memory after each tenth of a load. */
async function soak(service: Served, bodies: readonly string[], minutes: number): Promise<void> {
  const memory: number[] = [];
  for (let i = 0; i < 10; i++) {
    await load(service.url, '/optimize', bodies, 10, 6 * minutes);
    memory.push(await service.memoryMib());
  }
  console.log(`memory after each tenth (MiB): ${memory.map((value) => value.toFixed(0)).join(' ')}`);
  const half = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  show(`memory over ${minutes} minutes of load`, {
    'first half MiB': half(memory.slice(0, 5)),
    'second half MiB': half(memory.slice(5)),
  });
}

/** What follows an argument of the command line. */
function following(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

const starts: number[] = [];
for (let i = 0; i < 5; i++) {
  const once = await served();
  starts.push(once.startMs);
  await once.stop();
}
show('start to listening', { 'median ms': starts.sort((a, b) => a - b)[2] });

const service = await served(LARGEST);
show('idle memory', { MiB: await service.memoryMib() });
const bodies = await exampleBodies();
await besideBare('small example, 1 client', service, bodies, 1);
await besideBare('small example, 10 clients', service, bodies, 10);
const thousand = Array.from({ length: 4 }, (_, i) => JSON.stringify(fleetOf(1_000 + i)));
await besideBare('1,000 servers × 12, 4 clients', service, thousand, 4);
await probeDuring(service, 10_000);
const minutes = Number(following('--soak') ?? 0);
if (minutes > 0) await soak(service, bodies, minutes);
await service.stop();

const file = following('--json');
if (file) await writeFile(file, `${JSON.stringify({ rows }, null, 2)}\n`);
