import type { BlockBuilder } from './block.ts';
import type { Engine, EngineLimits, EngineOutcome, IntegerProgram } from './integer-program.ts';
import { improved } from './local-search.ts';
import { mostService } from './most-service.ts';
import { PartProgram } from './part-program.ts';
import { better, isWhole, isWithinLimits, prioritiesOf, totalValue } from './service.ts';
import type { Problem, Solution } from './solver.ts';

/** Of the time, for the search near a plan: before the engine, and after it where it has proven nothing. */
const SHARE_FOR_SEARCH = 0.15;

const INFEASIBLE: EngineOutcome = { status: 'infeasible', values: null, bound: null, seconds: 0 };

/** How a problem is put to an engine. */
export interface Formulation {
  /** Everybody in full at the least value; with `isAnyGood`, at any. */
  whole(problem: Problem, isAnyGood: boolean): WholeFormulation;
  /** What a server has in the program for plans that serve some in part. */
  readonly block: BlockBuilder;
}

export interface WholeFormulation {
  readonly program: IntegerProgram;
  /** What the objective leaves out. */
  readonly constant: number;
  /** Nothing tells at once that there is no plan. */
  readonly isFeasible: boolean;
  assignmentsOf(values: Float64Array): Solution['assignments'];
}

/**
 * The best plan, by an engine. All in full at the least value, where that is possible. Else the most service, priority by priority,
 * the highest first, and among the plans that serve so much the one of least value.
 *
 * @param incumbent a plan within the limits; what is returned is never worse
 */
export function solveLexicographically(
  formulation: Formulation,
  problem: Problem,
  engine: Engine,
  limits: EngineLimits,
  incumbent: Solution['assignments'],
): Solution {
  if (prioritiesOf(problem).length === 0) {
    return { termination: 'optimal', assignments: incumbent, bound: totalValue(problem, incumbent) };
  }
  const isIncumbentWhole = isWhole(problem, incumbent);
  const whole = formulation.whole(problem, false);
  // Where no plan is known that serves all, there may be none: half the time is for finding the best partial one.
  const share = isIncumbentWhole ? 1 : 0.5;
  const outcome: EngineOutcome = whole.isFeasible
    ? engine.solve(whole.program, { ...limits, timeLimitSec: share * limits.timeLimitSec })
    : INFEASIBLE;
  if (outcome.status === 'infeasible' && !isIncumbentWhole) {
    const startMs = performance.now();
    const start = better(problem, incumbent, mostService(problem));
    const searched = improved(problem, start, SHARE_FOR_SEARCH * limits.timeLimitSec);
    const seconds = outcome.seconds + (performance.now() - startMs) / 1000;
    const solution = solveInPart(formulation, problem, engine, limits, searched, seconds);
    if (solution.termination === 'optimal') return solution;
    const last = improved(problem, solution.assignments, SHARE_FOR_SEARCH * limits.timeLimitSec);
    // What serves more has no bound on its value any more.
    return { ...solution, assignments: better(problem, solution.assignments, last), bound: null };
  }
  const found = outcome.values && whole.assignmentsOf(outcome.values);
  return solutionOf(problem, outcome, whole.constant, found, incumbent);
}

/** The most service for one priority after the other, each held for the next; last, the least value. */
function solveInPart(
  formulation: Formulation,
  problem: Problem,
  engine: Engine,
  { timeLimitSec, gapFraction }: EngineLimits,
  incumbent: Solution['assignments'],
  secondsSpent: number,
): Solution {
  const priorities = prioritiesOf(problem);
  let left = timeLimitSec - secondsSpent;
  const prefix = wholePrefix(formulation, problem, engine, priorities, incumbent, 0.5 * left);
  let { held, isProven } = prefix;
  left -= prefix.seconds;
  if (left <= 0) return { termination: 'time-limit', assignments: held, bound: null };
  const part = new PartProgram(
    problem,
    prefix.whole === 0 ? 0 : priorities[prefix.whole - 1],
    formulation.block,
  );
  if (part.program.columns === 0) {
    return { termination: 'optimal', assignments: incumbent, bound: part.valueOfNothing };
  }
  const stages = priorities.slice(prefix.whole);
  for (const [i, priority] of stages.entries()) {
    if (!part.maximizeService(priority)) continue;
    // The first of the stages that remain, the last of which is for the value.
    const limits = { timeLimitSec: left / (stages.length - i + 1), gapFraction: 0 };
    const outcome = engine.solve(part.program, limits);
    if (outcome.status === 'failed') return { termination: 'fallback', assignments: held, bound: null };
    left -= outcome.seconds;
    if (outcome.values) held = better(problem, held, part.assignmentsOf(outcome.values));
    if (outcome.status !== 'optimal') isProven = false;
    if (left <= 0) return { termination: 'time-limit', assignments: held, bound: null };
    part.holdService(priority, held);
  }
  part.minimizeValue();
  const outcome = engine.solve(part.program, { timeLimitSec: left, gapFraction });
  const status = isProven || outcome.status !== 'optimal' ? outcome.status : 'time-limit';
  const found = outcome.values && part.assignmentsOf(outcome.values);
  const bound = isProven ? outcome.bound : null;
  return solutionOf(problem, { ...outcome, status, bound }, part.valueOfNothing, found, held);
}

/** How many of the highest priorities can be served in full together, by bisection, and a plan that does. */
function wholePrefix(
  formulation: Formulation,
  problem: Problem,
  engine: Engine,
  priorities: readonly number[],
  incumbent: Solution['assignments'],
  timeLimitSec: number,
) {
  let held = incumbent;
  let isProven = true;
  let seconds = 0;
  let whole = 0;
  let notWhole = priorities.length;
  while (notWhole - whole > 1) {
    const count = (whole + notWhole) >> 1;
    const upper = downTo(problem, priorities[count - 1]);
    if (isWhole(upper, held)) {
      whole = count;
      continue;
    }
    const program = formulation.whole(upper, true);
    const limits = { timeLimitSec: Math.max(0.001, timeLimitSec - seconds), gapFraction: 1 };
    const outcome = program.isFeasible ? engine.solve(program.program, limits) : INFEASIBLE;
    seconds += outcome.seconds;
    if (outcome.values) {
      held = better(problem, held, program.assignmentsOf(outcome.values));
      whole = count;
    } else {
      notWhole = count;
      if (outcome.status !== 'infeasible') isProven = false;
    }
  }
  return { whole, held, isProven, seconds };
}

/** The problem without the servers of lower priorities. */
function downTo(problem: Problem, priority: number): Problem {
  const servers = problem.servers.map((demand) =>
    demand.priority <= priority ? demand : { ...demand, candidates: [], mixing: undefined },
  );
  return { ...problem, servers };
}

function solutionOf(
  problem: Problem,
  { status, bound }: EngineOutcome,
  constant: number,
  found: Solution['assignments'] | null,
  incumbent: Solution['assignments'],
): Solution {
  const isSound = found !== null && isWithinLimits(problem, found);
  if (status === 'failed' || status === 'infeasible' || (found && !isSound)) {
    return { termination: 'fallback', assignments: incumbent, bound: null };
  }
  const assignments = found ? better(problem, incumbent, found) : incumbent;
  return {
    termination: status,
    assignments,
    bound: bound === null ? null : roundedBound(bound + constant, totalValue(problem, assignments)),
  };
}

/** A bound is at most the value that was reached; less by rounding alone, it is that value. */
function roundedBound(bound: number, value: number): number {
  return bound > value - 1e-9 * Math.max(1, Math.abs(value)) ? value : bound;
}
