import { loadOf } from '../optimizer/load.ts';
import type { Server, Targets } from '../schemas/fleet.ts';
import type { ServiceTime } from '../schemas/model.ts';
import type { OptimizeRequest, Plan } from '../schemas/plan.ts';
import type { ServerPlan } from '../schemas/server-plan.ts';
import { keyOf, type ServiceTimes } from './learning.ts';
import type { RunningReplicas, Wish } from './policy.ts';

/** The load that a plan is made for. */
export interface PlannedLoad {
  readonly requestsPerSec: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The optimizer, told of the fleet what a policy believes. */
export class Planner {
  readonly #fleet: OptimizeRequest;
  readonly #optimize: (request: OptimizeRequest) => Plan;

  /**
   * @param optimize answers a valid request
   * @param modelFactor what the service times are taken to be, over what they are
   * @param headroomFraction by how much tighter targets on latency are made
   */
  constructor(
    fleet: OptimizeRequest,
    optimize: (request: OptimizeRequest) => Plan,
    modelFactor: number,
    headroomFraction: number,
  ) {
    this.#fleet = believed(fleet, modelFactor, 1 - headroomFraction);
    this.#optimize = optimize;
  }

  /**
   * What each server is to run, in the order of the fleet; `loads` and `running` are in that order too.
   *
   * @param learnt service times that take the place of what was believed
   */
  plan(
    loads: readonly PlannedLoad[],
    running: readonly (readonly RunningReplicas[])[],
    learnt?: ServiceTimes,
  ): Wish[] {
    const fleet = learnt ? withServiceTimes(this.#fleet, learnt) : this.#fleet;
    const servers = this.#fleet.servers.map((server, i) => ({
      ...withLoad(server, loads[i]),
      current: currentOf(running[i]),
    }));
    return this.#wishes(this.#optimize({ ...fleet, servers }), running);
  }

  /** The plan for the fleet as its file has it. */
  planAsItStands(): Wish[] {
    return this.#wishes(this.#optimize(this.#fleet), []);
  }

  /** What service times are taken to be. */
  get believed(): ServiceTimes {
    return new Map(
      this.#fleet.models.flatMap(({ name, profiles }) =>
        profiles.flatMap(({ variant, accelerator, serviceTime }) =>
          serviceTime ? [[keyOf(name, variant ?? accelerator), serviceTime] as const] : [],
        ),
      ),
    );
  }

  #wishes(plan: Plan, running: readonly (readonly RunningReplicas[])[]): Wish[] {
    const plans = new Map(plan.servers.map((server) => [server.name, server]));
    return this.#fleet.servers.map(({ name }, i) => wishOf(plans.get(name)!, running[i] ?? []));
  }
}

function wishOf({ allocations, servedFraction }: ServerPlan, running: readonly RunningReplicas[]): Wish {
  // A plan that can do nothing for a server, of wrong beliefs or for want of cards, is no reason to stop what serves it.
  if (allocations.length === 0 && servedFraction < 1) return running;
  return allocations.map(({ variant, replicas, maxBatchSize }) => ({
    variant,
    replicas,
    // Without a limit of its own a variant keeps the one that it runs with.
    maxBatchSize: maxBatchSize ?? running.find((kind) => kind.variant === variant)?.maxBatchSize ?? 256,
  }));
}

/** By variant; with several batch limits that of the newest, which the others are about to give way to. */
function currentOf(running: readonly RunningReplicas[]) {
  const byVariant = new Map<string, RunningReplicas>();
  for (const kind of running) {
    const before = byVariant.get(kind.variant);
    byVariant.set(kind.variant, {
      ...kind,
      replicas: kind.replicas + (before?.replicas ?? 0),
      startingReplicas: kind.startingReplicas + (before?.startingReplicas ?? 0),
    });
  }
  return [...byVariant.values()];
}

/** A server with another load: several classes keep their shares of it, and a prompt its cached share. */
function withLoad(server: Server, { requestsPerSec, inputTokens, outputTokens }: PlannedLoad): Server {
  const before = loadOf(server);
  const cachedShare = before && before.inputTokens > 0 ? before.cachedInputTokens / before.inputTokens : 0;
  const tokens = { inputTokens, outputTokens, cachedInputTokens: cachedShare * inputTokens };
  if (!server.loads) return { ...server, load: { requestsPerSec, ...tokens } };
  const all = server.loads.reduce((sum, entry) => sum + entry.requestsPerSec, 0);
  const shareOf = (rate: number) => (all > 0 ? rate / all : 1 / server.loads!.length);
  const loads = server.loads.map((entry) => ({
    serviceClass: entry.serviceClass,
    requestsPerSec: requestsPerSec * shareOf(entry.requestsPerSec),
    ...tokens,
  }));
  return { ...server, loads };
}

function withServiceTimes(fleet: OptimizeRequest, learnt: ServiceTimes): OptimizeRequest {
  return {
    ...fleet,
    models: fleet.models.map((model) => ({
      ...model,
      profiles: model.profiles.map((profile) => {
        const serviceTime = learnt.get(keyOf(model.name, profile.variant ?? profile.accelerator));
        return serviceTime ? { ...profile, serviceTime } : profile;
      }),
    })),
  };
}

/** What a policy takes the fleet to be. */
function believed(fleet: OptimizeRequest, modelFactor: number, targetFactor: number): OptimizeRequest {
  return {
    ...fleet,
    explain: false,
    models: fleet.models.map((model) => ({
      ...model,
      profiles: model.profiles.map((profile) => ({
        ...profile,
        ...(profile.serviceTime && { serviceTime: scaled(profile.serviceTime, modelFactor) }),
      })),
    })),
    serviceClasses: fleet.serviceClasses.map((serviceClass) => ({
      ...serviceClass,
      targets: serviceClass.targets.map((targets) => tightened(targets, targetFactor)),
    })),
  };
}

/** Every term is a time, but for these. */
const NO_TIMES = ['law', 'residualIterations', 'batchExponent', 'kneeTokens'];

function scaled(serviceTime: ServiceTime, factor: number): ServiceTime {
  const entries = Object.entries(serviceTime).map(([name, value]) => {
    return [name, NO_TIMES.includes(name) ? value : factor * Number(value)];
  });
  return Object.fromEntries(entries);
}

function tightened<T extends Targets>(targets: T, factor: number): T {
  const { ttftMs, itlMs, e2eMs } = targets;
  return {
    ...targets,
    ...(ttftMs !== undefined && { ttftMs: factor * ttftMs }),
    ...(itlMs !== undefined && { itlMs: factor * itlMs }),
    ...(e2eMs !== undefined && { e2eMs: factor * e2eMs }),
  };
}
