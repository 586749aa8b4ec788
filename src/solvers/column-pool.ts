import { takesPart } from './aim.ts';
import type { Scope } from './column-prices.ts';
import { type Column, firstColumns } from './columns.ts';
import type { RoomLeft } from './room-left.ts';
import { fullService } from './service.ts';
import type { Problem, Solution } from './solver.ts';

/** The columns that are known, each once. */
export class ColumnPool {
  readonly #columns: Column[] = [];
  /** By server, the keys of its columns. */
  readonly #known: readonly Set<string>[];

  /** @param start a plan within the limits */
  constructor({ servers }: Problem, start: Solution['assignments'], room: RoomLeft) {
    this.#known = servers.map(() => new Set());
    for (const [server, demand] of servers.entries())
      this.add(firstColumns(demand, server, start[server], room));
  }

  /** @returns how many were not known */
  add(columns: readonly Column[]): number {
    const fresh = columns.filter(({ server, key }) => !this.#known[server].has(key));
    for (const { server, key } of fresh) this.#known[server].add(key);
    this.#columns.push(...fresh);
    return fresh.length;
  }

  /** Those that take part in what is to be decided. */
  open({ problem: { servers }, aim, wholeUpTo }: Pick<Scope, 'problem' | 'aim' | 'wholeUpTo'>): Column[] {
    return this.#columns.filter(
      ({ server, served }) =>
        takesPart(servers[server], aim) &&
        !(servers[server].priority <= wholeUpTo && served < fullService(servers[server])),
    );
  }

  /** Of these, where a server has a key, that one alone. */
  around(scope: Scope, kept: readonly (string | null)[]): Column[] {
    return this.open(scope).filter(({ server, key }) => (kept[server] ?? key) === key);
  }
}
