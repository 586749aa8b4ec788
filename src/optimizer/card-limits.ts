import type { NodeGroup } from '../schemas/accelerator.ts';
import type { Fleet, Quota } from '../schemas/fleet.ts';
import type { Use } from '../solvers/solver.ts';
import { compareText, type ResolvedServer, type Variant } from './catalog.ts';

/** The places that the nodes of a type have for replicas of one size; larger replicas take them as well. */
interface Places {
  readonly limit: number;
  /** Cards. */
  readonly size: number;
}

interface LimitsOfType {
  readonly cards: number;
  readonly largestNode: number;
  readonly places: readonly Places[];
  /** By cards per replica: what a replica counts as when it is placed. */
  readonly placedSize: ReadonlyMap<number, number>;
}

export interface QuotaLimit {
  readonly limit: number;
  readonly type: string;
  readonly serviceClasses: ReadonlySet<string>;
  readonly servers: ReadonlySet<string>;
}

const NO_USES: readonly Use[] = [];

/**
 * What is scarce in a fleet, as linear limits on cards: capacity by type, quotas, and the nodes. Where the sizes of replicas divide one
 * another (1, 2, 4, 8) they pack onto nodes exactly when, for each size k, Σ cards of the replicas of at least k ≤ k · Σ ⌊cards of
 * the node / k⌋: placed from the largest down, what lies on a node is always a multiple of k. Other sizes count as larger ones that
 * do, so that plans always pack, but some that pack are not looked at.
 */
export class CardLimits {
  /** Cards that each limit has. */
  readonly most: number[] = [];
  readonly #types = new Map<string, LimitsOfType>();
  readonly #quotas: QuotaLimit[] = [];
  /** What all servers without a quota share, by type and cards per replica. */
  readonly #shared = new Map<string, Map<number, readonly Use[]>>();

  constructor(fleet: Fleet, servers: readonly ResolvedServer[]) {
    const sizes = new Map<string, Set<number>>();
    for (const variants of new Set(servers.map((server) => server.variants))) {
      for (const { accelerator, cardsPerReplica } of variants) {
        sizes.set(accelerator.type, (sizes.get(accelerator.type) ?? new Set()).add(cardsPerReplica));
      }
    }
    // In an order of our own: whatever the order of the entries, the solver sees the same problem.
    const types = Object.entries(fleet.capacity ?? {}).sort(([a], [b]) => compareText(a, b));
    for (const [type, capacity] of types) {
      const { cards, nodes } =
        typeof capacity === 'object' ? capacity : { cards: capacity, nodes: undefined };
      this.#types.set(type, this.#ofType(cards, nodes, [...(sizes.get(type) ?? [])]));
    }
    for (const { type, cards, serviceClasses = [], servers: named = [] } of inOrder(fleet.quotas ?? [])) {
      const limit = this.most.push(cards) - 1;
      this.#quotas.push({ limit, type, serviceClasses: new Set(serviceClasses), servers: new Set(named) });
    }
  }

  /** What one replica of a variant takes of the limits when the server has it. */
  usesOf(
    { server, serviceClasses }: ResolvedServer,
    { accelerator: { type }, cardsPerReplica }: Variant,
  ): readonly Use[] {
    const shared = this.#sharedUses(type, cardsPerReplica);
    if (this.#quotas.length === 0) return shared;
    const quotas = this.#quotas.filter(
      (quota) =>
        quota.type === type &&
        (quota.servers.has(server.name) || serviceClasses.some((name) => quota.serviceClasses.has(name))),
    );
    if (quotas.length === 0) return shared;
    return [...shared, ...quotas.map(({ limit }) => ({ limit, perReplica: cardsPerReplica }))];
  }

  /** Cards of the largest node of a type; Infinity: nodes do not matter. */
  largestNode(type: string): number {
    return this.#types.get(type)?.largestNode ?? Number.POSITIVE_INFINITY;
  }

