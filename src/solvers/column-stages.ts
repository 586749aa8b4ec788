import { type Aim, valueOfNothing } from './aim.ts';
import { ColumnSearch } from './column-search.ts';
import type { Engine, EngineLimits } from './integer-program.ts';
import { roundedBound } from './lexicographic.ts';
import { mostService } from './most-service.ts';
import {
  better,
  canBeGiven,
  fullService,
  prioritiesOf,
  servedOf,
  serviceBound,
  serviceOf,
  totalValue,
} from './service.ts';
import type { PriorityBound, Problem, Solution } from './solver.ts';

/** Of the time that is left, for a stage that is not the last. Those that come after are the easier, the less is left to choose. */
const SHARE_FOR_STAGE = 0.6;

/**
 * The most service by columns, priority by priority, the highest first; then the least value.
 *
 * @param incumbent within the limits; what is returned is never worse
 * @returns where some server's best mix is not so easily found, or the engine finds no prices, `gave-up` with the stages until then; null: none
 */
export function planByColumns(
  problem: Problem,
  engine: Engine,
  { timeLimitSec, gapFraction }: EngineLimits,
  incumbent: Solution['assignments'],
): Solution | null {
  const endMs = performance.now() + 1000 * timeLimitSec;
  const start = better(problem, incumbent, mostService(problem));
  const search = new ColumnSearch(problem, engine, gapFraction, start);
  const held = new Map<number, number>();
  const service: PriorityBound[] = [];
  let assignments = start;
  let wholeUpTo = 0;
  let isProven = true;
  const next = (aim: Aim, share: number) => {
    const stage = search.stage(aim, wholeUpTo, Math.max(0.001, (share * (endMs - performance.now())) / 1000));
    if (stage) ({ assignments } = stage);
    isProven &&= stage?.isProven ?? false;
    return stage;
  };
  const stopped = (): Solution => ({
    termination: performance.now() < endMs ? 'gave-up' : 'time-limit',
    assignments,
    bound: null,
    service,
  });
  for (const priority of prioritiesOf(problem)) {
    const isHigherWhole = held.size === 0;
    if (isHigherWhole && isServed(problem, assignments, priority)) {
      wholeUpTo = priority;
      continue;
    }
    const stage = next({ priority, held }, SHARE_FOR_STAGE);
    if (!stage) return service.length === 0 ? null : stopped();
    if (isHigherWhole && isServed(problem, assignments, priority)) {
      wholeUpTo = priority;
      continue;
    }
    const served = servedOf(problem, assignments, priority);
    held.set(priority, served);
    service.push({ priority, bound: stage.bound === null ? null : serviceBound(-stage.bound, served) });
  }
  const stage = next({ priority: null, held }, 1);
  if (!stage) return stopped();
  const bound =
    stage.bound === null
      ? null
      : roundedBound(stage.bound + valueOfNothing(problem), totalValue(problem, assignments));
  return { termination: isProven ? 'optimal' : 'time-limit', assignments, bound, service };
}

/**
 * The least value of all in full, by columns.
 *
 * @param start a plan that serves all so
 * @returns null where some server's best mix is not so easily found, or no prices are in the time
 */
export function planWholeByColumns(
  problem: Problem,
  engine: Engine,
  { timeLimitSec, gapFraction }: EngineLimits,
  start: Solution['assignments'],
): { readonly assignments: Solution['assignments']; readonly bound: number } | null {
  const search = new ColumnSearch(problem, engine, gapFraction, start);
  const stage = search.stage({ priority: null, held: new Map() }, Number.POSITIVE_INFINITY, timeLimitSec);
  if (!stage || stage.bound === null) return null;
  const { assignments, bound } = stage;
  return {
    assignments,
    bound: roundedBound(bound + valueOfNothing(problem), totalValue(problem, assignments)),
  };
}

/** Whether all of a priority are served as far as they can be. */
function isServed({ servers }: Problem, assignments: Solution['assignments'], priority: number): boolean {
  return servers.every(
    (demand, i) =>
      demand.priority !== priority ||
      !canBeGiven(demand) ||
      serviceOf(demand, assignments[i]) >= fullService(demand),
  );
}
