import type { EngineLimits } from './integer-program.ts';
import { type PartPlanner, solutionOf } from './lexicographic.ts';
import { improved } from './local-search.ts';
import { mixBlock } from './mix-block.ts';
import { PartProgram } from './part-program.ts';
import { better, servedOf, serviceBound } from './service.ts';
import type { PriorityBound, Problem, Solution } from './solver.ts';

/** Of the time, for the search near a plan, where the engine has proven nothing. */
const SHARE_FOR_SEARCH = 0.15;

/** Several variants for a server, where not all can be served; one program for all stages. */
export const planMixesInStages: PartPlanner = (problem, priorities, whole, engine, limits, incumbent) => {
  const { timeLimitSec, gapFraction } = limits;
  const endMs = performance.now() + 1000 * (1 - SHARE_FOR_SEARCH) * timeLimitSec;
  const part = new PartProgram(problem, whole === 0 ? 0 : priorities[whole - 1], mixBlock);
  if (part.program.columns === 0) {
    return { termination: 'optimal', assignments: incumbent, bound: part.valueOfNothing };
  }
  const service: PriorityBound[] = [];
  let held = incumbent;
  let isProven = true;
  const stages = priorities.slice(whole);
  for (const [i, priority] of stages.entries()) {
    if (!part.maximizeService(priority)) {
      service.push({ priority, bound: 0 });
      continue;
    }
    // The first of the stages that remain, the last of which is for the value.
    const outcome = engine.solve(part.program, {
      timeLimitSec: shareOf(endMs, stages.length - i + 1),
      gapFraction,
    });
    if (outcome.status === 'failed') return { termination: 'fallback', assignments: held, bound: null };
    if (outcome.values) held = better(problem, held, part.assignmentsOf(outcome.values));
    if (outcome.status !== 'optimal') isProven = false;
    const served = servedOf(problem, held, priority);
    service.push({ priority, bound: outcome.bound === null ? null : serviceBound(-outcome.bound, served) });
    part.holdService(priority, held);
  }
  part.minimizeValue();
  const outcome = engine.solve(part.program, { timeLimitSec: shareOf(endMs, 1), gapFraction });
  const found = outcome.values && part.assignmentsOf(outcome.values);
  const solution = solutionOf(problem, outcome, part.valueOfNothing, found, held);
  if (isProven || solution.termination !== 'optimal')
    return searched(problem, { ...solution, service }, limits);
  return searched(problem, { ...solution, service, termination: 'time-limit' }, limits);
};

function shareOf(endMs: number, stages: number): EngineLimits['timeLimitSec'] {
  return Math.max(0.001, (endMs - performance.now()) / 1000 / stages);
}

/** What is not proven may be bettered nearby; bounds hold for what serves more as well. */
function searched(problem: Problem, solution: Solution, { timeLimitSec }: EngineLimits): Solution {
  if (solution.termination !== 'time-limit') return solution;
  const near = improved(problem, solution.assignments, SHARE_FOR_SEARCH * timeLimitSec);
  return { ...solution, assignments: better(problem, solution.assignments, near) };
}
