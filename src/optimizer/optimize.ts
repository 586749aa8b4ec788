import type { QueueModel } from '../queueing/queue-model.ts';
import type { Fleet } from '../schemas/fleet.ts';
import type { OptimizeRequest, Plan } from '../schemas/plan.ts';
import { roundedBound } from '../solvers/lexicographic.ts';
import { isMix, isSoundMix } from '../solvers/mix.ts';
import { canBeGiven, isWithinLimits, totalValue } from '../solvers/service.ts';
import type { Assignment, Demand, Mix, Problem, Solution, Solver } from '../solvers/solver.ts';
import { demandOf } from './candidates.ts';
import { CardLimits } from './card-limits.ts';
import { cardsUsed, namingQuotas, quotasUsed } from './card-use.ts';
import { type ResolvedServer, resolveServers } from './catalog.ts';
import { explain } from './explain.ts';
import { givenOf } from './given.ts';
import { weightsOf } from './objective.ts';
import { isRounding } from './rounding.ts';
import { type PlannedServer, planKept, planServer } from './server-plan.ts';
import { serviceByPriority } from './service-by-priority.ts';
import { Sizer } from './sizer.ts';
import { uncertaintyOf } from './uncertainty.ts';

export interface Chosen<S> {
  readonly strategy: S;
  readonly options: object;
}

export type Asked = Pick<OptimizeRequest, 'objective' | 'explain' | 'confidence'>;

/**
 * Optimizes a valid fleet. Pure but for the clock: the same fleet gives the same plan, whatever the order of its entries.
 *
 * @param nowMs a monotonic clock, for `solver.solveMs`
 * @param asked what is minimised, how sure it is to be, and whether to say also what would make the plan better
 */
export function optimize(
  fleet: Fleet,
  solver: Chosen<Solver>,
  queueModel: Chosen<QueueModel>,
  nowMs: () => number,
  asked: Asked = {},
): Plan {
  const { strategy, options } = solver;
  const solve = (problem: Problem) => strategy.solve(problem, options);
  return planBy(solve, fleet, solver, queueModel, nowMs, asked)!;
}

/** The same in little time; null: the solver does not promise that for this fleet. */
export function optimizeLightly(
  fleet: Fleet,
  solver: Chosen<Solver>,
  queueModel: Chosen<QueueModel>,
  nowMs: () => number,
  asked: Asked = {},
): Plan | null {
  const { strategy, options } = solver;
  const solve = (problem: Problem) => strategy.solveLightly?.(problem, options) ?? null;
  if (asked.explain) return null;
  return strategy.isLight
    ? optimize(fleet, solver, queueModel, nowMs, asked)
    : planBy(solve, fleet, solver, queueModel, nowMs, asked);
}

function planBy(
  solve: (problem: Problem) => Solution | null,
  fleet: Fleet,
  solver: Chosen<Solver>,
  queueModel: Chosen<QueueModel>,
  nowMs: () => number,
  { objective: weighed, explain: isExplained = false, confidence }: Asked,
): Plan | null {
  const startMs = nowMs();
  const weights = weightsOf(weighed);
  const sizer = new Sizer(queueModel.strategy, queueModel.options, confidence);
  const resolved = resolveServers(fleet);
  const limits = new CardLimits(fleet, resolved);
  const demands = resolved.map((server) => demandOf(server, sizer, limits, weights));
  const kept = demands.map((demand) => (demand.unknown ? planKept(demand) : null));
  const problem = { servers: demands, limits: limitsLeft(limits, resolved, kept) };
  const solution = solve(problem);
  if (!solution) return null;
  checkSolution(solution, problem, solver.strategy);
  const planned = demands.map(
    (demand, i) =>
      kept[i] ?? planServer(demand, givenOf(demand, solution.assignments[i], sizer), sizer, weights),
  );

  const objective = sum(planned.map(({ value }) => value));
  const quotas = quotasUsed(limits, resolved, planned);
  const plans = planned.map(({ plan }) => plan);
  const servers = quotas.length === 0 ? plans : namingQuotas(plans, resolved, quotas);
  const servedInFull = servers.filter(({ servedFraction }) => servedFraction === 1).length;
  const { termination, bound } = provenOf(solution, planned, problem, objective);
  return {
    status: servedInFull === servers.length ? 'complete' : 'shortfall',
    solver: {
      name: solver.strategy.name,
      termination,
      objective,
      bound,
      gapFraction: bound === null ? null : relativeGap(objective, bound),
      service: serviceByPriority(problem, solution, planned),
      solveMs: Math.round(1000 * (nowMs() - startMs)) / 1000,
    },
    queueModel: { name: queueModel.strategy.name },
    ...(confidence !== undefined && {
      uncertainty: uncertaintyOf(confidence, resolved, queueModel.strategy),
    }),
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
    quotas,
    explanation: isExplained
      ? explain({ demands, planned, problem, solution, limits, sizer, weights }, solve)
      : null,
  };
}

