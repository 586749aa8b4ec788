import { boundOf } from '../queueing/sizing.ts';
import type { Targets } from '../schemas/fleet.ts';
import type { Point } from '../schemas/metrics.ts';
import type { Allocation, Predicted, ServerPlan } from '../schemas/server-plan.ts';
import type { Variant } from './catalog.ts';
import { minReplicasOf, needsNothing, type ServerDemand, type Serving } from './demand.ts';
import { aloneOf, type Given, type GivenPart } from './given.ts';
import type { Weights } from './objective.ts';
import { powerWatts } from './power.ts';
import { reasonOf, shortfallOf } from './reasons.ts';
import type { Sizer } from './sizer.ts';
import { changeOf, costOf, type Running, transitionValue, unchanged, type Wanted } from './transition.ts';

/** Shares of load are decided to about this: a replica that is full has the highest rate, not more than it. */
const ROUNDING = 1 + 2e-6;

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
export function planServer(
  demand: ServerDemand,
  given: Given | null,
  sizer: Sizer,
  weights: Weights,
): PlannedServer {
  const { resolved, running, candidates, excluded } = demand;
  const parts = (given?.parts ?? []).map((part) => planPart(demand, part, sizer));
  const wanted = parts.map((part) => part.wanted);
  const predicted = predictedTogether(parts);
  const servedFraction = given?.servedFraction ?? (needsNothing(resolved, demand.plannedRate) ? 1 : 0);
  const alone = given && aloneOf(demand, given);
  const runnerUp = candidates.find((candidate) => candidate !== alone?.candidate);
  const costPerHour = costOf(wanted);
  const value = parts.reduce(
    (sum, part) => sum + part.wanted.replicas * part.serving.weighedPerReplica,
    transitionValue(running, wanted, weights),
  );
  return {
    plan: {
      name: resolved.server.name,
      allocations: parts.map(({ allocation }) => allocation),
      routing: [...(given?.routing ?? [])],
      predicted,
      servedFraction,
      withinTargets:
        predicted &&
        parts.every(
          ({ allocation }) => !allocation.predicted || isWithin(allocation.predicted, resolved.targets),
        ),
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
            preferred: runnerUp === candidates[0] && (alone !== null || runnerUp.value < value),
          }
        : null,
      shortfall: servedFraction < 1 ? shortfallOf(demand, given) : null,
      excluded: [...excluded],
    },
    value,
    currentCostPerHour: costOf(running),
    holds: wanted,
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
      routing: [],
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

interface PlannedPart {
  readonly wanted: Wanted;
  readonly allocation: Allocation;
  readonly serving: Serving;
}

function planPart(
  { plannedRate }: ServerDemand,
  { serving, replicas, loadFraction }: GivenPart,
  sizer: Sizer,
): PlannedPart {
  const { profile: variant, maxBatchSize } = serving;
  const costPerHour = variant.costPerReplicaHour * replicas;
  const predicted = predict(plannedRate! * loadFraction, serving, replicas, sizer);
  return {
    serving,
    wanted: { variant, replicas, costPerHour, maxBatchSize },
    allocation: {
      variant: variant.name,
      accelerator: variant.accelerator.name,
      replicas,
      maxBatchSize,
      loadFraction,
      costPerHour,
      powerWatts: predicted && powerWatts(variant, replicas, predicted.utilizationFraction),
      predicted,
      ...(serving.sizedWith && { sizedWith: serving.sizedWith }),
    },
  };
}

/** Metrics at what is given: too few replicas show their overload. */
function predict(
  requestsPerSec: number,
  { queue }: Serving,
  replicas: number,
  sizer: Sizer,
): Predicted | null {
  if (!queue) return null;
  if (requestsPerSec === 0) {
    const empty = sizer.metrics(queue, queue.minRequestsPerSec / 1000);
    return { ...predictedOf(empty, 0), waitMs: 0, lossFraction: 0, utilizationFraction: 0 };
  }
  const rate = requestsPerSec / replicas;
  const highest = queue.maxRequestsPerSec;
  return predictedOf(
    sizer.metrics(queue, rate <= highest * ROUNDING ? Math.min(rate, highest) : rate),
    replicas,
  );
}

/** What the parts come to: latencies and losses by the share of the load that sees them; one overloaded part is an overload. */
function predictedTogether(parts: readonly PlannedPart[]): Predicted | null {
  if (parts.length <= 1) return parts[0]?.allocation.predicted ?? null;
  // Spare replicas may get nothing.
  const busy = parts.flatMap(({ allocation, wanted }) => {
    const { predicted, loadFraction } = allocation;
    const slots = wanted.replicas * (wanted.maxBatchSize ?? 1);
    return predicted && loadFraction ? [{ predicted, loadFraction, slots }] : [];
  });
  if (busy.length === 0) return parts[0].allocation.predicted;
  const all = busy.reduce((sum, { loadFraction }) => sum + loadFraction, 0);
  const slots = busy.reduce((sum, part) => sum + part.slots, 0);
  const mean = (metric: 'ttftMs' | 'itlMs' | 'waitMs' | 'lossFraction') =>
    busy.reduce<number | null>((sum, { predicted, loadFraction }) => {
      const value = predicted[metric];
      return sum === null || value === null ? null : sum + (loadFraction / all) * value;
    }, 0);
  const isStable = busy.every(({ predicted }) => predicted.status === 'stable');
  return {
    status: isStable ? 'stable' : 'overloaded',
    ttftMs: mean('ttftMs'),
    itlMs: mean('itlMs'),
    waitMs: mean('waitMs'),
    throughputPerSec: busy.reduce((sum, { predicted }) => sum + predicted.throughputPerSec, 0),
    lossFraction: mean('lossFraction')!,
    utilizationFraction: busy.reduce(
      (sum, part) => sum + (part.slots / slots) * part.predicted.utilizationFraction,
      0,
    ),
  };
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
  // Latencies that are not told were within the targets when the rates were measured.
  const waitsForEver = ttftMs === null && itlMs !== null && Boolean(targets.ttftMs);
  return (
    status === 'stable' &&
    !waitsForEver &&
    (ttftMs ?? 0) <= boundOf(targets.ttftMs) &&
    (itlMs ?? 0) <= boundOf(targets.itlMs)
  );
}

function margin(target: number | undefined, predicted: number | null | undefined): number | null {
  return target && typeof predicted === 'number' ? target - predicted : null;
}
