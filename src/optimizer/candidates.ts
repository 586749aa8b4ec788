import type { Queue } from '../queueing/queue-model.ts';
import { ThroughputTable } from '../queueing/throughput-table.ts';
import type { Targets } from '../schemas/fleet.ts';
import type { Exclusion } from '../schemas/server-plan.ts';
import type { TargetName } from '../schemas/station.ts';
import type { Candidate } from '../solvers/solver.ts';
import { batchLimit, unscaledBatchLimit } from './batch-limit.ts';
import type { CardLimits } from './card-limits.ts';
import { compareText, type ResolvedServer, type Variant } from './catalog.ts';
import type { ServerLoad } from './load.ts';
import { mixingOf, type ServerMixing } from './mixing.ts';
import { type Weights, weightsOf } from './objective.ts';
import { powerWatts } from './power.ts';
import { shown } from './shown.ts';
import type { Sizer } from './sizer.ts';
import { type Running, runningOf, transitionValue, valuePerReplica } from './transition.ts';
import type { NumberedTargets, Replica, Workload } from './workload.ts';

/** A replica of a variant for a server: how it is run, and how it does. */
export interface Serving {
  readonly profile: Variant;
  /** null: its rates were measured without one being told. */
  readonly maxBatchSize: number | null;
  /** null: no load to predict for. */
  readonly queue: Queue | null;
  /** Highest rate of one replica within its targets, as completions per second; null: no load. */
  readonly ratePerReplica: number | null;
  /** What limits that rate; null: no load. */
  readonly binding: TargetName | 'stability' | null;
  /** What the objective weighs beside cost and change: power and slack, as a replica of this variant alone has them. */
  readonly weighedPerReplica: number;
}

/** A way to serve a server with one variant: what the solver sees, and what the plan tells of it. */
export interface ServerCandidate extends Candidate, Serving {
  readonly costPerHour: number;
}

/** A server with all that the solver and the plan need of it. */
export interface ServerDemand {
  readonly resolved: ResolvedServer;
  readonly running: readonly Running[];
  /** The rate that is planned for (requests/s): the load, or the token rate demanded if that is more; null: unknown. */
  readonly plannedRate: number | null;
  /** What is not known, so that what runs is kept: the load, or how any variant that may serve performs; null: all is known. */
  readonly unknown: 'load-unknown' | 'model-unknown' | null;
  /** In the order of preference. */
  readonly candidates: readonly ServerCandidate[];
  readonly valueOfNothing: number;
  readonly excluded: readonly Exclusion[];
  /** How several variants may serve it together; undefined: not better than one. */
  readonly mixing: ServerMixing | undefined;
}

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
      else {
        const weighedPerReplica = weighed(variant, outcome, resolved, plannedRate, sizer, weights);
        candidates.push(
          candidateOf(variant, resolved, running, limits, { ...outcome, weighedPerReplica }, weights),
        );
      }
    }
  }
  const unknown =
    plannedRate === null
      ? 'load-unknown'
      : candidates.length === 0 && runsUnknown(running, excluded)
        ? 'model-unknown'
        : null;
  const demand = {
    resolved,
    running,
    plannedRate,
    unknown,
    candidates: candidates.sort(byPreference),
    valueOfNothing: transitionValue(running, [], weights),
    excluded,
  } as const;
  let mixing: ServerMixing | null | undefined = null;
  return {
    ...demand,
    // Few solvers ask for it.
    get mixing() {
      if (mixing === null) mixing = mixingOf(demand, sizer, limits, weights);
      return mixing;
    },
  };
}

/** A variant runs that is not known yet, and nothing is known of any other that may serve. */
function runsUnknown(running: readonly Running[], excluded: readonly Exclusion[]): boolean {
  const unknown = excluded.filter(({ code }) => code === 'model-unknown').map(({ variant }) => variant);
  return (
    excluded.every(({ code }) => code === 'model-unknown' || code === 'pinned-elsewhere') &&
    running.some(({ variant, replicas }) => replicas > 0 && unknown.includes(variant))
  );
}

/** No load, and no replicas without one. */
export function needsNothing(resolved: ResolvedServer, plannedRate: number | null): boolean {
  return plannedRate === 0 && minReplicasOf(resolved) === 0;
}

/** The least replicas of a server; 1 unless it says otherwise. */
export function minReplicasOf({ server }: ResolvedServer): number {
  return server.minReplicas ?? 1;
}

function plannedRateOf({ load, targets }: ResolvedServer): number | null {
  if (load === null) return null;
  if (load.requestsPerSec === 0 || load.outputTokens === 0) return 0;
  return Math.max(load.requestsPerSec, (targets.minTokensPerSec ?? 0) / load.outputTokens);
}

/** A replica of some variant: how many of it a server needs, and how each does. */
type Sizes = Omit<Serving, 'profile' | 'weighedPerReplica'> & Pick<Candidate, 'requiredReplicas'>;

