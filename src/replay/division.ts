import type { TracedRequest } from '../schemas/simulation-process.ts';
import { randomStreams, type Uniform } from '../simulator/random.ts';
import { type Arrival, Workload } from './workload.ts';

/** What part of a trace is replayed, and how much of it. */
export interface Shaping {
  /** Of the trace's time: its requests from then on, which becomes the start … */
  readonly fromSec: number;
  /** … until then; Infinity: its end. */
  readonly untilSec: number;
  /** Requests for each one of the trace. */
  readonly rateFactor: number;
  readonly seed: number;
}

/** A trace and the servers that it is for. */
export interface TraceShare {
  readonly requests: readonly TracedRequest[];
  /** Index of a server, with the share of the requests that it is to get relative to the others. */
  readonly servers: readonly { readonly index: number; readonly share: number }[];
}

/** Requests that are there more than once come within so long (ms) after the one of the trace: together they would be one burst. */
const COPY_SPREAD_MS = 10_000;

/**
 * Divides traces among servers: each request goes to one server, by chance in proportion to the shares, so that all see the same ups and
 * downs. A rate factor keeps each request as often as it says, the fraction by chance. The same seed gives the same division.
 *
 * @param classShares of each server, the shares of its classes in its requests
 */
export function divide(
  traces: readonly TraceShare[],
  classShares: readonly (readonly number[])[],
  { fromSec, untilSec, rateFactor, seed }: Shaping,
): Workload[] {
  const arrivals: Arrival[][] = classShares.map(() => []);
  const streams = randomStreams(seed, 4 * traces.length);
  for (const [i, { requests, servers }] of traces.entries()) {
    const [toServer, toClass, ofCopies, ofTimes] = streams.slice(4 * i);
    const shares = servers.map(({ share }) => share);
    for (const { atSec, inputTokens, outputTokens } of requests) {
      if (atSec < fromSec || atSec >= untilSec) continue;
      const copies = Math.floor(rateFactor + ofCopies());
      for (let copy = 0; copy < copies; copy++) {
        const { index } = servers[drawn(shares, toServer)];
        const classIndex = drawn(classShares[index], toClass);
        const atMs = 1000 * (atSec - fromSec) + (copy === 0 ? 0 : COPY_SPREAD_MS * ofTimes());
        if (atMs >= 1000 * (untilSec - fromSec)) continue;
        arrivals[index].push({ atMs, inputTokens, outputTokens, classIndex });
      }
    }
  }
  return arrivals.map((list) => new Workload(list.sort((a, b) => a.atMs - b.atMs)));
}

/** An index, as often as its share says. */
function drawn(shares: readonly number[], uniform: Uniform): number {
  if (shares.length === 1) return 0;
  let left = uniform() * shares.reduce((sum, share) => sum + share, 0);
  const at = shares.findIndex((share) => {
    left -= share;
    return left < 0;
  });
  return at < 0 ? shares.length - 1 : at;
}
