import { resolveServers } from '../optimizer/catalog.ts';
import type { OptimizeRequest, Plan } from '../schemas/plan.ts';
import type { TuneAnswer, TuneRequest } from '../schemas/tune.ts';
import { Planner } from './planner.ts';
import { POLICIES } from './policies.ts';
import type { PolicyKind } from './policy.ts';
import { runPolicy } from './policy-run.ts';
import { classesOf, type ReplayedServer, replayedServer } from './replayed-server.ts';
import type { ReplayReport, RunReport } from './report.ts';
import type { ReplaySettings } from './settings.ts';
import type { Workload } from './workload.ts';

export interface Replay {
  /** Valid; every profile of a model that is served has its service time, which is the truth. */
  readonly fleet: OptimizeRequest;
  /** Of each server, in the order of the fleet. */
  readonly workloads: readonly Workload[];
  /** How long it lasts; requests that arrived by then are seen to their end. */
  readonly endMs: number;
  readonly settings: ReplaySettings;
  /** What the optimizer takes service times to be, over what they are: each policy is replayed with each. */
  readonly modelFactors: readonly number[];
  readonly seed: number;
  readonly policies?: readonly PolicyKind[];
}

/** What policies work with. */
export interface Tools {
  /** Answers a valid request. */
  readonly optimize: (request: OptimizeRequest) => Plan;
  /** Answers a valid request. */
  readonly tune: (request: TuneRequest) => TuneAnswer;
  /** A monotonic clock, for how long decisions take. */
  readonly nowMs: () => number;
}

/**
 * Replays requests through a fleet under several policies. Pure but for the clock: the same replay gives the same report.
 *
 * @param progress called with the share that is done, 0 … 1
 */
export function replay(
  { fleet, workloads, endMs, settings, modelFactors, seed, policies = POLICIES }: Replay,
  { optimize, tune, nowMs }: Tools,
  progress?: (share: number) => void,
): ReplayReport {
  const servers = serversOf(fleet, workloads, settings);
  const runs: RunReport[] = [];
  const all = modelFactors.length * policies.length;
  for (const modelFactor of modelFactors) {
    const planner = new Planner(fleet, optimize, modelFactor, settings.headroomFraction);
    for (const policy of policies) {
      const done = runs.length;
      const report = (share: number) => progress?.((done + share) / all);
      const setting = { servers, planner, tune, settings, cards: cardsOf(fleet), endMs };
      runs.push(runPolicy(policy, modelFactor, setting, seed, nowMs, report));
    }
  }
  return {
    seed,
    lastsSec: endMs / 1000,
    requests: workloads.reduce((sum, { arrivals }) => sum + arrivals.length, 0),
    settings,
    policies: policies.map(({ name, summary }) => ({ name, summary })),
    runs,
  };
}

function cardsOf({ capacity = {} }: OptimizeRequest): Map<string, number> {
  return new Map(
    Object.entries(capacity).map(([type, limit]) => [type, typeof limit === 'number' ? limit : limit.cards]),
  );
}

function serversOf(
  fleet: OptimizeRequest,
  workloads: readonly Workload[],
  { startupSec }: ReplaySettings,
): ReplayedServer[] {
  const resolved = new Map(resolveServers(fleet).map((entry) => [entry.server.name, entry]));
  return fleet.servers.map((server, i) =>
    replayedServer(resolved.get(server.name)!, classesOf(fleet, server), workloads[i], startupSec),
  );
}