  /** What one more card of a type adds to the limits: where its nodes matter, one more node of the largest kind. */
  oneMore(type: string): { readonly cards: number; readonly added: ReadonlyMap<number, number> } {
    const limits = this.#types.get(type);
    if (!limits) return { cards: 1, added: new Map() };
    const { cards: limit, largestNode, places } = limits;
    const cards = Number.isFinite(largestNode) ? Math.max(1, largestNode) : 1;
    const inPlaces = places.map(({ limit: place, size }): [number, number] => [
      place,
      size * Math.floor(cards / size),
    ]);
    return { cards, added: new Map([[limit, cards], ...inPlaces]) };
  }

  /** The quotas, in their order, with the index of the limit of each. */
  get quotas(): readonly QuotaLimit[] {
    return this.#quotas;
  }

  #sharedUses(type: string, cardsPerReplica: number): readonly Use[] {
    const limits = this.#types.get(type);
    if (!limits) return NO_USES;
    let bySize = this.#shared.get(type);
    if (!bySize) {
      bySize = new Map();
      this.#shared.set(type, bySize);
    }
    let uses = bySize.get(cardsPerReplica);
    if (!uses) {
      const placed = limits.placedSize.get(cardsPerReplica) ?? cardsPerReplica;
      uses = [
        { limit: limits.cards, perReplica: cardsPerReplica },
        ...limits.places
          .filter(({ size }) => size <= placed)
          .map(({ limit }) => ({ limit, perReplica: placed })),
      ];
      bySize.set(cardsPerReplica, uses);
    }
    return uses;
  }

  #ofType(cards: number, nodes: readonly NodeGroup[] | undefined, sizes: readonly number[]): LimitsOfType {
    const limit = this.most.push(cards) - 1;
    if (!nodes) {
      return {
        cards: limit,
        largestNode: Number.POSITIVE_INFINITY,
        places: [],
        placedSize: new Map(),
      };
    }
    const largestNode = nodes.reduce((most, node) => (node.count > 0 ? Math.max(most, node.cards) : most), 0);
    const placedSize = dividing(sizes, nodes);
    const places = [...new Set(placedSize.values())].map((size) => ({
      size,
      limit: this.most.push(size * placesFor(size, nodes)) - 1,
    }));
    return { cards: limit, largestNode, places, placedSize };
  }
}

/** By type, then by whom they bind. */
function inOrder(quotas: readonly Quota[]): Quota[] {
  const members = (names: readonly string[] = []) => [...names].sort(compareText);
  const keyOf = ({ type, cards, serviceClasses, servers }: Quota) =>
    JSON.stringify([type, members(serviceClasses), members(servers), cards]);
  return quotas
    .map((quota) => ({ quota, key: keyOf(quota) }))
    .sort((a, b) => compareText(a.key, b.key))
    .map(({ quota }) => quota);
}

/**
 * What each size counts as: the least that is as large and that the next smaller one divides. A smaller one counts as the next larger
 * where no size alone then has fewer places on the nodes, and some have more.
 */
function dividing(sizes: readonly number[], nodes: readonly NodeGroup[]): Map<number, number> {
  const ascending = [...sizes].sort((a, b) => a - b);
  let chain: readonly number[] = ascending;
  let placed = placedBy(chain, ascending);
  for (let at = chain.length - 2; at >= 0; at--) {
    const shorter = [...chain.slice(0, at), ...chain.slice(at + 1)];
    const others = placedBy(shorter, ascending);
    const more = ascending.map((_, i) => placesFor(others[i], nodes) - placesFor(placed[i], nodes));
    if (more.some((one) => one < 0) || more.every((one) => one === 0)) continue;
    chain = shorter;
    placed = others;
  }
  return new Map(ascending.map((size, i) => [size, placed[i]]));
}

/** By size, what it counts as where these count as multiples of one another. */
function placedBy(chain: readonly number[], sizes: readonly number[]): number[] {
  let smaller = 1;
  const multiples = chain.map((size) => {
    smaller = Math.ceil(size / smaller) * smaller;
    return smaller;
  });
  return sizes.map((size) => multiples[chain.findIndex((one) => one >= size)]);
}

/** How many replicas of a size the nodes hold. */
function placesFor(size: number, nodes: readonly NodeGroup[]): number {
  return nodes.reduce((sum, { count, cards }) => sum + count * Math.floor(cards / size), 0);
}
