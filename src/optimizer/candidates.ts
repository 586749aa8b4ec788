import type { Exclusion } from '../schemas/server-plan.ts';
import type { Candidate } from '../solvers/solver.ts';
import { AskingServer } from './asking-server.ts';
import { batchLimit, unscaledBatchLimit } from './batch-limit.ts';
import type { CardLimits } from './card-limits.ts';
import { compareText, type ResolvedServer, type Variant } from './catalog.ts';
import {
  minReplicasOf,
  needsNothing,
  plannedRateOf,
  type ServerCandidate,
  type ServerDemand,
  type Serving,
  wholeReplicas,
} from './demand.ts';
import {
  fitsNoNode,
  modelUnknown,
  pinnedElsewhere,
  requestTooLarge,
  sizeUnmeasured,
  unreachable,
} from './exclusions.ts';
import { mixingOf } from './mixing.ts';
import { type Weights, weightsOf } from './objective.ts';
import { powerWatts } from './power.ts';
import type { Sizer } from './sizer.ts';
import {
  type Running,
  runningLimit,
  runningOf,
  staysAs,
  transitionValue,
  valueBeyondReplicas,
  valuePerReplica,
  wantedOf,
} from './transition.ts';
import type { NumberedTargets, Replica, Workload } from './workload.ts';

/** Every variant that can serve the server, in the order of preference, and why the others cannot. */
export function demandOf(
  resolved: ResolvedServer,
  sizer: Sizer,
  limits: CardLimits,
  weights = weightsOf(),
): ServerDemand {
  const { server, variants } = resolved;
  const running = runningOf(server, variants);
  const plannedRate = plannedRateOf(resolved);
  const valueOfNothing = transitionValue(running, [], weights);
  const candidates: ServerCandidate[] = [];
  const excluded: Exclusion[] = [];
  if (plannedRate !== null && !needsNothing(resolved, plannedRate)) {
    const pinned = server.pinVariant && running.length > 0;
    const workload = sizer.workload(resolved);
    const wanted = sizer.numbered(resolved.targets);
    for (let i = 0; i < variants.length; i++) {
      const variant = variants[i];
      const isElsewhere = pinned && !running.some((current) => current.variant === variant.name);
      const outcome = isElsewhere
        ? pinnedElsewhere(variant, running)
        : (fitsNoNode(variant, limits) ?? consider(i, resolved, running, plannedRate, workload, wanted));
      if ('code' in outcome) excluded.push(outcome);
      else
        for (const sizes of outcome) {
          const weighedPerReplica = weighed(variant, sizes, resolved, plannedRate, sizer, weights);
          candidates.push(candidateOf(variant, resolved, running, limits, sizes, weighedPerReplica, weights));
        }
    }
  }
  const unknown =
    plannedRate === null
      ? 'load-unknown'
      : candidates.length === 0 && runsUnknown(running, excluded)
        ? 'model-unknown'
        : null;
  return new AskingServer(
    {
      name: server.name,
      priority: resolved.priority,
      resolved,
      running,
      plannedRate,
      unknown,
      candidates: candidates.sort(byPreference),
      valueOfNothing,
      excluded,
    },
    (demand) => mixingOf(demand, sizer, limits, weights),
  );
}

/** A variant runs that is not known yet, and nothing is known of any other that may serve. */
function runsUnknown(running: readonly Running[], excluded: readonly Exclusion[]): boolean {
  const unknown = excluded.filter(({ code }) => code === 'model-unknown').map(({ variant }) => variant);
  return (
    excluded.every(({ code }) => code === 'model-unknown' || code === 'pinned-elsewhere') &&
    running.some(({ variant, replicas }) => replicas > 0 && unknown.includes(variant))
  );
}

/** A replica of some variant: how many of it a server needs, and how each does. */
type Sizes = Omit<Serving, 'profile' | 'weighedPerReplica'> & Pick<Candidate, 'requiredReplicas'>;

