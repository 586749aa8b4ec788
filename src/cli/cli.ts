import { UserError } from '../errors.ts';
import { EXIT } from './exit.ts';

/**
 * Runs one command line.
 *
 * @returns the exit status: 0 done (a plan: complete), 1 bad input or failure, 2 a plan with shortfalls
 */
export async function runCli(args: readonly string[]): Promise<number> {
  try {
    // What containers run, again and again: it has nothing to parse, and the parser is a tenth of the start.
    if (args.length === 1 && args[0] === 'serve') return await (await import('./serve.ts')).serve();
    if (args.length === 1 && args[0] === 'health') return await (await import('./health.ts')).health();
    return await (await import('./parser.ts')).runParsed(args);
  } catch (error) {
    console.error(messageOf(error));
    return EXIT.failed;
  }
}

function messageOf(error: unknown): string {
  if (error instanceof UserError) return error.message;
  // The system's refusals (a port in use, a file that cannot be written) say all that there is to say.
  const { code, message } = error as NodeJS.ErrnoException;
  return code?.startsWith('E') ? message : ((error as Error).stack ?? String(error));
}
