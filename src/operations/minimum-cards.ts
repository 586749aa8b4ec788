import { nodesThatHold } from '../optimizer/node-packing.ts';
import type { Registry } from '../registry.ts';
import type { Accelerator, Capacity, NodeGroup } from '../schemas/accelerator.ts';
import type { Server } from '../schemas/fleet.ts';
import type { CardPoint, MinimumCards, MinimumCardsRequest } from '../schemas/minimum-cards.ts';
import type { OptimizeRequest, Plan } from '../schemas/plan.ts';
import { loadFor, optimizeRequest } from './optimize-request.ts';

/** It asks what is needed, not what is quick. */
const DEFAULT_SOLVER = 'milp';

/** With a type asked for, costs only decide between plans of as many cards: all of them together weigh less than one card. */
const WEIGHT_OF_COSTS = 1e-3;

/** As many cards as nobody has. */
const ANY_NUMBER = 10_000_000;

type Found = Omit<CardPoint, 'loadFactor' | 'targetFactor'>;

/** Loads what the request's solver solves with. */
export function loadForCards(request: MinimumCardsRequest, registry: Registry): Promise<void> {
  return loadFor(pricedRequest(request), registry);
}

/**
 * The least cards that serve a fleet in full, and the curve over a sweep: the fleet optimized with the price of its cards as its
 * cost, nothing running that could stay, and no limit on what is asked for.
 */
export function minimumCards(request: MinimumCardsRequest, registry: Registry): MinimumCards {
  const { loadFactor, targetFactor } = request.sweep ?? {};
  const points =
    loadFactor?.map((factor) => ({ loadFactor: factor, ...cardsFor(withLoad(request, factor), registry) })) ??
    targetFactor?.map((factor) => ({
      targetFactor: factor,
      ...cardsFor(withTargets(request, factor), registry),
    }));
  return { ...cardsFor(request, registry), ...(points && { points }) };
}

function cardsFor(request: MinimumCardsRequest, registry: Registry): Found {
  const plan = optimizeRequest(pricedRequest(request), registry);
  const proven = plan.solver.termination === 'optimal' && (plan.solver.gapFraction ?? 0) === 0;
  const shortfalls = plan.servers.flatMap(({ name, shortfall }) =>
    shortfall ? [{ server: name, code: shortfall.code, text: shortfall.text }] : [],
  );
  if (plan.status !== 'complete') {
    return { status: 'unservable', capacity: null, costPerHour: null, proven, shortfalls };
  }
  const decided = plan.cards.filter(({ type }) => request.type === undefined || type === request.type);
  const capacity = Object.fromEntries(decided.map(({ type, used }) => [type, used]));
  const nodes = nodesFor(
    plan,
    request,
    decided.map(({ type }) => type),
  );
  const costPerHour =
    request.type === undefined
      ? decided.reduce((sum, { type, used }) => sum + used * priceOf(request, type), 0)
      : costOf(plan, request);
  return { status: 'found', capacity, ...(nodes && { nodes }), costPerHour, proven, shortfalls };
}

/** The request to `/optimize` whose best plan takes the least cards. */
function pricedRequest(request: MinimumCardsRequest): OptimizeRequest {
  const { type, prices: _, sweep: __, ...fleet } = request;
  const types = [...new Set(fleet.accelerators.map((accelerator) => accelerator.type))];
  const open = type === undefined ? types : [type];
  return {
    ...fleet,
    solver: fleet.solver ?? DEFAULT_SOLVER,
    accelerators: fleet.accelerators.map((accelerator) => ({
      ...accelerator,
      costPerHour: priced(accelerator, request),
    })),
    capacity: openCapacity(fleet.capacity ?? {}, open),
    servers: fleet.servers.map(asNew),
  };
}

function priced({ type, cards = 1, costPerHour }: Accelerator, request: MinimumCardsRequest): number {
  if (request.type === undefined) return cards * priceOf(request, type);
  const highest = Math.max(1, ...request.accelerators.map((accelerator) => accelerator.costPerHour));
  const all = highest * ANY_NUMBER;
  return (type === request.type ? cards : 0) + (WEIGHT_OF_COSTS * costPerHour) / all;
}

function priceOf({ prices = {}, accelerators }: MinimumCardsRequest, type: string): number {
  if (Object.hasOwn(prices, type)) return prices[type];
  const perCard = accelerators
    .filter((accelerator) => accelerator.type === type)
    .map(({ costPerHour, cards = 1 }) => costPerHour / cards);
  return perCard.length > 0 ? Math.min(...perCard) : 0;
}