/** What is kept takes its cards first; the solver divides the rest. */
function limitsLeft(
  limits: CardLimits,
  resolved: readonly ResolvedServer[],
  kept: readonly (PlannedServer | null)[],
): number[] {
  const left = [...limits.most];
  for (const [i, plan] of kept.entries()) {
    for (const { variant, replicas } of plan?.holds ?? []) {
      for (const { limit, perReplica } of limits.usesOf(resolved[i], variant)) {
        left[limit] = Math.max(0, left[limit] - replicas * perReplica);
      }
    }
  }
  return left;
}

/** A solver may be anybody's: what it holds is looked at before it is believed. */
function checkSolution({ assignments }: Solution, problem: Problem, { name, ignoresLimits }: Solver): void {
  const { servers } = problem;
  if (assignments.length !== servers.length) {
    throw new Error(`solver ${name}: ${assignments.length} assignments for ${servers.length} servers`);
  }
  for (const [i, assignment] of assignments.entries()) {
    const fault = assignment && faultOf(assignment, servers[i]);
    if (fault) throw new Error(`solver ${name}: ${fault}`);
  }
  if (!ignoresLimits && !isWithinLimits(problem, assignments)) {
    throw new Error(
      `solver ${name}: more is given than the limits allow; one that means to says ignoresLimits`,
    );
  }
}

function faultOf(assignment: Assignment | Mix, demand: Demand): string | null {
  const { name, candidates } = demand;
  if (isMix(assignment)) {
    const { mixing } = demand;
    const isSound =
      mixing !== undefined &&
      assignment.parts.length > 0 &&
      assignment.parts.every(
        ({ part, replicas }) => mixing.parts[part] && Number.isInteger(replicas) && replicas > 0,
      ) &&
      isSoundMix(mixing, assignment);
    return isSound ? null : `the mix for ${name} does not keep its limits, or does not carry its load`;
  }
  const candidate = candidates[assignment.candidate];
  if (!candidate) return `candidate ${assignment.candidate} of ${name}, which has ${candidates.length}`;
  const { replicas } = assignment;
  const isPossible = Number.isInteger(replicas) && replicas >= 1 && replicas <= candidate.replicas;
  return isPossible ? null : `${replicas} replicas for ${name}, which may have 1 to ${candidate.replicas}`;
}

/**
 * What the solver has proven. It bounds what it was asked; what nobody could choose adds its value to both sides. Where the plan's value is
 * another than that of what it was asked, nothing is proven of it.
 */
function provenOf(
  { termination, bound, assignments }: Solution,
  planned: readonly PlannedServer[],
  problem: Problem,
  objective: number,
): Pick<Solution, 'termination' | 'bound'> {
  if (bound === null) return { termination, bound };
  const fixed = sum(planned.filter((_, i) => !canBeGiven(problem.servers[i])).map(({ value }) => value));
  const minimised = totalValue(problem, assignments) + fixed;
  if (!isRounding(minimised - objective, objective)) {
    return { termination: termination === 'optimal' ? 'heuristic' : termination, bound: null };
  }
  return { termination, bound: roundedBound(bound + fixed, objective) };
}

function relativeGap(objective: number, bound: number): number {
  return objective === bound ? 0 : (objective - bound) / Math.max(Math.abs(objective), Math.abs(bound));
}

function totalPower(watts: readonly (number | null)[]): number | null {
  return watts.every((value) => value !== null) ? sum(watts) : null;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
