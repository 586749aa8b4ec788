import { type Aim, takesPart } from './aim.ts';
import type { Prices } from './level-program.ts';
import { isMix } from './mix.ts';
import { searchMixes } from './mix-search.ts';
import type { RoomLeft } from './room-left.ts';
import {
  canBeGiven,
  fullService,
  type Given,
  servedBy,
  serviceOf,
  valueGiven,
  valueOfReplicas,
} from './service.ts';
import type { Assignment, Demand, Mix, Use } from './solver.ts';

/** A way to serve a server, in full or in part. */
export interface Column {
  readonly server: number;
  /** Equal for columns of a server that are the same. */
  readonly key: string;
  readonly given: Assignment | Mix;
  /** Over giving it nothing. */
  readonly value: number;
  /** 0 … 1 */
  readonly served: number;
  /** Of each limit, all its replicas together. */
  readonly takes: readonly Use[];
}

/** The key of giving nothing. */
export const NOTHING = '';

/** What counts: an aim at prices of the limits and of the service held, as if nothing else were scarce. */
export interface PricedAim {
  readonly aim: Aim;
  readonly prices: Prices;
}

export function columnOf(demand: Demand, server: number, given: Assignment | Mix): Column {
  const held = isMix(given)
    ? given.parts.map(({ part, replicas }) => ({ uses: demand.mixing!.parts[part].uses, replicas }))
    : [{ uses: demand.candidates[given.candidate].uses, replicas: given.replicas }];
  const takes = new Map<number, number>();
  for (const { uses, replicas } of held) {
    for (const { limit, perReplica } of uses)
      takes.set(limit, (takes.get(limit) ?? 0) + replicas * perReplica);
  }
  return {
    server,
    key: keyOf(given),
    given,
    value: valueGiven(demand, given) - demand.valueOfNothing,
    served: serviceOf(demand, given),
    takes: [...takes].map(([limit, perReplica]) => ({ limit, perReplica })),
  };
}

export function keyOf(given: Given): string {
  if (!given) return NOTHING;
  return isMix(given)
    ? given.parts.map(({ part, replicas }) => `${part}:${replicas}`).join(' ')
    : `c${given.candidate}:${given.replicas}`;
}

/** What a column costs by an aim, over giving nothing. */
export function costBy(aim: Aim, { priority }: Demand, { value, served }: Column): number {
  if (aim.priority === null) return value;
  return priority === aim.priority ? -served : 0;
}

/** Each candidate in full, and what is given at the start. */
export function firstColumns(demand: Demand, server: number, start: Given, room: RoomLeft): Column[] {
  const full = fullService(demand);
  const alone = demand.candidates.flatMap((candidate, i) => {
    const { replicas } = candidate;
    return servedBy(candidate, replicas) >= full && room.replicasOf(candidate) >= replicas
      ? [columnOf(demand, server, { candidate: i, replicas })]
      : [];
  });
  const isKnown = start && !isMix(start) && alone.some(({ given }) => isSame(given, start));
  return start && !isKnown ? [...alone, columnOf(demand, server, start)] : alone;
}

function isSame(a: Assignment | Mix, b: Assignment): boolean {
  return !isMix(a) && a.candidate === b.candidate && a.replicas === b.replicas;
}

/** The cheapest column of a server. `column` null: nothing is cheaper. */
export interface Cheapest {
  readonly column: Column | null;
  readonly cost: number;
}

/**
 * The cheapest that a server may be given.
 *
 * @param isWhole it must be served as far as it can be
 * @returns null: it is not so easily found
 */
export function cheapestColumn(
  demand: Demand,
  server: number,
  priced: PricedAim,
  isWhole: boolean,
  room: RoomLeft,
): Cheapest | null {
  let found: (() => Assignment | Mix) | null = null;
  let given: Assignment | Mix | null = null;
  let cost = isWhole ? Number.POSITIVE_INFINITY : 0;
  const isAll = eachBelow(demand, priced, cost, isWhole, room, true, (one, its) => {
    found = one;
    given = one();
    cost = its;
    return its;
  });
  if (!isAll) return null;
  return { column: found && given ? columnOf(demand, server, given) : null, cost };
}

/** All that a server may be given for less than a cost; null: too much to list. */
export function columnsBelow(
  demand: Demand,
  server: number,
  priced: PricedAim,
  cost: number,
  isWhole: boolean,
  room: RoomLeft,
  most: number,
): Column[] | null {
  const columns: Column[] = [];
  let isTooMuch = false;
  const isAll = eachBelow(demand, priced, cost, isWhole, room, false, (given) => {
    if (columns.length >= most) {
      isTooMuch = true;
      return Number.NEGATIVE_INFINITY;
    }
    columns.push(columnOf(demand, server, given()));
    return cost;
  });
  return isAll && !isTooMuch ? columns : null;
}

/** Columns of one server without those beside which another serves as much, takes no more of any limit, and costs no more. */
export function outstanding(columns: readonly Column[], aim: Aim, limits: number): Column[] {
  const kept: { readonly column: Column; readonly takes: Float64Array }[] = [];
  const worth = ({ served, value }: Column) => (aim.priority === null ? [served, -value] : [served]);
  const all = columns
    .map((column) => {
      const takes = new Float64Array(limits);
      let sum = 0;
      for (const { limit, perReplica } of column.takes) {
        takes[limit] = perReplica;
        sum += perReplica;
      }
      return { column, takes, sum };
    })
    // What outdoes another takes no more of all limits together.
    .sort((a, b) => a.sum - b.sum || b.column.served - a.column.served || a.column.value - b.column.value);
  for (const one of all) {
    const own = worth(one.column);
    const isOutdone = kept.some(
      ({ column, takes }) =>
        worth(column).every((it, i) => it >= own[i]) && takes.every((its, limit) => its <= one.takes[limit]),
    );
    if (!isOutdone) kept.push(one);
  }
  return kept.map(({ column }) => column);
}

function eachBelow(
  demand: Demand,
  { aim, prices }: PricedAim,
  cost: number,
  isWhole: boolean,
  room: RoomLeft,
  areEndsEnough: boolean,
  found: (given: () => Assignment | Mix, cost: number) => number,
): boolean {
  if (!canBeGiven(demand) || !takesPart(demand, aim)) return true;
  const valueWeight = aim.priority === null ? 1 : 0;
  const reward = (aim.priority === demand.priority ? 1 : 0) + (prices.held.get(demand.priority) ?? 0);
  if (demand.mixing) {
    const tariff = { valueWeight, prices: prices.limits, reward, isWhole };
    return searchMixes(demand.mixing, tariff, cost, room, found);
  }
  const full = fullService(demand);
  let limit = cost;
  for (const [candidate, one] of demand.candidates.entries()) {
    const { staying, replicas: all, requiredReplicas, uses } = one;
    const most = Math.min(all, room.replicasOf(one));
    if (isWhole && (most < all || servedBy(one, all) < full)) continue;
    const cards = uses.reduce((sum, { limit, perReplica }) => sum + perReplica * prices.limits[limit], 0);
    const perReplica = cards - reward / requiredReplicas;
    // Costs rise or fall with the replicas, where all of them are priced alike.
    const step = areEndsEnough && !staying ? Math.max(1, most - 1) : 1;
    for (let replicas = isWhole ? all : 1; replicas <= most; replicas += step) {
      const its =
        valueWeight * (valueOfReplicas(one, replicas) - demand.valueOfNothing) + perReplica * replicas;
      const given = { candidate, replicas };
      if (its < limit) limit = found(() => given, its);
    }
  }
  return true;
}