/** Without a limit on the types that are asked for; a replica must still fit one of their nodes. */
function openCapacity(capacity: Capacity, open: readonly string[]): Capacity {
  return Object.fromEntries(
    Object.entries(capacity).flatMap(([type, limit]) => {
      if (!open.includes(type)) return [[type, limit]];
      const nodes = nodesOf(limit)?.map((group) => ({ ...group, count: 1_000_000 }));
      if (!nodes) return [];
      return [
        [
          type,
          {
            cards: Math.min(
              ANY_NUMBER,
              nodes.reduce((sum, { cards }) => sum + cards * 1_000_000, 0),
            ),
            nodes,
          },
        ],
      ];
    }),
  );
}

function nodesOf(limit: Capacity[string] | undefined): readonly NodeGroup[] | undefined {
  return typeof limit === 'object' ? limit.nodes : undefined;
}

/** What runs has no say, but for what is pinned to it or of unknown load. */
function asNew({ current, ...server }: Server): Server {
  const isKept = server.pinVariant || (server.load === null && !server.loads);
  return isKept && current
    ? { ...server, current: current.map(({ costPerHour: _, ...rest }) => rest) }
    : server;
}

/** For the types whose nodes are named, how many of the largest of them hold the replicas of a plan; null: none are named. */
function nodesFor(
  plan: Plan,
  request: MinimumCardsRequest,
  types: readonly string[],
): Record<string, NodeGroup[]> | null {
  const held = replicasOf(plan, request);
  const named = types.flatMap((type): [string, NodeGroup[]][] => {
    const nodes = nodesOf(request.capacity?.[type]);
    if (!nodes) return [];
    const cards = nodes.reduce((most, node) => Math.max(most, node.cards), 0);
    const sizes = new Map<number, number>();
    for (const { accelerator, accelerators, replicas } of held) {
      if (accelerator.type !== type) continue;
      const size = accelerators * (accelerator.cards ?? 1);
      sizes.set(size, (sizes.get(size) ?? 0) + replicas);
    }
    return [[type, [{ cards, count: nodesThatHold(sizes, cards) }]]];
  });
  return named.length > 0 ? Object.fromEntries(named) : null;
}

function costOf(plan: Plan, request: MinimumCardsRequest): number {
  return replicasOf(plan, request).reduce(
    (sum, { accelerator, accelerators, replicas }) => sum + replicas * accelerators * accelerator.costPerHour,
    0,
  );
}

/** What a plan has, by its own price lists. */
function replicasOf(plan: Plan, { accelerators, models, servers }: MinimumCardsRequest) {
  const byName = new Map(accelerators.map((accelerator) => [accelerator.name, accelerator]));
  const profiles = new Map(models.map(({ name, profiles: ofModel }) => [name, ofModel]));
  const modelOf = new Map(servers.map(({ name, model }) => [name, model]));
  return plan.servers.flatMap(({ name, allocations }) =>
    allocations.flatMap(({ variant, accelerator: ofName, replicas }) => {
      const accelerator = byName.get(ofName ?? '');
      if (!accelerator) return [];
      const profile = profiles
        .get(modelOf.get(name)!)!
        .find((entry) => (entry.variant ?? entry.accelerator) === variant);
      return [{ accelerator, accelerators: profile?.acceleratorsPerReplica ?? 1, replicas }];
    }),
  );
}

function withLoad(request: MinimumCardsRequest, factor: number): MinimumCardsRequest {
  const servers = request.servers.map(({ load, loads, ...server }) => ({
    ...server,
    ...(load !== undefined && { load: load && { ...load, requestsPerSec: factor * load.requestsPerSec } }),
    ...(loads && {
      loads: loads.map((entry) => ({ ...entry, requestsPerSec: factor * entry.requestsPerSec })),
    }),
  }));
  return { ...request, servers };
}

function withTargets(request: MinimumCardsRequest, factor: number): MinimumCardsRequest {
  const serviceClasses = request.serviceClasses.map((serviceClass) => ({
    ...serviceClass,
    targets: serviceClass.targets.map(({ ttftMs, itlMs, e2eMs, ...target }) => ({
      ...target,
      ...(ttftMs !== undefined && { ttftMs: factor * ttftMs }),
      ...(itlMs !== undefined && { itlMs: factor * itlMs }),
      ...(e2eMs !== undefined && { e2eMs: factor * e2eMs }),
    })),
  }));
  return { ...request, serviceClasses };
}
