import { loadOf } from '../optimizer/load.ts';
import type { TraceShare } from '../replay/division.ts';
import type { OptimizeRequest } from '../schemas/plan.ts';
import { InputError, sourceName } from './input.ts';
import type { ReplayArgs } from './replay-options.ts';
import { readTrace } from './trace-file.ts';

/**
 * The traces with the servers that they are for: those that a flag names have their own, the others share what is left in proportion to
 * their loads, equally where no load is known.
 *
 * @throws InputError with every fault of a trace, by its line
 */
export async function traceShares(
  { csv, trace }: Pick<ReplayArgs, 'csv' | 'trace'>,
  { servers }: OptimizeRequest,
): Promise<TraceShare[]> {
  const own = new Map(trace.map((text) => ownTrace(text, servers)));
  const shares: TraceShare[] = [];
  for (const [index, file] of own)
    shares.push({ requests: await readTrace(file), servers: [{ index, share: 1 }] });
  const others = servers.map((_, index) => index).filter((index) => !own.has(index));
  if (others.length === 0) {
    if (csv !== undefined)
      throw new InputError(`${sourceName(csv)} is for no server: each has its own trace`);
    return shares;
  }
  if (csv === undefined) {
    const names = others.map((index) => servers[index].name).join(', ');
    throw new InputError(`there is no trace for ${names}: name one for all, or --trace SERVER=FILE`);
  }
  const rates = others.map((index) => loadOf(servers[index])?.requestsPerSec ?? 0);
  const isKnown = rates.some((rate) => rate > 0);
  const shared = others.map((index, i) => ({ index, share: isKnown ? rates[i] : 1 }));
  return [...shares, { requests: await readTrace(csv), servers: shared }];
}

function ownTrace(text: string, servers: OptimizeRequest['servers']): [number, string] {
  // Names may have signs of equality in them; files rarely do.
  const at = text.lastIndexOf('=');
  const [name, file] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || file === '') throw new InputError(`--trace must be SERVER=FILE; it is ${text}`);
  const index = servers.findIndex((server) => server.name === name);
  if (index < 0) throw new InputError(`--trace names the server ${name}, which does not exist`);
  return [index, file];
}
