import type { PowerProfile } from '../schemas/accelerator.ts';
import type { Variant } from './catalog.ts';

/** Power of replicas of a variant at a utilization (W); null: the accelerator has no power profile. */
export function powerWatts(variant: Variant, replicas: number, utilizationFraction: number): number | null {
  const { power } = variant.accelerator;
  return power ? powerAt(power, utilizationFraction) * variant.acceleratorsPerReplica * replicas : null;
}

/** Linear from idle at 0 to mid, then linear to full at 1. */
function powerAt(
  { idleWatts, fullWatts, midWatts, midUtilizationFraction: mid = 0.5 }: PowerProfile,
  u: number,
): number {
  const atMid = midWatts ?? idleWatts + mid * (fullWatts - idleWatts);
  return u <= mid
    ? idleWatts + ((atMid - idleWatts) * u) / mid
    : atMid + ((fullWatts - atMid) * (u - mid)) / (1 - mid);
}
