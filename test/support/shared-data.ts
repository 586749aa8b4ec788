import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Directory of reference data that the repository does not hold. */
const directory = process.env.BRAZIER_SHARED;

/** Why a test that needs this file of the shared data is skipped; false: the file is there. */
export function skippedWithout(file: string): string | false {
  if (!directory) return 'BRAZIER_SHARED is not set';
  return existsSync(join(directory, file)) ? false : `BRAZIER_SHARED has no ${file}`;
}

export function sharedText(file: string): string {
  if (!directory) throw new Error('BRAZIER_SHARED is not set');
  return readFileSync(join(directory, file), 'utf8');
}

export function sharedJson<T>(file: string): T {
  return JSON.parse(sharedText(file)) as T;
}
