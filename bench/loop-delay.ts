import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { buildApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import type { Registry } from '../src/registry.ts';
import { median, type Row } from './rows.ts';

const REQUESTS = 10;
/** How often the loop is looked at, and what a look therefore tells at least (ms). */
const RESOLUTION_MS = 1;

/** A client in a process of its own: what it waits for and reads must not count as delay of the service. It posts at each line it is given. */
const CLIENT = `
  const [file, url] = process.argv.slice(1);
  const body = require('node:fs').readFileSync(file);
  process.stdin.on('data', async () => {
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    await answer.arrayBuffer();
    process.stdout.write(String(answer.status));
  });
`;

/** How long the thread that serves is held up while a worker solves: by the first request, for which the worker starts, and later. */
export async function loopDelay(
  what: string,
  path: string,
  body: object,
  registry: Registry,
): Promise<Row[]> {
  const app = await buildApp(readConfig({ BODY_LIMIT: String(64 * 1_048_576) }), registry);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const file = join(await mkdtemp(join(tmpdir(), 'brazier-')), 'body.json');
  await writeFile(file, JSON.stringify(body));
  const client = spawn(process.execPath, ['-e', CLIENT, file, `http://127.0.0.1:${port}${path}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const seen: { readonly p99Ms: number; readonly longestMs: number }[] = [];
  for (let request = 0; request < REQUESTS; request++) {
    await setTimeout(200);
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    delay.enable();
    client.stdin.write('\n');
    const [status] = await once(client.stdout, 'data');
    delay.disable();
    if (String(status) !== '200') throw new Error(`the answer was ${status}`);
    seen.push({ p99Ms: delay.percentile(99) / 1e6, longestMs: delay.max / 1e6 });
  }
  client.kill();
  await app.close();
  const [first, ...later] = seen;
  const row = (when: string, ms: number): Row => ({
    what: `${what}: delay of the event loop, ${when}`,
    ms,
    ratio: null,
  });
  const longest = later.map(({ longestMs }) => longestMs);
  return [
    row('longest while the worker starts', first.longestMs),
    row(`later: p99, median of ${later.length} requests`, median(later.map(({ p99Ms }) => p99Ms))),
    row('later: the longest of a request, median', median(longest)),
    row('later: the longest of all', Math.max(...longest)),
  ];
}
