import type { CurrentAllocation, Server } from '../schemas/fleet.ts';
import type { Change } from '../schemas/server-plan.ts';
import { compareText, type Variant } from './catalog.ts';
import type { Weights } from './objective.ts';
import { isRounding } from './rounding.ts';

/** Price of starting or stopping a variant, as a share of the hourly cost that is started or stopped. */
const CHANGE_PRICE = 0.1;

/** How cost and change are weighed. */
type Prices = Pick<Weights, 'cost' | 'change'>;
const NO_OTHER: Prices = { cost: 1, change: 1 };

/** What a server runs now, with its cost. */
export interface Running extends CurrentAllocation {
  readonly costPerHour: number;
  readonly startingReplicas: number;
  /** Absent: no profile describes it any more. */
  readonly profile: Variant | undefined;
}

/** A variant that it is to run. */
export interface Wanted {
  readonly variant: Variant;
  readonly replicas: number;
  readonly costPerHour: number;
  readonly maxBatchSize: number | null;
}

/** So many replicas of a variant. */
export function wantedOf(
  { profile, maxBatchSize }: { readonly profile: Variant; readonly maxBatchSize: number | null },
  replicas: number,
): Wanted {
  return { variant: profile, replicas, costPerHour: replicas * profile.costPerReplicaHour, maxBatchSize };
}

/** A variant with a batch limit; null: nobody says which. */
type Limited = Pick<Wanted, 'variant' | 'maxBatchSize'>;

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

/** The batch limit that replicas of a variant run with now. */
export function runningLimit({ name }: Variant, running: readonly Running[]): number | undefined {
  return running.find(({ variant, replicas }) => variant === name && replicas > 0)?.maxBatchSize;
}

/** What allocations cost together (per hour). */
export function costOf(allocations: readonly { readonly costPerHour: number }[]): number {
  return allocations.reduce((sum, { costPerHour }) => sum + costPerHour, 0);
}

/**
 * What a solver minimises: 0 when nothing changes; else the difference in cost, and where a variant is started or stopped
 * altogether a tenth of the cost that is started and stopped. From nothing this is 1.1 · cost. Another batch limit stops all
 * replicas of a variant and starts them anew, so it is priced as another variant.
 */
export function transitionValue(
  running: readonly Running[],
  wanted: readonly Wanted[],
  weights: Prices = NO_OTHER,
): number {
  const cost = costOf(wanted);
  const changePrice = CHANGE_PRICE * weights.change;
  if (running.length === 0) return weights.cost * cost + changePrice * cost;
  const started = costOf(wanted.filter((one) => !running.some((current) => staysAs(current, one))));
  if (started === 0 && kindOf(running, wanted) === 'none') return 0;
  const stopped = costOf(running.filter((current) => !wanted.some((one) => staysAs(current, one))));
  return weights.cost * (cost - costOf(running)) + changePrice * (stopped + started);
}

/** Whether what runs can go on as what is wanted: replicas of the same variant that need no restart. */
export function staysAs(current: Running, wanted: Limited): boolean {
  return current.variant === wanted.variant.name && !restarts(current, wanted);
}

function restarts({ replicas, maxBatchSize: limit }: Running, { maxBatchSize }: Limited): boolean {
  return replicas > 0 && limit !== undefined && maxBatchSize !== null && limit !== maxBatchSize;
}

/**
 * What one replica more of a variant adds to `transitionValue`: its cost, and the price of starting it where the variant does not
 * run. (Linear but for one case: exactly what runs has the value 0 even where a contract prices it otherwise.)
 */
export function valuePerReplica(
  running: readonly Running[],
  wanted: Limited,
  weights: Prices = NO_OTHER,
): number {
  const runs = running.some((current) => staysAs(current, wanted));
  return (
    wanted.variant.costPerReplicaHour * (runs ? weights.cost : weights.cost + CHANGE_PRICE * weights.change)
  );
}

/** What having any replica of a variant spares: the price of stopping it, where it runs. */
export function valueOfKeeping(
  running: readonly Running[],
  wanted: Limited,
  weights: Prices = NO_OTHER,
): number {
  const cost = running.find((current) => staysAs(current, wanted))?.costPerHour ?? 0;
  return cost === 0 ? 0 : -CHANGE_PRICE * weights.change * cost;
}

/**
 * What wanted replicas are worth more than one by one: other than 0 only where they are exactly what runs, and a contract prices that
 * otherwise.
 */
export function valueBeyondReplicas(
  running: readonly Running[],
  wanted: readonly Wanted[],
  weights: Prices = NO_OTHER,
): number {
  const oneByOne = wanted.reduce(
    (sum, one) =>
      sum + one.replicas * valuePerReplica(running, one, weights) + valueOfKeeping(running, one, weights),
    transitionValue(running, [], weights),
  );
  const difference = transitionValue(running, wanted, weights) - oneByOne;
  return isRounding(difference, oneByOne) ? 0 : difference;
}

/** What has to be done to get from what runs to what is wanted. */
export function changeOf(running: readonly Running[], wanted: readonly Wanted[]): Change {
  const ofVariant = ({ variant: { name } }: Wanted) =>
    running.find(({ variant, replicas }) => replicas > 0 && variant === name);
  const startups = wanted
    .filter((one) => {
      const stays = ofVariant(one);
      return one.replicas > (stays?.replicas ?? 0) || (stays?.startingReplicas ?? 0) > 0;
    })
    .map(({ variant }) => variant.profile.startupSec ?? Number.NaN);
  const slowest = Math.max(0, ...startups);
  return {
    kind: kindOf(running, wanted),
    from: fromOf(running),
    costPerHour: costOf(wanted) - costOf(running),
    restartsReplicas: wanted.some((one) => {
      const current = ofVariant(one);
      return current !== undefined && restarts(current, one);
    }),
    startupSec: startups.length === 0 || Number.isNaN(slowest) ? null : slowest,
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

/** Other variants, or more of one and fewer of another, are a move. */
function kindOf(running: readonly Running[], wanted: readonly Wanted[]): Change['kind'] {
  const active = running.filter(({ replicas }) => replicas > 0);
  if (active.length === 0) return wanted.length > 0 ? 'start' : 'none';
  if (wanted.length === 0) return 'stop';
  const differences = wanted.map(({ variant, replicas }) => {
    const stays = active.find((current) => current.variant === variant.name);
    return stays ? replicas - stays.replicas : Number.NaN;
  });
  if (active.length !== wanted.length || differences.some(Number.isNaN)) return 'move';
  const grows = differences.some((difference) => difference > 0);
  const shrinks = differences.some((difference) => difference < 0);
  if (grows && shrinks) return 'move';
  return grows ? 'scale-up' : shrinks ? 'scale-down' : 'none';
}
