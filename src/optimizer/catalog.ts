import type { Accelerator } from '../schemas/accelerator.ts';
import type { Fleet, Profile, Server, ServiceClass, Targets } from '../schemas/fleet.ts';

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
  readonly priority: number;
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
      const { priority, targets } = classes.get(server.serviceClass)!;
      return { server, priority, targets: targets.get(server.model)!, variants: variants.get(server.model)! };
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

function byAcceleratorThenName(a: Variant, b: Variant): number {
  return compareText(a.accelerator.name, b.accelerator.name) || compareText(a.name, b.name);
}

/** By code units: the same order on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
