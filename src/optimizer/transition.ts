import type { CurrentAllocation, Server } from '../schemas/fleet.ts';
import type { Change } from '../schemas/server-plan.ts';
import { compareText, type Variant } from './catalog.ts';

/** Price of starting or stopping a variant, as a share of the hourly cost that is started or stopped. */
const CHANGE_PRICE = 0.1;

/** What a server runs now, with its cost. */
export interface Running extends CurrentAllocation {
  readonly costPerHour: number;
  readonly startingReplicas: number;
  /** Absent: no profile describes it any more. */
  readonly profile: Variant | undefined;
}

/** What it is to run. */
export interface Wanted {
  readonly variant: Variant;
  readonly replicas: number;
  readonly costPerHour: number;
  readonly maxBatchSize: number | null;
}

/** What runs now, in the order of the variants' names; a variant at zero replicas counts as prepared. */
export function runningOf(server: Server, variants: readonly Variant[]): Running[] {
  return (server.current ?? [])
    .map((current) => {
      const profile = variants.find(({ name }) => name === current.variant);
      const costPerHour = current.costPerHour ?? current.replicas * (profile?.costPerReplicaHour ?? 0);
      return { ...current, costPerHour, startingReplicas: current.startingReplicas ?? 0, profile };
    })
    .sort((a, b) => compareText(a.variant, b.variant));
}

/** What allocations cost together (per hour). */
export function costOf(allocations: readonly { readonly costPerHour: number }[]): number {
  return allocations.reduce((sum, { costPerHour }) => sum + costPerHour, 0);
}

/**
 * What a solver minimises: 0 when nothing changes; else the difference in cost, and where a variant is started or stopped
 * altogether a tenth of the cost that is started and stopped. From nothing this is 1.1 · cost.
 */
export function transitionValue(running: readonly Running[], wanted: Wanted | null): number {
  if (running.length === 0 && wanted) return wanted.costPerHour + CHANGE_PRICE * wanted.costPerHour;
  if (kindOf(running, wanted) === 'none') return 0;
  const difference = (wanted?.costPerHour ?? 0) - costOf(running);
  const stopped = costOf(running.filter(({ variant }) => variant !== wanted?.variant.name));
  const starts = wanted && !running.some(({ variant }) => variant === wanted.variant.name);
  return difference + CHANGE_PRICE * (stopped + (starts ? wanted.costPerHour : 0));
}

/**
 * What one replica more of a variant adds to `transitionValue`: its cost, and the price of starting it where the variant does not
 * run. (Linear but for one case: exactly what runs has the value 0 even where a contract prices it otherwise.)
 */
export function valuePerReplica(running: readonly Running[], { name, costPerReplicaHour }: Variant): number {
  const runs = running.some(({ variant }) => variant === name);
  return costPerReplicaHour * (runs ? 1 : 1 + CHANGE_PRICE);
}

/** What has to be done to get from what runs to what is wanted. */
export function changeOf(running: readonly Running[], wanted: Wanted | null): Change {
  const stays = running.find(({ variant, replicas }) => replicas > 0 && variant === wanted?.variant.name);
  const starts = wanted && (wanted.replicas > (stays?.replicas ?? 0) || (stays?.startingReplicas ?? 0) > 0);
  return {
    kind: kindOf(running, wanted),
    from: fromOf(running),
    costPerHour: (wanted?.costPerHour ?? 0) - costOf(running),
    restartsReplicas: stays?.maxBatchSize !== undefined && stays.maxBatchSize !== wanted?.maxBatchSize,
    startupSec: starts ? (wanted.variant.profile.startupSec ?? null) : null,
  };
}

/** The change of a server that is left as it runs. */
export function unchanged(running: readonly Running[]): Change {
  return { kind: 'none', from: fromOf(running), costPerHour: 0, restartsReplicas: false, startupSec: null };
}

function fromOf(running: readonly Running[]): Change['from'] {
  return running
    .filter(({ replicas }) => replicas > 0)
    .map(({ variant, replicas, startingReplicas }) => ({ variant, replicas, startingReplicas }));
}

function kindOf(running: readonly Running[], wanted: Wanted | null): Change['kind'] {
  const active = running.filter(({ replicas }) => replicas > 0);
  if (active.length === 0) return wanted ? 'start' : 'none';
  if (!wanted) return 'stop';
  if (active.some(({ variant }) => variant !== wanted.variant.name)) return 'move';
  const difference = wanted.replicas - active[0].replicas;
  return difference > 0 ? 'scale-up' : difference < 0 ? 'scale-down' : 'none';
}
