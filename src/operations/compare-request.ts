import type { Registry } from '../registry.ts';
import type { ComparedRun, CompareRequest, CompareRun, Comparison } from '../schemas/comparison.ts';
import type { OptimizeRequest, Plan } from '../schemas/plan.ts';
import { loadFor, optimizeRequest, strategiesOf } from './optimize-request.ts';

/** Loads what any of the solvers solves with. */
export async function loadForRuns(request: CompareRequest, registry: Registry): Promise<void> {
  await Promise.all(request.runs.map((run) => loadFor(requestOf(request, run), registry)));
}

/** Optimizes a fleet in several ways, one after the other. A run that fails leaves the others alone. */
export function compareRequest(request: CompareRequest, registry: Registry): Comparison {
  const runs = request.runs.map((run) => runOf(requestOf(request, run), registry));
  return { servers: request.servers.length, runs };
}

function requestOf(
  { runs: _, ...fleet }: CompareRequest,
  { solver, queueModel }: CompareRun,
): OptimizeRequest {
  return {
    ...fleet,
    ...(solver !== undefined && { solver }),
    ...(queueModel !== undefined && { queueModel }),
  };
}

function runOf(request: OptimizeRequest, registry: Registry): ComparedRun {
  const names = strategiesOf(request, registry);
  const startMs = performance.now();
  try {
    const { status, solver, totals, servers } = optimizeRequest(request, registry);
    return {
      ...names,
      status,
      termination: solver.termination,
      costPerHour: totals.costPerHour,
      objective: solver.objective,
      servedInFull: totals.servedInFull,
      unserved: servers.reduce((sum, { servedFraction }) => sum + (1 - servedFraction), 0),
      changes: servers.filter(({ change }) => change.kind !== 'none').length,
      gapFraction: solver.gapFraction,
      ...farthestOf(servers),
      elapsedMs: elapsed(startMs),
      error: null,
    };
  } catch {
    return {
      ...names,
      ...NOTHING,
      elapsedMs: elapsed(startMs),
      error: `${names.solver} or ${names.queueModel} failed.`,
    };
  }
}

/** What of a plan lies farthest outside what was observed. */
function farthestOf(servers: Plan['servers']): Pick<ComparedRun, 'extrapolationFraction'> {
  const fractions = servers.flatMap(({ allocations }) =>
    allocations.flatMap(({ extrapolation }) => extrapolation?.fraction ?? []),
  );
  if (fractions.length === 0) return {};
  return { extrapolationFraction: fractions.reduce((most, fraction) => Math.max(most, fraction)) };
}

const NOTHING = {
  status: null,
  termination: null,
  costPerHour: null,
  objective: null,
  servedInFull: null,
  unserved: null,
  changes: null,
  gapFraction: null,
} as const;

function elapsed(startMs: number): number {
  return Math.round(1000 * (performance.now() - startMs)) / 1000;
}
