import { boundOf } from '../queueing/sizing.ts';
import type { Targets } from '../schemas/fleet.ts';
import type { Point } from '../schemas/metrics.ts';
import type { Allocation, Predicted, ServerPlan } from '../schemas/server-plan.ts';
import type { Given, ServerDemand } from './candidates.ts';
import { minReplicasOf, needsNothing } from './candidates.ts';
import type { Variant } from './catalog.ts';
import { powerWatts } from './power.ts';
import { reasonOf, shortfallOf } from './reasons.ts';
import type { Sizer } from './sizer.ts';
import { changeOf, costOf, type Running, transitionValue, unchanged, type Wanted } from './transition.ts';

/** A server's part of the plan, with what only the totals need. */
export interface PlannedServer {
  readonly plan: ServerPlan;
  /** Value of the allocation: the objective's summand. */
  readonly value: number;
  readonly currentCostPerHour: number;
  readonly holds: readonly Holding[];
}

/** Replicas that take cards; of a variant that no profile describes any more nobody knows which. */
export interface Holding {
  readonly variant: Variant;
  readonly replicas: number;
}

/** The part of a server of which all is known: what it was given, predicted at that, with the reasons. */
export function planServer(demand: ServerDemand, given: Given | null, sizer: Sizer): PlannedServer {
  const { resolved, running, candidates, excluded } = demand;
  const wanted = given && wantedOf(given);
  const predicted = given && predict(demand, given, sizer);
  const required = given?.candidate.requiredReplicas ?? (needsNothing(resolved, demand.plannedRate) ? 0 : 1);
  const servedFraction = required === 0 ? 1 : Math.min(1, (given?.replicas ?? 0) / required);
  const runnerUp = candidates.find((candidate) => candidate !== given?.candidate);
  const costPerHour = wanted?.costPerHour ?? 0;
  return {
    plan: {
      name: resolved.server.name,
      allocations: given && wanted ? [allocationOf(given, wanted, predicted)] : [],
      predicted,
      servedFraction,
      withinTargets: predicted && isWithin(predicted, resolved.targets),
      margins: {
        ttftMs: margin(resolved.targets.ttftMs, predicted?.ttftMs),
        itlMs: margin(resolved.targets.itlMs, predicted?.itlMs),
      },
      costPerHour,
      change: changeOf(running, wanted),
      reason: reasonOf(demand, given),
      runnerUp: runnerUp
        ? {
            variant: runnerUp.variant,
            replicas: runnerUp.replicas,
            costPerHour: runnerUp.costPerHour,
            differencePerHour: runnerUp.costPerHour - costPerHour,
            preferred: runnerUp === candidates[0],
          }
        : null,
      shortfall: servedFraction < 1 ? shortfallOf(demand, given) : null,
      excluded: [...excluded],
    },
    value: transitionValue(running, wanted),
    currentCostPerHour: costOf(running),
    holds: given ? [{ variant: given.candidate.profile, replicas: given.replicas }] : [],
  };
}

/** The part of a server of which something is unknown. Unknown is not zero: what runs is kept. */
export function planKept(demand: ServerDemand): PlannedServer {
  const { resolved } = demand;
  const running = demand.running.filter((current) => current.replicas > 0);
  const replicas = running.reduce((sum, current) => sum + current.replicas, 0);
  const minReplicas = minReplicasOf(resolved);
  const servedFraction = minReplicas === 0 ? 1 : Math.min(1, replicas / minReplicas);
  const costPerHour = costOf(running);
  return {
    plan: {
      name: resolved.server.name,
      allocations: running.map((current) => keptAllocation(current, running.length)),
      predicted: null,
      servedFraction,
      withinTargets: null,
      margins: { ttftMs: null, itlMs: null },
      costPerHour,
      change: unchanged(running),
      reason: reasonOf(demand, null),
      runnerUp: null,
      shortfall: servedFraction < 1 ? shortfallOf(demand, null) : null,
      excluded: [...demand.excluded],
    },
    value: 0,
    currentCostPerHour: costPerHour,
    holds: running.flatMap(({ profile, replicas }) => (profile ? [{ variant: profile, replicas }] : [])),
  };
}

function keptAllocation(current: Running, variants: number): Allocation {
  return {
    variant: current.variant,
    accelerator: current.profile?.accelerator.name ?? null,
    replicas: current.replicas,
    maxBatchSize: current.maxBatchSize ?? null,
    loadFraction: variants === 1 ? 1 : null,
    costPerHour: current.costPerHour,
    powerWatts: null,
    predicted: null,
  };
}

function wantedOf({ candidate, replicas }: Given): Wanted {
  return {
    variant: candidate.profile,
    replicas,
    costPerHour: candidate.profile.costPerReplicaHour * replicas,
    maxBatchSize: candidate.maxBatchSize,
  };
}

function allocationOf({ candidate }: Given, wanted: Wanted, predicted: Predicted | null): Allocation {
  return {
    variant: candidate.variant,
    accelerator: candidate.profile.accelerator.name,
    replicas: wanted.replicas,
    maxBatchSize: candidate.maxBatchSize,
    loadFraction: 1,
    costPerHour: wanted.costPerHour,
    powerWatts: predicted && powerWatts(candidate.profile, wanted.replicas, predicted.utilizationFraction),
    predicted,
  };
}

/** Metrics at what is given: too few replicas show their overload. */
function predict(
  { plannedRate }: ServerDemand,
  { candidate, replicas }: Given,
  sizer: Sizer,
): Predicted | null {
  const { queue } = candidate;
  if (!queue) return null;
  if (plannedRate === 0) {
    const empty = sizer.metrics(queue, queue.minRequestsPerSec / 1000);
    return { ...predictedOf(empty, 0), waitMs: 0, lossFraction: 0, utilizationFraction: 0 };
  }
  return predictedOf(sizer.metrics(queue, plannedRate! / replicas), replicas);
}

function predictedOf(point: Point, replicas: number): Predicted {
  const { status, ttftMs, itlMs, waitMs, throughputPerSec, lossFraction, utilizationFraction } = point;
  return {
    status,
    ttftMs,
    itlMs,
    waitMs,
    throughputPerSec: throughputPerSec * replicas,
    lossFraction,
    utilizationFraction,
  };
}

function isWithin({ status, ttftMs, itlMs }: Predicted, targets: Targets): boolean {
  const waitsForEver = ttftMs === null && Boolean(targets.ttftMs);
  return (
    status === 'stable' &&
    !waitsForEver &&
    (ttftMs ?? 0) <= boundOf(targets.ttftMs) &&
    itlMs <= boundOf(targets.itlMs)
  );
}

function margin(target: number | undefined, predicted: number | null | undefined): number | null {
  return target && typeof predicted === 'number' ? target - predicted : null;
}
