import type { Server } from '../schemas/fleet.ts';

/** The load of a server, whichever way it is told: its means, and the sizes of its requests. */
export interface ServerLoad {
  readonly requestsPerSec: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  /** One, the means, where no more is known. Shares together are 1. */
  readonly sizes: readonly Size[];
}

/** Requests of about one size. */
export interface Size {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  readonly share: number;
}

/** null: the load is unknown. */
export function loadOf({ load, loads }: Pick<Server, 'load' | 'loads'>): ServerLoad | null {
  if (loads) {
    const requestsPerSec = loads.reduce((sum, entry) => sum + entry.requestsPerSec, 0);
    // Of classes without a load the tokens say nothing, unless nobody has one.
    const offered = requestsPerSec > 0 ? loads.filter((entry) => entry.requestsPerSec > 0) : loads;
    return histogram(
      requestsPerSec,
      offered.map(({ requestsPerSec: rate, inputTokens, outputTokens, cachedInputTokens = 0 }) => ({
        inputTokens,
        outputTokens,
        cachedInputTokens,
        share: requestsPerSec > 0 ? rate / requestsPerSec : 1 / loads.length,
      })),
    );
  }
  if (!load) return null;
  const { requestsPerSec, sizes, inputTokens = 0, outputTokens = 0, cachedInputTokens = 0 } = load;
  if (!sizes) {
    const all = [{ inputTokens, outputTokens, cachedInputTokens, share: 1 }];
    return { requestsPerSec, inputTokens, outputTokens, cachedInputTokens, sizes: all };
  }
  const all = sizes.reduce((sum, { share }) => sum + share, 0);
  return histogram(
    requestsPerSec,
    sizes
      .filter(({ share }) => share > 0)
      .map((size) => ({ cachedInputTokens: 0, ...size, share: size.share / all })),
  );
}

function histogram(requestsPerSec: number, sizes: readonly Size[]): ServerLoad {
  return { requestsPerSec, ...meansOf(sizes), sizes };
}

/** Mean tokens of requests of several sizes, whose shares need not add up to 1. */
export function meansOf(sizes: readonly Size[]): Omit<Size, 'share'> {
  const all = sizes.reduce((sum, { share }) => sum + share, 0);
  const mean = (of: (size: Size) => number) =>
    sizes.reduce((sum, size) => sum + (size.share / all) * of(size), 0);
  return {
    inputTokens: mean(({ inputTokens }) => inputTokens),
    outputTokens: mean(({ outputTokens }) => outputTokens),
    cachedInputTokens: mean(({ cachedInputTokens }) => cachedInputTokens),
  };
}
