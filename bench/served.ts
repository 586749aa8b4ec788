import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));
const BARE = fileURLToPath(new URL('./bare-server.js', import.meta.url));

/** The service as a process of its own, as its users start it. */
export interface Served {
  readonly url: string;
  /** From the start of the process to its first answer (ms). */
  readonly startMs: number;
  /** Resident memory (MiB). */
  memoryMib(): Promise<number>;
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the service with its defaults but for these variables. */
export async function served(environment: Readonly<Record<string, string>> = {}): Promise<Served> {
  const start = performance.now();
  const child = started([MAIN, 'serve'], { PORT: '0', ...environment });
  const url = await addressOf(child);
  const startMs = performance.now() - start;
  const metric = async (name: string) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
    return Number(line?.slice(name.length));
  };
  return {
    url,
    startMs,
    metric,
    memoryMib: async () => (await metric('process_resident_memory_bytes')) / 1_048_576,
    stop: async () => {
      child.kill('SIGINT');
      await once(child, 'exit');
    },
  };
}

/** The bare server of the same name, in a process of its own; it gives everybody this answer. */
export async function bareServer(answer: string): Promise<{ readonly url: string; stop(): void }> {
  const file = join(await mkdtemp(join(tmpdir(), 'brazier-')), 'answer.json');
  await writeFile(file, answer);
  const child = started([BARE, file], {});
  return { url: await addressOf(child), stop: () => child.kill() };
}

function started(args: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The address that a program says it listens on; what it writes afterwards is read and dropped. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.once('exit', () => reject(new Error(`the program did not start: ${log}`)));
    child.stdout!.on('data', (chunk: Buffer) => {
      if (log.length > 10_000) return;
      log += chunk.toString();
      const found = /(?:documentation|bare server) at (http[^\s/]+\/\/[^\s/]+)/.exec(log);
      if (found) resolve(found[1]);
    });
  });
}

export function exampleFleet(): Promise<string> {
  return readFile(new URL('../../examples/small-fleet.json', import.meta.url), 'utf8');
}
