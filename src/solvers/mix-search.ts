import { isEachOnce, LESS_THAN_ALL, mixOf } from './mix.ts';
import type { RoomLeft } from './room-left.ts';
import type { Assignment, Demand, Mix, Mixing, Part } from './solver.ts';

/** Steps of the search for one server before it gives up: a millisecond or two. */
const MOST_STEPS = 50_000;

/** How much of the load may be left over: rounding. */
const ROUNDING = 1e-9;

/** What mixes of one server are measured by. */
export interface Tariff {
  /** What values count: 1, or 0 where only service does. */
  readonly valueWeight: number;
  /** By limit, what a card of it costs on top; absent: nothing. */
  readonly prices: readonly number[];
  /** What serving all of the load is worth; a part of it in proportion. */
  readonly reward: number;
  /** All of the load must be served. */
  readonly isWhole: boolean;
}

const VALUE: Tariff = { valueWeight: 1, prices: [], reward: 0, isWhole: true };

/** What serves one server in full for the least value when nothing is scarce; null: not found. */
export function bestMix(demand: Demand): { given: Assignment | Mix; value: number } | null {
  const { mixing, valueOfNothing } = demand;
  if (!mixing) return null;
  let given: Assignment | Mix | null = null;
  let value = Number.POSITIVE_INFINITY;
  const isAll = searchMixes(mixing, VALUE, value, null, (found, cost) => {
    given = found();
    value = cost;
    return cost;
  });
  return isAll && given ? { given, value: valueOfNothing + value } : null;
}

/** What a search has found: the mix, made only where it is asked for, and what it costs over nothing. @returns only what costs less is of interest from then on */
type Found = (given: () => Assignment | Mix, cost: number) => number;

interface Line {
  readonly part: Part;
  readonly index: number;
  readonly price: number;
  readonly load: number;
  readonly keeping: number;
  readonly most: number;
}

/**
 * Mixes of one server that cost less than asked for, by branch and bound over the replicas of its parts. More replicas than the load
 * takes are none of them, but for one of a part whose keeping has a value.
 *
 * @param room what each part alone may take; null: as much as it needs
 * @returns whether it has looked everywhere: not if that takes too many steps, or the server has request sizes or limits of its own that ask
 * for more than this
 */
export function searchMixes(
  mixing: Mixing,
  tariff: Tariff,
  cost: number,
  room: RoomLeft | null,
  found: Found,
): boolean {
  if (!isSimple(mixing)) return false;
  const { isWhole } = tariff;
  const reward = tariff.reward * mixing.servableShare;
  const lines = mixing.parts
    .map((part, index): Line => {
      const price = replicaPrice(part, tariff);
      const keeping = tariff.valueWeight * part.valueOfKeeping;
      const most = room ? room.replicasOf(part) : Number.POSITIVE_INFINITY;
      return { part, index, price, load: part.loads[0], keeping, most };
    })
    .filter(({ most }) => most >= 1)
    .sort((a, b) => a.price * a.load - b.price * b.load || a.index - b.index);
  const end = lines.length;
  // What lines from one on may bring: what keeping them saves; what service is worth over what it costs, at best.
  const keepings = new Float64Array(end + 1);
  const gains = new Float64Array(end + 1);
  for (let at = end - 1; at >= 0; at--) {
    const { part, price, keeping } = lines[at];
    keepings[at] = keepings[at + 1] + keeping;
    gains[at] = Math.max(gains[at + 1], reward - price * part.requiredReplicas);
  }
  const held = new Int32Array(end);
  const given = () => mixOf(mixing, partsOf(lines, held), heldLoad(lines, held) >= 1 - ROUNDING);
  const staying = tariff.valueWeight > 0 ? stayingIn(mixing, lines, reward, isWhole) : null;
  let limit = cost;
  let steps = 0;

  /**
   * @param left share of the load that is not carried yet
   * @param served of a part of the load, how much of it counts as served
   */
  const descend = (at: number, left: number, served: number, spent: number, isAny: boolean): void => {
    if (++steps > MOST_STEPS) return;
    const isCarried = left <= ROUNDING;
    const worth = isCarried ? reward : reward * Math.min(LESS_THAN_ALL, served);
    if (at === end) {
      if (staying?.held.every((replicas, i) => held[i] === replicas)) {
        if (isCarried) oneMore(spent - worth);
      } else if (isAny && (isCarried || !isWhole) && spent - worth < limit) {
        limit = found(given, spent - worth);
      }
      return;
    }
    const { part, price, load, keeping, most } = lines[at];
    // Nothing from here on carries load for less, nor serves a part of it for more.
    let least = isCarried ? spent - reward : spent + left * price * load - reward;
    if (!isCarried && !isWhole)
      least = Math.min(least, spent - worth - gains[at] * Math.max(0, LESS_THAN_ALL - served));
    if (least + keepings[at] >= limit) return;
    // Replicas for nothing cost more than they can keep, but for one of a part that runs.
    const useful = isCarried ? (keeping < 0 ? 1 : 0) : Math.ceil(left * load - ROUNDING);
    for (let replicas = Math.min(most, useful); replicas >= 0; replicas--) {
      held[at] = replicas;
      const more = replicas === 0 ? 0 : replicas * price + keeping;
      descend(
        at + 1,
        left - replicas / load,
        served + replicas / part.requiredReplicas,
        spent + more,
        isAny || replicas > 0,
      );
    }
    held[at] = 0;
  };
  /** Where exactly what runs is worth less than its replicas one by one, one more of them may be worth more. */
  const oneMore = (spent: number): void => {
    for (const [at, { part, price, keeping, most }] of lines.entries()) {
      const its = spent + price + (held[at] === 0 ? keeping : 0);
      if (its >= limit || held[at] >= Math.min(most, part.requiredReplicas)) continue;
      held[at]++;
      limit = found(given, its);
      held[at]--;
    }
  };
  if (staying && staying.cost < limit) {
    held.set(staying.held);
    limit = found(given, staying.cost);
    held.fill(0);
  }
  descend(0, 1, 0, 0, false);
  return steps <= MOST_STEPS;
}

