import { tracedRequests } from '../converters/trace-csv.ts';
import { Faults } from '../schemas/fault-list.ts';
import type { TracedRequest } from '../schemas/simulation-process.ts';
import { InputError, readText, sourceName } from './input.ts';

/**
 * The requests of a trace (CSV).
 *
 * @throws InputError with every fault, by its line
 */
export async function readTrace(file: string): Promise<TracedRequest[]> {
  const faults = new Faults();
  const requests = tracedRequests(await readText(file), faults);
  if (faults.found.length === 0) return requests;
  const lines = faults.found.map(({ message }) => `  ${message}`);
  throw new InputError([`${sourceName(file)}: this is no trace`, ...lines].join('\n'));
}
