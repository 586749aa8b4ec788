import type { QueueModel } from '../queueing/queue-model.ts';
import type { Fleet } from '../schemas/fleet.ts';
import type { CardUse, Plan } from '../schemas/plan.ts';
import type { Problem, Solution, Solver } from '../solvers/solver.ts';
import { demandOf, type Given, type ServerDemand } from './candidates.ts';
import { compareText, resolveServers } from './catalog.ts';
import { type PlannedServer, planKept, planServer } from './server-plan.ts';
import { Sizer } from './sizer.ts';

export interface Chosen<S> {
  readonly strategy: S;
  readonly options: object;
}

/**
 * Optimizes a valid fleet. Pure but for the clock: the same fleet gives the same plan, whatever the order of its entries.
 *
 * @param nowMs a monotonic clock, for `solver.solveMs`
 */
export function optimize(
  fleet: Fleet,
  solver: Chosen<Solver>,
  queueModel: Chosen<QueueModel>,
  nowMs: () => number,
): Plan {
  const startMs = nowMs();
  const sizer = new Sizer(queueModel.strategy, queueModel.options);
  const demands = resolveServers(fleet).map((resolved) => demandOf(resolved, sizer));
  const kept = demands.map((demand) => (demand.unknown ? planKept(demand) : null));
  const taken = countCards(kept.filter((plan) => plan !== null));
  const solution = solve(fleet, demands, taken, solver);
  const planned = demands.map(
    (demand, i) => kept[i] ?? planServer(demand, givenOf(demand, solution.assignments[i]), sizer),
  );

  const objective = sum(planned.map(({ value }) => value));
  const servers = planned.map(({ plan }) => plan);
  const servedInFull = servers.filter(({ servedFraction }) => servedFraction === 1).length;
  // The solver bounds what it was asked; what nobody could choose adds its value to both sides.
  const fixed = sum(planned.filter((_, i) => demands[i].candidates.length === 0).map(({ value }) => value));
  const bound = solution.bound === null ? null : solution.bound + fixed;
  return {
    status: servedInFull === servers.length ? 'complete' : 'shortfall',
    solver: {
      name: solver.strategy.name,
      termination: solution.termination,
      objective,
      bound,
      gapFraction: bound === null ? null : relativeGap(objective, bound),
      solveMs: Math.round(1000 * (nowMs() - startMs)) / 1000,
    },
    queueModel: { name: queueModel.strategy.name },
    servers,
    totals: {
      costPerHour: sum(servers.map(({ costPerHour }) => costPerHour)),
      currentCostPerHour: sum(planned.map(({ currentCostPerHour }) => currentCostPerHour)),
      powerWatts: totalPower(
        servers.flatMap(({ allocations }) => allocations.map(({ powerWatts }) => powerWatts)),
      ),
      servers: servers.length,
      servedInFull,
    },
    cards: cardsUsed(fleet, planned),
  };
}

/** Cards of a type, from either form of a capacity; undefined: no limit. */
function capacityOf(fleet: Fleet, type: string): number | undefined {
  const capacity = fleet.capacity && Object.hasOwn(fleet.capacity, type) ? fleet.capacity[type] : undefined;
  return typeof capacity === 'object' ? capacity.cards : capacity;
}

/** What is kept takes its cards first; the solver divides the rest. */
function solve(
  fleet: Fleet,
  demands: readonly ServerDemand[],
  taken: ReadonlyMap<string, number>,
  { strategy, options }: Chosen<Solver>,
): Solution {
  const cards = new Map<string, number>();
  for (const type of Object.keys(fleet.capacity ?? {})) {
    cards.set(type, Math.max(0, capacityOf(fleet, type)! - (taken.get(type) ?? 0)));
  }
  const servers = demands.map(({ resolved, candidates }) => ({
    name: resolved.server.name,
    priority: resolved.priority,
    candidates,
  }));
  const solution = strategy.solve({ servers, cards }, options);
  checkSolution(solution, servers, strategy.name);
  return solution;
}

/** A solver may be anybody's: what it holds is looked at before it is believed. */
function checkSolution({ assignments }: Solution, servers: Problem['servers'], solver: string): void {
  if (assignments.length !== servers.length) {
    throw new Error(`solver ${solver}: ${assignments.length} assignments for ${servers.length} servers`);
  }
  for (const [i, assignment] of assignments.entries()) {
    if (!assignment) continue;
    const { name, candidates } = servers[i];
    const candidate = candidates[assignment.candidate];
    if (!candidate) {
      throw new Error(
        `solver ${solver}: candidate ${assignment.candidate} of ${name}, which has ${candidates.length}`,
      );
    }
    const { replicas } = assignment;
    if (!Number.isInteger(replicas) || replicas < 1 || replicas > candidate.replicas) {
      throw new Error(
        `solver ${solver}: ${replicas} replicas for ${name}, which may have 1 to ${candidate.replicas}`,
      );
    }
  }
}

function givenOf({ candidates }: ServerDemand, assignment: Solution['assignments'][number]): Given | null {
  return assignment && { candidate: candidates[assignment.candidate], replicas: assignment.replicas };
}

function relativeGap(objective: number, bound: number): number {
  return objective === bound ? 0 : (objective - bound) / Math.max(Math.abs(objective), Math.abs(bound));
}

function totalPower(watts: readonly (number | null)[]): number | null {
  return watts.every((value) => value !== null) ? sum(watts) : null;
}

function cardsUsed(fleet: Fleet, planned: readonly PlannedServer[]): CardUse[] {
  const used = countCards(planned);
  const types = new Set([
    ...fleet.accelerators.map(({ type }) => type),
    ...Object.keys(fleet.capacity ?? {}),
  ]);
  return [...types].sort(compareText).map((type) => {
    const capacity = capacityOf(fleet, type);
    const cards = used.get(type) ?? 0;
    return {
      type,
      capacity: capacity ?? null,
      used: cards,
      left: capacity === undefined ? null : capacity - cards,
    };
  });
}

function countCards(planned: readonly PlannedServer[]): Map<string, number> {
  const used = new Map<string, number>();
  for (const { type, cards } of planned.flatMap((server) => server.cards)) {
    used.set(type, (used.get(type) ?? 0) + cards);
  }
  return used;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