function consider(
  index: number,
  resolved: ResolvedServer,
  running: readonly Running[],
  plannedRate: number,
  workload: Workload,
  wanted: NumberedTargets,
): Sizes | Exclusion {
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
    return { maxBatchSize, requiredReplicas, queue, ratePerReplica: null, binding: null };
  }
  const rule = batchLimit(server, profile, load.inputTokens, load.outputTokens);
  if (!rule) return requestTooLarge(variant, load.inputTokens + load.outputTokens);
  if (workload.reads === 'throughput' && workload.queue(index, rule.maxBatchSize).maxRequestsPerSec === 0) {
    return sizeUnmeasured(variant, load);
  }
  let replica = workload.size(index, rule.maxBatchSize, rule.isCeiling, wanted);
  if (!replica.sized.feasible) return unreachable(variant, targets, replica, replica.sized.binding);
  // Another limit restarts what runs: where the limit is ours to choose, the one that runs stays unless it costs a replica.
  const runs = runningLimit(variant, running);
  if (rule.isCeiling && runs !== undefined && runs <= rule.maxBatchSize) {
    const asItRuns = workload.size(index, runs, false, wanted);
    const sparesNone = required(asItRuns, resolved, plannedRate) <= required(replica, resolved, plannedRate);
    if (asItRuns.sized.feasible && sparesNone) replica = asItRuns;
  }
  const isTold =
    workload.reads === 'serviceTime' || !rule.isCeiling || (profile.maxBatchSize ?? runs) !== undefined;
  return {
    maxBatchSize: isTold ? replica.queue.maxBatchSize : null,
    requiredReplicas: required(replica, resolved, plannedRate),
    queue: replica.queue,
    ratePerReplica: replica.throughputPerSec,
    binding: replica.sized.feasible ? replica.sized.binding : null,
  };
}

function required({ throughputPerSec }: Replica, resolved: ResolvedServer, plannedRate: number): number {
  const forLoad = Math.max(minReplicasOf(resolved), Math.ceil(plannedRate / throughputPerSec));
  return forLoad + (resolved.server.spareReplicas ?? 0);
}

/** The batch limit that replicas of a variant run with now. */
function runningLimit(variant: Variant, running: readonly Running[]): number | undefined {
  return running.find((current) => current.variant === variant.name && current.replicas > 0)?.maxBatchSize;
}

function candidateOf(
  variant: Variant,
  resolved: ResolvedServer,
  running: readonly Running[],
  limits: CardLimits,
  sizes: Sizes & Pick<Serving, 'weighedPerReplica'>,
  weights: Weights,
): ServerCandidate {
  const { maxBatchSize, requiredReplicas, queue, ratePerReplica, binding, weighedPerReplica } = sizes;
  const replicas = mostReplicas(requiredReplicas, resolved);
  const costPerHour = variant.costPerReplicaHour * replicas;
  return {
    variant: variant.name,
    uses: limits.usesOf(resolved, variant),
    replicas,
    requiredReplicas,
    value:
      transitionValue(running, [{ variant, replicas, costPerHour, maxBatchSize }], weights) +
      replicas * weighedPerReplica,
    valuePerReplica: valuePerReplica(running, variant, weights) + weighedPerReplica,
    weighedPerReplica,
    profile: variant,
    maxBatchSize,
    costPerHour,
    queue,
    ratePerReplica,
    binding,
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
    compareText(a.profile.accelerator.name, b.profile.accelerator.name) || compareText(a.variant, b.variant)
  );
}

function pinnedElsewhere(variant: Variant, running: readonly Running[]): Exclusion {
  const text = `The server is pinned to ${running.map((current) => current.variant).join(', ')}.`;
  return { variant: variant.name, code: 'pinned-elsewhere', text, unreachable: null };
}

function fitsNoNode({ name, accelerator, cardsPerReplica }: Variant, limits: CardLimits): Exclusion | null {
  const largest = limits.largestNode(accelerator.type);
  if (cardsPerReplica <= largest) return null;
  const text = `A replica needs ${cardsPerReplica} cards on one node; the largest of type ${accelerator.type} has ${largest}.`;
  return { variant: name, code: 'node-too-small', text, unreachable: null };
}

function modelUnknown(variant: Variant, reads: Workload['reads']): Exclusion {
  const text =
    reads === 'serviceTime'
      ? 'The profile has no service-time parameters yet (absent or all zero).'
      : 'The profile has no measured rates (throughput).';
  return { variant: variant.name, code: 'model-unknown', text, unreachable: null };
}

function requestTooLarge(variant: Variant, tokens: number): Exclusion {
  const text = `The KV cache of ${variant.profile.kvCacheTokens} tokens cannot hold one request of ${tokens} tokens.`;
  return { variant: variant.name, code: 'request-too-large', text, unreachable: null };
}

/** Which sizes of a load a variant has no measured rate for. */
function sizeUnmeasured(variant: Variant, { sizes }: ServerLoad): Exclusion {
  const table = new ThroughputTable(variant.profile.throughput ?? []);
  const missing = sizes
    .filter(({ inputTokens, outputTokens }) => table.rate(inputTokens, outputTokens) === 0)
    .map(({ inputTokens, outputTokens }) => `${shown(inputTokens)} + ${shown(outputTokens)}`);
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  const text = `No rate above 0 was measured for, or on all sides of, requests of ${missing.slice(0, 3).join(', ')} tokens${more}; none is extrapolated.`;
  return { variant: variant.name, code: 'size-unmeasured', text, unreachable: null };
}

function unreachable(
  variant: Variant,
  targets: Targets,
  { bestMs }: Replica,
  target: 'ttftMs' | 'itlMs',
): Exclusion {
  const targetMs = targets[target]!;
  const label = target === 'ttftMs' ? 'TTFT' : 'ITL';
  const text = `${label} is ${shown(bestMs)} ms with no load, the target is ${shown(targetMs)} ms.`;
  return {
    variant: variant.name,
    code: 'targets-unreachable',
    text,
    unreachable: { target, targetMs, bestMs },
  };
}
