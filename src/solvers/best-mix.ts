import { isEachOnce, mixOf } from './mix.ts';
import type { Assignment, Demand, Mix, Mixing, Part } from './solver.ts';

/** Steps of the search for one server before it gives up: a millisecond or two. */
const MOST_STEPS = 50_000;

/** How much of the load may be left over: rounding. */
const ROUNDING = 1e-9;

/**
 * What serves one server for the least value when nothing is scarce, by branch and bound over the replicas of its parts; null: not
 * found in the steps that it may take, or the server has request sizes or limits of its own that ask for more than this.
 *
 * @param prices what a card of each limit costs on top; absent: nothing
 */
export function bestMix(
  { mixing, valueOfNothing }: Demand,
  prices: readonly number[] = [],
): { given: Assignment | Mix; value: number } | null {
  if (!mixing || !isSimple(mixing)) return null;
  const order = mixing.parts
    .map((part, index) => {
      const price = replicaPrice(part, prices);
      return { part, index, price, perLoad: price * part.loads[0] };
    })
    .sort((a, b) => a.perLoad - b.perLoad || a.index - b.index);
  // What keeping the parts from here on may save.
  const keeping = order.map((_, from) =>
    order.slice(from).reduce((sum, { part }) => sum + part.valueOfKeeping, 0),
  );
  const held = new Int32Array(order.length);
  let best: Int32Array | null = null;
  let least = Number.POSITIVE_INFINITY;
  let steps = 0;

  /** @param left share of the load that is not carried yet */
  const descend = (at: number, left: number, value: number): void => {
    if (++steps > MOST_STEPS) return;
    if (left <= ROUNDING) {
      // Replicas for nothing cost more than they can keep, but for one of a part that runs.
      const [total, kept] = withKept(order, held, at);
      if (value + total < least) {
        least = value + total;
        best = Int32Array.from(held);
        for (const i of kept) best[i] = 1;
      }
      return;
    }
    if (at === order.length) return;
    const { part, price, perLoad } = order[at];
    // Nothing from here on carries load for less.
    if (value + left * perLoad + keeping[at] >= least) return;
    const most = Math.ceil(left * part.loads[0] - ROUNDING);
    for (let replicas = most; replicas >= 0; replicas--) {
      held[at] = replicas;
      const more = replicas === 0 ? 0 : replicas * price + part.valueOfKeeping;
      descend(at + 1, left - replicas / part.loads[0], value + more);
    }
    held[at] = 0;
  };
  descend(0, 1, 0);
  if (!best || steps > MOST_STEPS) return null;
  const replicasOf: Int32Array = best;
  const parts = order
    .map(({ index }, i) => ({ part: index, replicas: replicasOf[i], shares: [] }))
    .filter(({ replicas }) => replicas > 0)
    .sort((a, b) => a.part - b.part);
  return { given: mixOf(mixing, parts, true), value: valueOfNothing + least };
}

/** What one replica of a part comes to. */
function replicaPrice({ valuePerReplica, uses }: Part, prices: readonly number[]): number {
  return uses.reduce(
    (sum, { limit, perReplica }) => sum + perReplica * (prices[limit] ?? 0),
    valuePerReplica,
  );
}

/** One size of requests with a load, no limits on replicas beyond what one always is, and no parts that exclude each other. */
function isSimple({ sizes, parts, minReplicas, maxReplicas, spareReplicas }: Mixing): boolean {
  const isLoaded = sizes.length === 1 && parts.every(({ loads }) => loads[0] > 0);
  const isFree = isLoaded && isEachOnce(parts);
  return isFree && minReplicas <= 1 && spareReplicas === 0 && maxReplicas === Number.POSITIVE_INFINITY;
}

/** Parts from `at` on of which one replica saves more than it costs: what that adds, and which. */
function withKept(
  order: readonly { readonly part: Part; readonly price: number }[],
  held: Int32Array,
  at: number,
): [value: number, kept: number[]] {
  let value = 0;
  const kept: number[] = [];
  for (let i = at; i < order.length; i++) {
    held[i] = 0;
    const { price, part } = order[i];
    if (price + part.valueOfKeeping >= 0) continue;
    value += price + part.valueOfKeeping;
    kept.push(i);
  }
  return [value, kept];
}
