import type { Targets } from '../schemas/fleet.ts';
import type { LatencyTarget } from '../schemas/station.ts';

/** Rounding of a latency (relative): one that never changes with the rate may differ from itself by this. */
const ROUNDING = 1e-9;

/** What latencies may be; Infinity: anything. Of latencies seen: what they are. */
export interface Bounds {
  readonly ttftMs: number;
  readonly itlMs: number;
  readonly responseMs: number;
}

/** Which latency a target is about. */
export const LATENCY_OF = {
  ttftMs: 'ttftMs',
  itlMs: 'itlMs',
  e2eMs: 'responseMs',
} as const satisfies Record<LatencyTarget, keyof Bounds>;

/** What a latency may be to meet a target, rounding allowed for; a target of 0 or none is not considered. */
export function boundOf(targetMs: number | undefined): number {
  return targetMs ? targetMs * (1 + ROUNDING) : Number.POSITIVE_INFINITY;
}

export function boundsOf({ ttftMs, itlMs, e2eMs }: Targets): Bounds {
  return { ttftMs: boundOf(ttftMs), itlMs: boundOf(itlMs), responseMs: boundOf(e2eMs) };
}

export function atLeastOneBound({ ttftMs, itlMs, responseMs }: Bounds): boolean {
  return Math.min(ttftMs, itlMs, responseMs) < Number.POSITIVE_INFINITY;
}

/** A response time that nothing bounds need not be known. */
export function meets(seen: Bounds, bounds: Bounds): boolean {
  return (
    seen.ttftMs <= bounds.ttftMs &&
    seen.itlMs <= bounds.itlMs &&
    (bounds.responseMs === Number.POSITIVE_INFINITY || seen.responseMs <= bounds.responseMs)
  );
}

/** The bounds that are exceeded. */
export function missedAt(seen: Bounds, bounds: Bounds): Bounds {
  const missed = (latency: keyof Bounds) =>
    seen[latency] <= bounds[latency] ? Number.POSITIVE_INFINITY : bounds[latency];
  return { ttftMs: missed('ttftMs'), itlMs: missed('itlMs'), responseMs: missed('responseMs') };
}

export function onlyBound(bounds: Bounds, target: LatencyTarget): Bounds {
  const none = Number.POSITIVE_INFINITY;
  const latency = LATENCY_OF[target];
  return { ttftMs: none, itlMs: none, responseMs: none, [latency]: bounds[latency] };
}

/** The least multiple of a latency that its bound is. */
export function shareOfBounds(seen: Bounds, bounds: Bounds): number {
  const share = Math.min(bounds.ttftMs / seen.ttftMs, bounds.itlMs / seen.itlMs);
  if (bounds.responseMs === Number.POSITIVE_INFINITY) return share;
  return Math.min(share, bounds.responseMs / seen.responseMs);
}

/** The latency that is nearest to its bound, or furthest beyond it. */
export function nearer(seen: Bounds, bounds: Bounds): LatencyTarget {
  const ttft = seen.ttftMs / bounds.ttftMs;
  const itl = seen.itlMs / bounds.itlMs;
  if (
    bounds.responseMs < Number.POSITIVE_INFINITY &&
    seen.responseMs / bounds.responseMs > Math.max(ttft, itl)
  )
    return 'e2eMs';
  return ttft > itl ? 'ttftMs' : 'itlMs';
}
