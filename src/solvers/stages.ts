import { type Aim, valueOfNothing } from './aim.ts';
import { allChoices, type Choices } from './choices.ts';
import { type Formulation, type PartPlanner, roundedBound } from './lexicographic.ts';
import { servedOf, serviceBound, totalValue } from './service.ts';
import type { PriorityBound, Problem, Solution } from './solver.ts';
import { solveStage } from './stage.ts';

/** Of the time that is left, for a stage that is not the last. Those that come after are the easier, the less is left to choose. */
const SHARE_FOR_STAGE = 0.6;

const VALUE: Aim = { priority: null, held: new Map() };

/** One variant per server, where not all can be served; what a stage rules out is ruled out for the next. */
export const planInStages: PartPlanner = (problem, priorities, whole, engine, limits, incumbent) => {
  const endMs = performance.now() + 1000 * limits.timeLimitSec;
  const held = new Map<number, number>();
  const service: PriorityBound[] = [];
  let choices: readonly Choices[] = allChoices(problem, whole === 0 ? 0 : priorities[whole - 1]);
  let assignments = incumbent;
  let isProven = true;
  const next = (aim: Aim, share: number) => {
    const timeLimitSec = Math.max(0.001, (share * (endMs - performance.now())) / 1000);
    const stage = solveStage(problem, choices, aim, assignments, engine, { ...limits, timeLimitSec });
    ({ assignments, choices } = stage);
    if (stage.status !== 'optimal') isProven = false;
    return stage;
  };
  for (const priority of priorities.slice(whole)) {
    const { bound, status } = next({ priority, held }, SHARE_FOR_STAGE);
    if (status === 'failed') return { termination: 'fallback', assignments, bound: null };
    const served = servedOf(problem, assignments, priority);
    held.set(priority, served);
    service.push({ priority, bound: bound === null ? null : serviceBound(-bound, served) });
  }
  const { bound, status } = next({ priority: null, held }, 1);
  if (status === 'failed') return { termination: 'fallback', assignments, bound: null };
  return {
    ...solutionOf(problem, assignments, bound),
    termination: isProven ? 'optimal' : 'time-limit',
    service,
  };
};

/** One variant per server, all in full, at the least value. */
export const planWhole: Formulation['whole'] = (problem, engine, limits, start) => {
  const choices = allChoices(problem, Number.POSITIVE_INFINITY);
  const { assignments, bound, status } = solveStage(problem, choices, VALUE, start, engine, limits);
  if (status === 'failed') return { termination: 'fallback', assignments, bound: null };
  return { ...solutionOf(problem, assignments, bound), termination: status };
};

function solutionOf(problem: Problem, assignments: Solution['assignments'], bound: number | null) {
  const value = totalValue(problem, assignments);
  return { assignments, bound: bound === null ? null : roundedBound(bound + valueOfNothing(problem), value) };
}
