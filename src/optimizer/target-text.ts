import type { Targets } from '../schemas/fleet.ts';
import type { LatencyTarget } from '../schemas/station.ts';

/** A latency as texts call it, with the percentile that its target names. */
export function latencyName(target: LatencyTarget, { ttftPercentile, itlPercentile }: Targets): string {
  if (target === 'e2eMs') return 'The time from arrival to the last token';
  const [name, percentile] = target === 'ttftMs' ? ['TTFT', ttftPercentile] : ['ITL', itlPercentile];
  return percentile ? `${name} at p${Number((100 * percentile).toPrecision(6))}` : name;
}