/** At most two: with the batch limit that runs, and with a better one. */
function consider(
  index: number,
  resolved: ResolvedServer,
  running: readonly Running[],
  plannedRate: number,
  workload: Workload,
  wanted: NumberedTargets,
): readonly Sizes[] | Exclusion {
  const { server, targets } = resolved;
  const variant = resolved.variants[index];
  const { profile } = variant;
  if (!workload.isKnown(index)) return modelUnknown(variant, workload.reads);
  const load = resolved.load!;
  if (plannedRate === 0) {
    // Without a load no limit is better than the one that runs, and another would restart what runs.
    const runs = server.maxBatchSize === undefined ? runningLimit(variant, running) : undefined;
    const maxBatchSize = runs ?? unscaledBatchLimit(server, profile, load.inputTokens + load.outputTokens);
    const queue =
      load.outputTokens > 0 && workload.reads === 'serviceTime' ? workload.queue(index, maxBatchSize) : null;
    const requiredReplicas = minReplicasOf(resolved);
    return [{ maxBatchSize, requiredReplicas, queue, ratePerReplica: null, binding: null, sizedWith: null }];
  }
  const rule = batchLimit(server, profile, load.inputTokens, load.outputTokens);
  if (!rule) return requestTooLarge(variant, load.inputTokens + load.outputTokens);
  if (workload.reads === 'throughput' && workload.queue(index, rule.maxBatchSize).maxRequestsPerSec === 0) {
    return sizeUnmeasured(variant, load);
  }
  const replica = workload.size(index, rule.maxBatchSize, rule.isCeiling, wanted);
  const runs = server.maxBatchSize === undefined ? runningLimit(variant, running) : undefined;
  const isTold =
    workload.reads === 'serviceTime' || !rule.isCeiling || (profile.maxBatchSize ?? runs) !== undefined;
  const sizesOf = (one: Replica): Sizes => ({
    maxBatchSize: isTold ? one.queue.maxBatchSize : null,
    requiredReplicas: required(one, resolved, plannedRate),
    queue: one.queue,
    ratePerReplica: one.throughputPerSec,
    binding: one.sized.feasible ? one.sized.binding : null,
    sizedWith: one.sizedWith,
  });
  if (!replica.sized.feasible) return unreachable(variant, targets, replica, replica.sized.binding);
  const best = sizesOf(replica);
  if (runs === undefined || runs > rule.maxBatchSize || runs === best.maxBatchSize) return [best];
  // Another limit restarts what runs: for no replica less it is not worth that, else the solver weighs it.
  const asItRuns = workload.size(index, runs, false, wanted);
  if (!asItRuns.sized.feasible) return [best];
  const staying = sizesOf(asItRuns);
  return staying.requiredReplicas <= best.requiredReplicas ? [staying] : [staying, best];
}

function required({ throughputPerSec }: Replica, resolved: ResolvedServer, plannedRate: number): number {
  const forLoad = Math.max(minReplicasOf(resolved), wholeReplicas(plannedRate / throughputPerSec));
  return forLoad + (resolved.server.spareReplicas ?? 0);
}

function candidateOf(
  variant: Variant,
  resolved: ResolvedServer,
  running: readonly Running[],
  limits: CardLimits,
  { maxBatchSize, requiredReplicas, queue, ratePerReplica, binding, sizedWith }: Sizes,
  weighedPerReplica: number,
  weights: Weights,
): ServerCandidate {
  const replicas = mostReplicas(requiredReplicas, resolved);
  const wanted = wantedOf({ profile: variant, maxBatchSize }, replicas);
  const value = transitionValue(running, [wanted], weights) + replicas * weighedPerReplica;
  const perReplica = valuePerReplica(running, wanted, weights) + weighedPerReplica;
  const held = running.find((current) => current.replicas > 0 && staysAs(current, wanted))?.replicas ?? 0;
  // More than all are never given.
  const difference =
    held > 0 && held <= replicas
      ? valueBeyondReplicas(running, [wantedOf({ profile: variant, maxBatchSize }, held)], weights)
      : 0;
  return {
    variant: variant.name,
    uses: limits.usesOf(resolved, variant),
    replicas,
    requiredReplicas,
    value,
    ...(difference !== 0 && { staying: { replicas: held, difference } }),
    runs: held > 0,
    valuePerReplica: perReplica,
    weighedPerReplica,
    profile: variant,
    maxBatchSize,
    costPerHour: wanted.costPerHour,
    queue,
    ratePerReplica,
    binding,
    sizedWith,
  };
}

function mostReplicas(requiredReplicas: number, { server }: ResolvedServer): number {
  return Math.min(requiredReplicas, server.maxReplicas ?? Number.POSITIVE_INFINITY);
}

/** Power and slack of one replica, where all that are required share the load. */
function weighed(
  variant: Variant,
  { queue, requiredReplicas }: Sizes,
  resolved: ResolvedServer,
  plannedRate: number,
  sizer: Sizer,
  { power, slack }: Weights,
): number {
  if (power === 0 && slack === 0) return 0;
  const replicas = mostReplicas(requiredReplicas, resolved);
  const utilization =
    queue && plannedRate > 0 ? sizer.metrics(queue, plannedRate / replicas).utilizationFraction : 0;
  return power * (powerWatts(variant, 1, utilization) ?? 0) + (slack * utilization) / replicas;
}

/** Those that serve most of what is required first, then by value, accelerator and name. */
function byPreference(a: ServerCandidate, b: ServerCandidate): number {
  const aServed = a.replicas / a.requiredReplicas;
  const bServed = b.replicas / b.requiredReplicas;
  if (aServed !== bServed) return bServed - aServed;
  if (a.value !== b.value) return a.value - b.value;
  return (
    compareText(a.profile.accelerator.name, b.profile.accelerator.name) ||
    compareText(a.variant, b.variant) ||
    (a.maxBatchSize ?? 0) - (b.maxBatchSize ?? 0)
  );
}
