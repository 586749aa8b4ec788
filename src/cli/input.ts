import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parse } from 'secure-json-parse';
import { UserError } from '../errors.ts';
import type { Fault } from '../schemas/problem.ts';

/** What the user can mend: a file that cannot be read, or faults in it, each with the file's name. */
export class InputError extends UserError {
  /** Those of its faults that have a path. */
  readonly faults: readonly Fault[];

  constructor(message: string, faults: readonly Fault[] = []) {
    super(message);
    this.faults = faults;
  }

  static ofFaults(file: string, detail: string, faults: readonly Fault[]): InputError {
    const lines = faults.map(({ path, message }) => `  ${path || '/'}  ${message}`);
    return new InputError([`${sourceName(file)}: ${detail}`, ...lines].join('\n'), faults);
  }
}

/** What a message calls a file. */
export function sourceName(file: string): string {
  return file === '-' ? 'standard input' : file;
}

export function countOf(faults: number): string {
  return faults === 1 ? 'one fault' : `${faults} faults`;
}

/**
 * Reads JSON from a file; `-` is standard input.
 *
 * @throws InputError naming the file
 */
export async function readJson(file: string): Promise<unknown> {
  return parseJson(await readText(file), file);
}

/** @throws InputError naming the file, which the text came from */
export function parseJson(content: string, file: string): unknown {
  try {
    return parse(content);
  } catch (error) {
    throw new InputError(`${sourceName(file)}: cannot be read as JSON: ${(error as Error).message}`);
  }
}

/**
 * Reads a file; `-` is standard input.
 *
 * @throws InputError naming the file
 */
export async function readText(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a folder',
      EACCES: 'it may not be read',
    }[code ?? ''];
    throw new InputError(`${sourceName(file)}: ${reason ?? message}`);
  }
}
