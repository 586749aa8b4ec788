import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parse } from 'secure-json-parse';
import { UserError } from '../errors.ts';
import type { Fault } from '../schemas/problem.ts';

/** What the user can mend: a file that cannot be read, or faults in it, each with the file's name. */
export class InputError extends UserError {
  static ofFaults(file: string, detail: string, faults: readonly Fault[]): InputError {
    const source = file === '-' ? 'standard input' : file;
    const lines = faults.map(({ path, message }) => `  ${path || '/'}  ${message}`);
    return new InputError([`${source}: ${detail}`, ...lines].join('\n'));
  }
}

/**
 * Reads JSON from a file; `-` is standard input.
 *
 * @throws InputError naming the file
 */
export async function readJson(file: string): Promise<unknown> {
  const source = file === '-' ? 'standard input' : file;
  let content: string;
  try {
    content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a folder',
      EACCES: 'it may not be read',
    }[code ?? ''];
    throw new InputError(`${source}: ${reason ?? message}`);
  }
  try {
    return parse(content);
  } catch (error) {
    throw new InputError(`${source}: cannot be read as JSON: ${(error as Error).message}`);
  }
}
