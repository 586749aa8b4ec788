import { Faults, isNumber, isObject, isText, type Json } from './fault-list.ts';
import type { InputFault } from './faults.ts';

/** Faults of meaning of the plan of a simulation: names that its fleet does not have, replicas without a share of the load. */
export function simulatedPlanFaults(request: unknown): InputFault[] {
  const faults = new Faults();
  if (!isObject(request) || !isObject(request.plan) || !isObject(request.fleet)) return [];
  const { servers } = request.plan;
  const modelOf = new Map(named(request.fleet.servers).map(({ name, model }) => [name, model]));
  const variantsOf = new Map(
    named(request.fleet.models).map(({ name, profiles }) => [name, variantNames(profiles)]),
  );
  const known = [...modelOf.keys()] as string[];
  const first = new Map<string, number>();
  for (const [i, server] of (Array.isArray(servers) ? servers : []).entries()) {
    if (!isObject(server) || !isText(server.name)) continue;
    const path = `/plan/servers/${i}`;
    const earlier = first.get(server.name);
    if (earlier === undefined) first.set(server.name, i);
    else
      faults.add(
        `${path}/name`,
        `repeats the server ${JSON.stringify(server.name)} of /plan/servers/${earlier}`,
      );
    if (!modelOf.has(server.name)) {
      faults.dangling(`${path}/name`, 'the server', server.name, known);
      continue;
    }
    checkAllocations(server.allocations, variantsOf.get(modelOf.get(server.name)), path, faults);
  }
  return faults.found;
}

function checkAllocations(
  allocations: unknown,
  variants: readonly string[] | undefined,
  path: string,
  faults: Faults,
): void {
  const list = (Array.isArray(allocations) ? allocations : []).map((entry: unknown) =>
    isObject(entry) ? entry : {},
  );
  for (const [i, { variant, accelerator, replicas, loadFraction }] of list.entries()) {
    const at = `${path}/allocations/${i}`;
    // A plan tells of what runs without a profile that it has no accelerator.
    if (variants && isText(variant) && !variants.includes(variant) && accelerator !== null) {
      faults.dangling(`${at}/variant`, 'the variant', variant, variants);
    }
    if (isNumber(loadFraction) && loadFraction > 0 && replicas === 0) {
      faults.add(`${at}/replicas`, `must be at least 1, for a load fraction of ${loadFraction}; it is 0`);
    }
  }
}

function named(list: unknown): Json[] {
  return (Array.isArray(list) ? list : []).filter((entry) => isObject(entry) && isText(entry.name));
}

function variantNames(profiles: unknown): string[] {
  return (Array.isArray(profiles) ? profiles : []).flatMap((profile: unknown) => {
    const name = isObject(profile) ? (profile.variant ?? profile.accelerator) : undefined;
    return isText(name) ? [name] : [];
  });
}
