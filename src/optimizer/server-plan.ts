import { extrapolationOf } from '../queueing/extrapolation.ts';
import type { Extrapolation } from '../schemas/extrapolation.ts';
import type { Allocation, Predicted, ServerPlan } from '../schemas/server-plan.ts';
import type { Variant } from './catalog.ts';
import { minReplicasOf, needsNothing, type ServerDemand, type Serving } from './demand.ts';
import { aloneOf, type Given, type GivenPart } from './given.ts';
import type { ServerLoad } from './load.ts';
import type { Weights } from './objective.ts';
import { powerWatts } from './power.ts';
import { isWithin, itlFor, predict, predictedTogether, ttftFor } from './prediction.ts';
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
export function planServer(
  demand: ServerDemand,
  given: Given | null,
  sizer: Sizer,
  weights: Weights,
): PlannedServer {
  const { resolved, running, candidates, excluded } = demand;
  const parts = (given?.parts ?? []).map((part) => planPart(demand, part, sizer));
  const wanted = parts.map((part) => part.wanted);
  const predicted = predictedTogether(
    parts.map(({ allocation, wanted }) => ({
      predicted: allocation.predicted,
      loadFraction: allocation.loadFraction,
      slots: wanted.replicas * (wanted.maxBatchSize ?? 1),
    })),
  );
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
        ttftMs: margin(resolved.targets.ttftMs, predicted && ttftFor(resolved.targets, predicted)),
        itlMs: margin(resolved.targets.itlMs, predicted && itlFor(resolved.targets, predicted)),
        e2eMs: margin(resolved.targets.e2eMs, predicted?.responseMs),
      },
      costPerHour,
      change: changeOf(running, wanted),
      reason: reasonOf(demand, given),
      runnerUp: runnerUp
        ? {
            variant: runnerUp.variant,
            replicas: runnerUp.replicas,
            maxBatchSize: runnerUp.maxBatchSize,
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
      margins: { ttftMs: null, itlMs: null, e2eMs: null },
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
  { plannedRate, resolved }: ServerDemand,
  { serving, replicas, loadFraction }: GivenPart,
  sizer: Sizer,
): PlannedPart {
  const { profile: variant, maxBatchSize } = serving;
  const costPerHour = variant.costPerReplicaHour * replicas;
  const predicted = predict(plannedRate! * loadFraction, serving, replicas, resolved.targets, sizer);
  const extrapolation = extrapolationAt(predicted, serving, resolved.load!, sizer);
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
      ...(extrapolation && { extrapolation }),
    },
  };
}

/** Of one replica, at what is predicted of it; null: what its law was found from is not known. */
function extrapolationAt(
  predicted: Predicted | null,
  { profile: { profile }, queue }: Serving,
  load: ServerLoad,
  sizer: Sizer,
): Extrapolation | null {
  const { observedRange } = profile;
  if (!observedRange || !predicted || !queue || sizer.worksWithRates) return null;
  const { inputTokens, outputTokens } = load;
  const inService = predicted.utilizationFraction * queue.maxBatchSize;
  return extrapolationOf(observedRange, { inputTokens, outputTokens, inService });
}

function margin(target: number | undefined, predicted: number | null | undefined): number | null {
  return target && typeof predicted === 'number' ? target - predicted : null;
}