/** Exactly what runs, by line, and what it costs; null: its replicas cost as much one by one, it serves too little, or has no room. */
function stayingIn(
  { staying }: Mixing,
  lines: readonly Line[],
  reward: number,
  isWhole: boolean,
): { readonly held: Int32Array; readonly cost: number } | null {
  if (!staying) return null;
  const held = Int32Array.from(lines, ({ index }) => staying.replicas[index]);
  const all = staying.replicas.reduce((sum, replicas) => sum + replicas, 0);
  const hasRoom = held.reduce((sum, replicas) => sum + replicas, 0) === all;
  if (!hasRoom || lines.some(({ most }, i) => held[i] > most)) return null;
  const isCarried = heldLoad(lines, held) >= 1 - ROUNDING;
  if (isWhole && !isCarried) return null;
  const served = lines.reduce((sum, { part }, i) => sum + held[i] / part.requiredReplicas, 0);
  const cost = lines.reduce(
    (sum, { price, keeping }, i) => (held[i] > 0 ? sum + held[i] * price + keeping : sum),
    staying.difference - (isCarried ? reward : reward * Math.min(LESS_THAN_ALL, served)),
  );
  return { held, cost };
}

function partsOf(lines: readonly Line[], held: Int32Array) {
  return lines
    .map(({ index }, i) => ({ part: index, replicas: held[i], shares: [] }))
    .filter(({ replicas }) => replicas > 0)
    .sort((a, b) => a.part - b.part);
}

function heldLoad(lines: readonly Line[], held: Int32Array): number {
  return lines.reduce((sum, { load }, i) => sum + held[i] / load, 0);
}

/** What one replica of a part comes to. */
function replicaPrice({ valuePerReplica, uses }: Part, { prices, valueWeight }: Tariff): number {
  return uses.reduce(
    (sum, { limit, perReplica }) => sum + perReplica * (prices[limit] ?? 0),
    valueWeight * valuePerReplica,
  );
}

/** One size of requests with a load, no limits on replicas beyond what one always is, and no parts that exclude each other. */
export function isSimple({ sizes, parts, minReplicas, maxReplicas, spareReplicas }: Mixing): boolean {
  const isLoaded = sizes.length === 1 && parts.every(({ loads }) => loads[0] > 0);
  const isFree = isLoaded && isEachOnce(parts);
  return isFree && minReplicas <= 1 && spareReplicas === 0 && maxReplicas === Number.POSITIVE_INFINITY;
}
