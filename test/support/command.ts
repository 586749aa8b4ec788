import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/** The folder of the package: the tests are compiled to dist/test. */
export const PACKAGE_FOLDER = fileURLToPath(new URL('../../../', import.meta.url));

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command line as a process of its own, in the package's folder. */
export function start(args: readonly string[], environment: Record<string, string> = {}) {
  return spawn(process.execPath, [MAIN, ...args], {
    cwd: PACKAGE_FOLDER,
    env: { ...process.env, ...environment },
  });
}

/** Runs the command line to its end. */
export async function brazier(
  args: readonly string[],
  stdin = '',
  environment: Record<string, string> = {},
): Promise<Finished> {
  const child = start(args, environment);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdin.end(stdin);
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, stdout, stderr };
}
