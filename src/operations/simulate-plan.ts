import { unscaledBatchLimit } from '../optimizer/batch-limit.ts';
import { type ResolvedServer, resolveServers } from '../optimizer/catalog.ts';
import type { Registry } from '../registry.ts';
import type { Targets } from '../schemas/fleet.ts';
import type { OptimizeRequest, Plan } from '../schemas/plan.ts';
import {
  type AllocationToSimulate,
  DEFAULT_ITERATIONS,
  MOST_REPLICAS,
  type ServerToSimulate,
  type SimulateRequest,
} from '../schemas/simulation.ts';
import {
  aimedAt,
  type PlanSimulated,
  type ServerSimulated,
  type SimulatedLatency,
  SKIPPED,
  type SkippedCode,
  type StationSimulated,
} from '../schemas/simulation-answer.ts';
import { CURVE } from '../simulator/distribution.ts';
import type { Progress } from './operation.ts';
import { optimizeRequest } from './optimize-request.ts';
import { type Course, type SharingReplicas, simulateReplicas } from './simulate-station.ts';

/** A server of a plan, with the replicas that share its load; or why it is not simulated. */
interface ServerToRun {
  readonly resolved: ResolvedServer;
  readonly planned: ServerToSimulate | Plan['servers'][number];
  readonly setting: readonly SharingReplicas[] | SkippedCode;
}

/**
 * Simulates every server of a plan under its load, each on its own. The request is valid.
 *
 * @throws when the fleet's solver is to be loaded and has not been: await `loadFor` first
 * @returns the answer, and the plan where it was made here
 */
export function simulatePlan(
  fleet: OptimizeRequest,
  { plan: given, ...course }: SimulateRequest,
  registry: Registry,
  progress?: Progress,
): { readonly answer: PlanSimulated; readonly plan?: Plan } {
  const plan = given ? undefined : optimizeRequest(fleet, registry);
  const planned = new Map(
    (given ?? plan!).servers.map((server: ServerToRun['planned']) => [server.name, server]),
  );
  const servers = resolveServers(fleet).flatMap((resolved): ServerToRun[] => {
    const server = planned.get(resolved.server.name);
    return server ? [{ resolved, planned: server, setting: settingOf(resolved, server) }] : [];
  });
  const running = servers.filter(({ setting }) => typeof setting !== 'string').length;
  // Shared out evenly, so that what one server is answered does not depend on how long another took.
  const iterations = Math.ceil((course.iterations ?? DEFAULT_ITERATIONS) / Math.max(1, running));
  let done = 0;
  const answered = servers.map((server) => {
    const simulated = simulateServer(server, { ...course, iterations }, (share) =>
      progress?.((done + share) / running),
    );
    if (simulated) done++;
    return serverAnswer(server, simulated);
  });
  return { answer: { servers: answered }, ...(plan && { plan }) };
}

function simulateServer(
  { resolved, setting }: ServerToRun,
  course: Course,
  progress: Progress,
): StationSimulated | null {
  if (typeof setting === 'string') return null;
  const { requestsPerSec, sizes } = resolved.load!;
  // A histogram tells how long requests are; means do not.
  const isHistogram = resolved.server.load?.sizes !== undefined;
  const lengths =
    course.lengths ?? (isHistogram ? { kind: 'empirical' as const, sizes: [...sizes] } : undefined);
  const { ttftPercentile, itlPercentile } = resolved.targets;
  // Both may be the same, and the curve has the usual ones.
  const further = [...new Set([ttftPercentile, itlPercentile])].filter(
    (share) => share !== undefined && !CURVE.some((told) => told === share),
  ) as number[];
  const own = { ...course, ...(lengths && { lengths }) };
  return simulateReplicas(own, setting, requestsPerSec, further, progress);
}

function settingOf(
  resolved: ResolvedServer,
  { allocations }: Pick<ServerToSimulate, 'allocations'>,
): readonly SharingReplicas[] | SkippedCode {
  const { load } = resolved;
  if (!load) return 'load-unknown';
  if (load.requestsPerSec === 0 || load.outputTokens === 0) return 'no-load';
  const shares = allocations.every(({ loadFraction }) => typeof loadFraction === 'number');
  const sharing: SharingReplicas[] = [];
  for (const allocation of allocations) {
    const { replicas } = allocation;
    const share = shares ? allocation.loadFraction! : replicas;
    if (share === 0 || replicas === 0) continue;
    const station = stationOf(resolved, allocation);
    if (!station) return 'model-unknown';
    sharing.push({ station, replicas, share });
  }
  if (sharing.length === 0) return 'nothing-allocated';
  const replicas = sharing.reduce((sum, pool) => sum + pool.replicas, 0);
  return replicas > MOST_REPLICAS ? 'too-many-replicas' : sharing;
}

/** One replica as it is run; undefined: how it performs is not known. */
function stationOf(
  { server, variants, load }: ResolvedServer,
  { variant, maxBatchSize }: AllocationToSimulate,
): SharingReplicas['station'] | undefined {
  const profile = variants.find(({ name }) => name === variant)?.profile;
  const { serviceTime, maxBatchTokens, kvCacheTokens } = profile ?? {};
  if (!profile || !serviceTime) return undefined;
  const { alphaMs, betaMsPerToken, gammaMsPerToken2 } = serviceTime;
  if (alphaMs + betaMsPerToken + gammaMsPerToken2 === 0) return undefined;
  const { inputTokens, outputTokens, cachedInputTokens } = load!;
  return {
    serviceTime,
    maxBatchSize: maxBatchSize ?? unscaledBatchLimit(server, profile, inputTokens + outputTokens),
    inputTokens,
    outputTokens,
    cachedInputTokens,
    ...(server.maxQueueLength !== undefined && { maxQueueLength: server.maxQueueLength }),
    ...(maxBatchTokens !== undefined && { maxBatchTokens }),
    ...(kvCacheTokens !== undefined && { kvCacheTokens }),
  };
}

function serverAnswer(
  { resolved, planned, setting }: ServerToRun,
  simulated: StationSimulated | null,
): ServerSimulated {
  const { server, load, targets } = resolved;
  return {
    name: server.name,
    requestsPerSec: load?.requestsPerSec ?? null,
    simulated,
    skipped: typeof setting === 'string' ? { code: setting, text: SKIPPED[setting] } : null,
    predicted: planned.predicted ?? null,
    targets: {
      ttftMs: targets.ttftMs || null,
      ttftPercentile: (targets.ttftMs && targets.ttftPercentile) || null,
      itlMs: targets.itlMs || null,
      itlPercentile: (targets.itlMs && targets.itlPercentile) || null,
      e2eMs: targets.e2eMs || null,
    },
    withinTargets: simulated && isWithin(simulated, targets),
  };
}

function isWithin({ status, ttftMs, itlMs, responseMs }: StationSimulated, targets: Targets): boolean {
  // A latency of which nothing was seen is not within a target.
  const meets = (latency: SimulatedLatency | null, target: number | undefined, percentile?: number) => {
    const seen = latency && aimedAt(latency, percentile);
    return !target || (typeof seen === 'number' && seen <= target);
  };
  // Requests of one token each have no gaps.
  const hasGaps = itlMs?.mean !== null;
  return (
    status === 'stable' &&
    meets(ttftMs, targets.ttftMs, targets.ttftPercentile) &&
    (!hasGaps || meets(itlMs, targets.itlMs, targets.itlPercentile)) &&
    meets(responseMs, targets.e2eMs)
  );
}
