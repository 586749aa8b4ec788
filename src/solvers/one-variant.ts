import type { Engine, EngineLimits, EngineOutcome } from './integer-program.ts';
import { mostService } from './most-service.ts';
import { PartProgram } from './part-program.ts';
import { bestOfEach, better, isWhole, isWithinLimits, prioritiesOf, totalValue } from './service.ts';
import type { Problem, Solution } from './solver.ts';
import { WholeProgram } from './whole-program.ts';

const INFEASIBLE: EngineOutcome = { status: 'infeasible', values: null, bound: null, seconds: 0 };

/**
 * The best plan of one variant per server, by an engine. All in full at the least value, where that is possible. Else the most
 * service, priority by priority, the highest first, and among the plans that serve so much the one of least value.
 *
 * @param incumbent a plan within the limits; what is returned is never worse
 */
export function solveOneVariant(
  problem: Problem,
  engine: Engine,
  limits: EngineLimits,
  incumbent: Solution['assignments'],
): Solution {
  const best = bestOfEach(problem);
  if (best) return best;
  const isIncumbentWhole = isWhole(problem, incumbent);
  const whole = new WholeProgram(problem);
  // Where no plan is known that serves all, there may be none: half the time is for finding the best partial one.
  const share = isIncumbentWhole ? 1 : 0.5;
  const outcome: EngineOutcome = whole.isFeasible
    ? engine.solve(
        whole.program,
        { ...limits, timeLimitSec: share * limits.timeLimitSec },
        isIncumbentWhole ? whole.valuesOf(incumbent) : undefined,
      )
    : INFEASIBLE;
  if (outcome.status === 'infeasible' && !isIncumbentWhole) {
    const start = better(problem, incumbent, mostService(problem));
    return solveInPart(problem, engine, limits, start, outcome.seconds);
  }
  return solutionOf(problem, outcome, outcome.values && whole.assignmentsOf(outcome.values), incumbent);
}

/** The most service for one priority after the other, each held for the next; last, the least value. */
function solveInPart(
  problem: Problem,
  engine: Engine,
  { timeLimitSec, gapFraction }: EngineLimits,
  incumbent: Solution['assignments'],
  secondsSpent: number,
): Solution {
  const priorities = prioritiesOf(problem);
  let left = timeLimitSec - secondsSpent;
  const prefix = wholePrefix(problem, engine, priorities, incumbent, 0.5 * left);
  let { held, isProven } = prefix;
  left -= prefix.seconds;
  if (left <= 0) return { termination: 'time-limit', assignments: held, bound: null };
  const part = new PartProgram(problem, prefix.whole === 0 ? 0 : priorities[prefix.whole - 1]);
  if (part.program.columns === 0) {
    return { termination: 'optimal', assignments: incumbent, bound: part.valueOfNothing };
  }
  const stages = priorities.slice(prefix.whole);
  for (const [i, priority] of stages.entries()) {
    if (!part.maximizeService(priority)) continue;
    // The first of the stages that remain, the last of which is for the value.
    const limits = { timeLimitSec: left / (stages.length - i + 1), gapFraction: 0 };
    const outcome = engine.solve(part.program, limits, part.valuesOf(held));
    if (outcome.status === 'failed') return { termination: 'fallback', assignments: held, bound: null };
    left -= outcome.seconds;
    if (outcome.values) held = better(problem, held, part.assignmentsOf(outcome.values));
    if (outcome.status !== 'optimal') isProven = false;
    if (left <= 0) return { termination: 'time-limit', assignments: held, bound: null };
    part.holdService(priority, held);
  }
  part.minimizeValue();
  const outcome = engine.solve(part.program, { timeLimitSec: left, gapFraction }, part.valuesOf(held));
  const bound = outcome.bound === null || !isProven ? null : outcome.bound + part.valueOfNothing;
  const status = isProven || outcome.status !== 'optimal' ? outcome.status : 'time-limit';
  return solutionOf(
    problem,
    { ...outcome, status, bound },
    outcome.values && part.assignmentsOf(outcome.values),
    held,
  );
}

/** How many of the highest priorities can be served in full together, by bisection, and a plan that does. */
function wholePrefix(
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
    const program = new WholeProgram(upper, true);
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
    demand.priority <= priority ? demand : { ...demand, candidates: [] },
  );
  return { ...problem, servers };
}

function solutionOf(
  problem: Problem,
  { status, bound }: EngineOutcome,
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
    bound: bound && roundedBound(bound, totalValue(problem, assignments)),
  };
}

/** A bound is at most the value that was reached; less by rounding alone, it is that value. */
function roundedBound(bound: number, value: number): number {
  return bound > value - 1e-9 * Math.max(1, Math.abs(value)) ? value : bound;
}
