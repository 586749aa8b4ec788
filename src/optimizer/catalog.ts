import type { Accelerator } from '../schemas/accelerator.ts';
import type { Fleet, Server, ServiceClass, Targets } from '../schemas/fleet.ts';
import type { Profile } from '../schemas/model.ts';
import { loadOf, type ServerLoad } from './load.ts';

/** A way to run a model: a profile with its accelerator, per replica. */
export interface Variant {
  readonly name: string;
  readonly profile: Profile;
  readonly accelerator: Accelerator;
  readonly acceleratorsPerReplica: number;
  readonly cardsPerReplica: number;
  readonly costPerReplicaHour: number;
}

/** A server with what its names stand for. */
export interface ResolvedServer {
  readonly server: Server;
  /** null: unknown. */
  readonly load: ServerLoad | null;
  /** One, or those that share it. */
  readonly serviceClasses: readonly string[];
  /** Of the highest of its classes. */
  readonly priority: number;
  /** The strictest of those of its classes. */
  readonly targets: Targets;
  /** In the order of accelerator names, then of their own. */
  readonly variants: readonly Variant[];
}

/**
 * Resolves the names of a fleet that is valid (see schemas/fleet-meaning.ts).
 *
 * @returns its servers in the order of their names
 */
export function resolveServers(fleet: Fleet): ResolvedServer[] {
  const accelerators = new Map(fleet.accelerators.map((accelerator) => [accelerator.name, accelerator]));
  const variants = new Map(
    fleet.models.map(({ name, profiles }) => [
      name,
      profiles
        .map((profile) => variantOf(profile, accelerators.get(profile.accelerator)!))
        .sort(byAcceleratorThenName),
    ]),
  );
  const classes = new Map(
    fleet.serviceClasses.map((serviceClass) => [serviceClass.name, indexTargets(serviceClass)]),
  );
  return fleet.servers
    .map((server) => {
      const serviceClasses = server.loads?.map(({ serviceClass }) => serviceClass) ?? [server.serviceClass!];
      const own = serviceClasses.map((name) => classes.get(name)!);
      return {
        server,
        load: loadOf(server),
        serviceClasses,
        priority: Math.min(...own.map(({ priority }) => priority)),
        targets: strictest(own.map(({ targets }) => targets.get(server.model)!)),
        variants: variants.get(server.model)!,
      };
    })
    .sort((a, b) => compareText(a.server.name, b.server.name));
}

function variantOf(profile: Profile, accelerator: Accelerator): Variant {
  const acceleratorsPerReplica = profile.acceleratorsPerReplica ?? 1;
  return {
    name: profile.variant ?? profile.accelerator,
    profile,
    accelerator,
    acceleratorsPerReplica,
    cardsPerReplica: (accelerator.cards ?? 1) * acceleratorsPerReplica,
    costPerReplicaHour: accelerator.costPerHour * acceleratorsPerReplica,
  };
}

function indexTargets({ priority, targets }: ServiceClass) {
  return { priority, targets: new Map<string, Targets>(targets.map((entry) => [entry.model, entry])) };
}

function strictest(targets: readonly Targets[]): Targets {
  if (targets.length === 1) return targets[0];
  const least = (of: (targets: Targets) => number | undefined) =>
    Math.min(...targets.map((one) => of(one) || Number.POSITIVE_INFINITY));
  const [ttftMs, itlMs, e2eMs] = [
    least((one) => one.ttftMs),
    least((one) => one.itlMs),
    least((one) => one.e2eMs),
  ];
  // Of a mean and a percentile, the percentile; 0: nobody names one.
  const ttftPercentile = Math.max(...targets.map((one) => (one.ttftMs && one.ttftPercentile) || 0));
  const itlPercentile = Math.max(...targets.map((one) => (one.itlMs && one.itlPercentile) || 0));
  return {
    ...(Number.isFinite(ttftMs) && { ttftMs }),
    ...(ttftPercentile > 0 && { ttftPercentile }),
    ...(Number.isFinite(itlMs) && { itlMs }),
    ...(itlPercentile > 0 && { itlPercentile }),
    ...(Number.isFinite(e2eMs) && { e2eMs }),
    minTokensPerSec: Math.max(...targets.map(({ minTokensPerSec = 0 }) => minTokensPerSec)),
  };
}

function byAcceleratorThenName(a: Variant, b: Variant): number {
  return compareText(a.accelerator.name, b.accelerator.name) || compareText(a.name, b.name);
}

/** By code units: the same order on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
