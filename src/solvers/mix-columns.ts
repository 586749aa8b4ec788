import { bestMix } from './best-mix.ts';
import { type Engine, IntegerProgram } from './integer-program.ts';
import { LimitRows } from './limit-rows.ts';
import { isMix } from './mix.ts';
import { better, canBeGiven, isWhole, isWithinLimits, totalValue, valueGiven } from './service.ts';
import type { Assignment, Demand, Mix, Problem, Solution, Use } from './solver.ts';

const MOST_ROUNDS = 40;

/** Bounds this near to each other (relative) are as good as equal: more rounds would not pay. */
const NEAR = 1e-4;

/** A way to serve a server in full. */
interface Column {
  readonly server: number;
  readonly given: Assignment | Mix;
  readonly value: number;
  /** Of each limit, all its replicas together. */
  readonly takes: readonly Use[];
}

/**
 * Plans in full by column generation: a linear program over the mixes that are known prices the limits, each server's best mix at
 * these prices joins it, until none is better; then a binary program chooses one of the mixes of each server. Each round's prices bound what any plan can reach
 * (Dantzig and Wolfe, 1960; the bound is Lagrange's).
 *
 * @param start a plan that serves all in full
 * @returns null where some server's best mix is not so easily found
 */
export function solveByColumns(
  problem: Problem,
  engine: Engine,
  timeLimitSec: number,
  start: Solution['assignments'],
): { assignments: Solution['assignments']; bound: number } | null {
  const columns = problem.servers.flatMap((demand, server) => firstColumns(demand, server, start[server]));
  const known = new Set(columns.map(keyOf));
  let left = timeLimitSec;
  let bound = Number.NEGATIVE_INFINITY;
  for (let round = 0; round < MOST_ROUNDS && left > 0.5 * timeLimitSec; round++) {
    const startMs = performance.now();
    const { program, limitRows } = programOf(problem, columns, false);
    const {
      status,
      rowPrices,
      bound: reached,
    } = engine.solve(program, { timeLimitSec: left, gapFraction: 0 });
    if (status !== 'optimal' || !rowPrices || reached === null) return null;
    const prices = limitRows.map((row) => (row === null ? 0 : Math.max(0, -rowPrices[row])));
    const found = problem.servers.map((demand, server) => priced(demand, server, prices));
    if (found.includes(null)) return null;
    const added = found.flatMap((column) =>
      column && column !== 'nothing' && !known.has(keyOf(column)) ? [column] : [],
    );
    bound = Math.max(bound, lagrangian(problem, found as (Column | 'nothing')[], prices));
    left -= (performance.now() - startMs) / 1000;
    if (added.length === 0 || reached - bound <= NEAR * Math.abs(reached)) break;
    for (const column of added) known.add(keyOf(column));
    columns.push(...added);
  }
  const { program } = programOf(problem, columns, true);
  const { values } = engine.solve(program, { timeLimitSec: Math.max(0.001, left), gapFraction: NEAR / 2 });
  const chosen: Solution['assignments'][number][] = problem.servers.map(() => null);
  for (const [i, { server, given }] of columns.entries())
    if (values && values[i] > 0.5) chosen[server] = given;
  const isSound = values !== null && isWithinLimits(problem, chosen) && isWhole(problem, chosen);
  const assignments = isSound ? better(problem, start, chosen) : start;
  return { assignments, bound: Math.min(bound, totalValue(problem, assignments)) };
}

/** Its candidates in full, and what it has at the start. */
function firstColumns(demand: Demand, server: number, start: Solution['assignments'][number]): Column[] {
  if (!canBeGiven(demand)) return [];
  const served = demand.candidates.map(({ replicas, requiredReplicas }) => replicas / requiredReplicas);
  const alone = demand.candidates.flatMap(({ replicas }, candidate) =>
    served[candidate] >= served[0] ? [columnOf(demand, server, { candidate, replicas })] : [],
  );
  return start && isMix(start) ? [...alone, columnOf(demand, server, start)] : alone;
}

/** The best that a server can be served by at prices of the limits; null: not found. */
function priced(demand: Demand, server: number, prices: readonly number[]): Column | 'nothing' | null {
  if (!canBeGiven(demand)) return 'nothing';
  if (demand.mixing) {
    const best = bestMix(demand, prices);
    return best && columnOf(demand, server, best.given);
  }
  const columns = firstColumns(demand, server, null);
  return columns.reduce((least, column) => (costAt(column, prices) < costAt(least, prices) ? column : least));
}

/** What all servers come to at these prices, less what the limits are worth: no plan in full has less value. */
function lagrangian(
  { limits }: Problem,
  found: readonly (Column | 'nothing')[],
  prices: readonly number[],
): number {
  const worth = limits.reduce(
    (sum, most, limit) => (prices[limit] > 0 ? sum + prices[limit] * most : sum),
    0,
  );
  return (
    found.reduce((sum, column) => (column === 'nothing' ? sum : sum + costAt(column, prices)), 0) - worth
  );
}

function costAt({ value, takes }: Column, prices: readonly number[]): number {
  return takes.reduce((sum, { limit, perReplica }) => sum + perReplica * prices[limit], value);
}

function columnOf(demand: Demand, server: number, given: Assignment | Mix): Column {
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
    given,
    value: valueGiven(demand, given),
    takes: [...takes].map(([limit, perReplica]) => ({ limit, perReplica })),
  };
}

function keyOf({ server, given }: Column): string {
  return isMix(given)
    ? `${server} ${given.parts.map(({ part, replicas }) => `${part}:${replicas}`).join(' ')}`
    : `${server} c${given.candidate}`;
}

/** One column for each server, within the limits. `limitRows`: by limit its row, null where nothing takes of it. */
function programOf(problem: Problem, columns: readonly Column[], isWhole: boolean) {
  const program = new IntegerProgram();
  const limits = new LimitRows(problem);
  const perServer = problem.servers.map((): number[] => []);
  for (const { server, value, takes } of columns) {
    const column = program.addColumn(1, value, isWhole);
    perServer[server].push(column);
    limits.add(column, takes, 1);
  }
  for (const ofServer of perServer) {
    if (ofServer.length === 0) continue;
    program.addRow(
      1,
      1,
      ofServer,
      ofServer.map(() => 1),
    );
  }
  return { program, limitRows: limits.addTo(program) };
}
