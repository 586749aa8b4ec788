import type { Engine, EngineLimits, EngineOutcome } from './integer-program.ts';
import { mostService } from './most-service.ts';
import { better, isWhole, isWithinLimits, prioritiesOf, totalValue } from './service.ts';
import type { Problem, Solution } from './solver.ts';

/** Of the time that is left, to find who can be served in full, where it is not known that all can. */
const SHARE_FOR_WHOLE = 0.5;

/** How a problem is put to an engine. */
export interface Formulation {
  /** Everybody in full at the least value, from a plan that serves them so. */
  whole(problem: Problem, engine: Engine, limits: EngineLimits, start: Solution['assignments']): Solution;
  /** Everybody in full at any value. */
  anyWhole(problem: Problem, engine: Engine, timeLimitSec: number): AnyWhole;
  /** Where not all can be served. */
  readonly inPart: PartPlanner;
}

/** A plan that serves all in full. */
export interface AnyWhole {
  /** null: none was found. */
  readonly plan: Solution['assignments'] | null;
  /** There is one, or there is none. */
  readonly isProven: boolean;
}

/**
 * The most service for one priority after the other, each held for the next; last, the least value.
 *
 * @param priorities that can be given something, the highest first
 * @param whole how many of them are served as far as they can be
 * @param incumbent a plan within the limits that serves these so
 */
export type PartPlanner = (
  problem: Problem,
  priorities: readonly number[],
  whole: number,
  engine: Engine,
  limits: EngineLimits,
  incumbent: Solution['assignments'],
) => Solution;

/**
 * The best plan, by an engine. All in full at the least value, where that is possible. Else the most service, priority by priority,
 * the highest first, and among the plans that serve so much the one of least value.
 *
 * @param incumbent a plan within the limits; what is returned is never worse
 * @param shareForValue of the time, for the least value where all can be served
 */
export function solveLexicographically(
  formulation: Formulation,
  problem: Problem,
  engine: Engine,
  limits: EngineLimits,
  incumbent: Solution['assignments'],
  shareForValue = 1,
): Solution {
  const priorities = prioritiesOf(problem);
  if (priorities.length === 0) {
    return { termination: 'optimal', assignments: incumbent, bound: totalValue(problem, incumbent) };
  }
  const endMs = performance.now() + 1000 * limits.timeLimitSec;
  const left = (share: number) => Math.max(0.001, (share * (endMs - performance.now())) / 1000);
  let start = incumbent;
  if (!isWhole(problem, start)) {
    const first = formulation.anyWhole(problem, engine, left(SHARE_FOR_WHOLE));
    if (!first.plan) {
      start = better(problem, start, mostService(problem));
      const prefix = wholePrefix(formulation, problem, engine, priorities, start, left(SHARE_FOR_WHOLE));
      const rest = { ...limits, timeLimitSec: left(1) };
      const solution = formulation.inPart(problem, priorities, prefix.whole, engine, rest, prefix.held);
      const isProven = first.isProven && prefix.isProven;
      return isProven || solution.termination !== 'optimal'
        ? solution
        : { ...solution, termination: 'time-limit' };
    }
    start = first.plan;
  }
  return formulation.whole(problem, engine, { ...limits, timeLimitSec: left(shareForValue) }, start);
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
  const endMs = performance.now() + 1000 * timeLimitSec;
  let held = incumbent;
  let isProven = true;
  let whole = 0;
  let notWhole = priorities.length;
  while (notWhole - whole > 1) {
    const count = (whole + notWhole) >> 1;
    const upper = downTo(problem, priorities[count - 1]);
    if (isWhole(upper, held)) {
      whole = count;
      continue;
    }
    const left = Math.max(0.001, (endMs - performance.now()) / 1000);
    const found = formulation.anyWhole(upper, engine, left);
    if (found.plan) {
      held = better(problem, held, found.plan);
      whole = count;
    } else {
      notWhole = count;
      isProven &&= found.isProven;
    }
  }
  return { whole, held, isProven };
}

/** The problem without the servers of lower priorities. */
function downTo(problem: Problem, priority: number): Problem {
  const servers = problem.servers.map((demand) =>
    demand.priority <= priority ? demand : { ...demand, candidates: [], mixing: undefined },
  );
  return { ...problem, servers };
}

/** What an engine has found, if it is sound and better than what was known. */
export function solutionOf(
  problem: Problem,
  { status, bound }: Pick<EngineOutcome, 'status' | 'bound'>,
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
export function roundedBound(bound: number, value: number): number {
  return bound > value - 1e-9 * Math.max(1, Math.abs(value)) ? value : bound;
}
