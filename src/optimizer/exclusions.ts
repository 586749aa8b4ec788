import { ThroughputTable } from '../queueing/throughput-table.ts';
import type { Targets } from '../schemas/fleet.ts';
import type { Exclusion } from '../schemas/server-plan.ts';
import type { LatencyTarget } from '../schemas/station.ts';
import type { CardLimits } from './card-limits.ts';
import type { Variant } from './catalog.ts';
import type { ServerLoad } from './load.ts';
import { shown } from './shown.ts';
import { latencyName } from './target-text.ts';
import type { Running } from './transition.ts';
import type { Replica, Workload } from './workload.ts';

// Why a variant is no candidate for a server.

export function pinnedElsewhere(variant: Variant, running: readonly Running[]): Exclusion {
  const text = `The server is pinned to ${running.map((current) => current.variant).join(', ')}.`;
  return { variant: variant.name, code: 'pinned-elsewhere', text, unreachable: null };
}

export function fitsNoNode(
  { name, accelerator, cardsPerReplica }: Variant,
  limits: CardLimits,
): Exclusion | null {
  const largest = limits.largestNode(accelerator.type);
  if (cardsPerReplica <= largest) return null;
  const text = `A replica needs ${cardsPerReplica} cards on one node; the largest of type ${accelerator.type} has ${largest}.`;
  return { variant: name, code: 'node-too-small', text, unreachable: null };
}

export function modelUnknown(variant: Variant, reads: Workload['reads']): Exclusion {
  const text =
    reads === 'serviceTime'
      ? 'The profile has no service-time parameters yet (absent or all zero).'
      : 'The profile has no measured rates (throughput).';
  return { variant: variant.name, code: 'model-unknown', text, unreachable: null };
}

export function requestTooLarge(variant: Variant, tokens: number): Exclusion {
  const text = `The KV cache of ${variant.profile.kvCacheTokens} tokens cannot hold one request of ${tokens} tokens.`;
  return { variant: variant.name, code: 'request-too-large', text, unreachable: null };
}

/** Which sizes of a load a variant has no measured rate for. */
export function sizeUnmeasured(variant: Variant, { sizes }: ServerLoad): Exclusion {
  const table = new ThroughputTable(variant.profile.throughput ?? []);
  const missing = sizes
    .filter(({ inputTokens, outputTokens }) => table.rate(inputTokens, outputTokens) === 0)
    .map(({ inputTokens, outputTokens }) => `${shown(inputTokens)} + ${shown(outputTokens)}`);
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  const text = `No rate above 0 was measured for, or on all sides of, requests of ${missing.slice(0, 3).join(', ')} tokens${more}; none is extrapolated.`;
  return { variant: variant.name, code: 'size-unmeasured', text, unreachable: null };
}

export function unreachable(
  variant: Variant,
  targets: Targets,
  { bestMs, sizedWith }: Replica,
  target: LatencyTarget,
): Exclusion {
  const targetMs = targets[target]!;
  const surely = sizedWith ? ' at the confidence asked for' : '';
  const text = `${latencyName(target, targets)} is ${shown(bestMs)} ms with no load${surely}, the target is ${shown(targetMs)} ms.`;
  return {
    variant: variant.name,
    code: 'targets-unreachable',
    text,
    unreachable: { target, targetMs, bestMs },
  };
}
