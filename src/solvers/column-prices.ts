import { type Aim, leastHeld, takesPart } from './aim.ts';
import { type Cheapest, type Column, cheapestColumn, columnsBelow, outstanding } from './columns.ts';
import type { Prices } from './level-program.ts';
import type { RoomLeft } from './room-left.ts';
import { canBeGiven } from './service.ts';
import type { Problem } from './solver.ts';

/** What is to be decided. */
export interface Scope {
  readonly problem: Problem;
  readonly aim: Aim;
  /** The lowest priority that is served as far as it can be, as all above it. */
  readonly wholeUpTo: number;
  /** What is there before anybody is given anything. */
  readonly room: RoomLeft;
}

/** What each server's best costs at some prices. */
export interface Priced {
  readonly prices: Prices;
  readonly cheapest: readonly Cheapest[];
  /** No plan costs less, over giving nothing (the dual function of Lagrange: true at any prices). */
  readonly bound: number;
}

/** null: some server's best mix is not so easily found. */
export function pricedAt({ problem, aim, wholeUpTo, room }: Scope, prices: Prices): Priced | null {
  const cheapest: Cheapest[] = [];
  let bound = 0;
  for (const [limit, price] of prices.limits.entries()) if (price > 0) bound -= price * problem.limits[limit];
  for (const [priority, price] of prices.held) bound += price * leastHeld(aim.held.get(priority)!);
  for (const [server, demand] of problem.servers.entries()) {
    if (!canBeGiven(demand) || !takesPart(demand, aim)) {
      cheapest.push({ column: null, cost: 0 });
      continue;
    }
    const found = cheapestColumn(demand, server, { aim, prices }, demand.priority <= wholeUpTo, room);
    if (!found) return null;
    cheapest.push(found);
    bound += found.cost;
  }
  return { prices, cheapest, bound };
}

/** The columns that cost less than this above the best of their server; null: too many. */
export function listedWithin(
  { problem, aim, wholeUpTo, room }: Scope,
  { prices, cheapest }: Priced,
  spare: number,
  most: number,
): Column[] | null {
  const listed: Column[] = [];
  for (const [server, demand] of problem.servers.entries()) {
    const columns = columnsBelow(
      demand,
      server,
      { aim, prices },
      cheapest[server].cost + spare,
      demand.priority <= wholeUpTo,
      room,
      most - listed.length,
    );
    if (!columns) return null;
    listed.push(...outstanding(columns, aim, problem.limits.length));
  }
  return listed;
}
