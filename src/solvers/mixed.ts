import type { Engine, EngineLimits } from './integer-program.ts';
import { type Formulation, solveLexicographically, type WholeFormulation } from './lexicographic.ts';
import { mixBlock } from './mix-block.ts';
import { solveOneVariant } from './one-variant.ts';
import { PartProgram } from './part-program.ts';
import type { Problem, Solution } from './solver.ts';

/** Share of the time for the best plan of one variant per server, from which the search for mixes starts. */
const SHARE_FOR_ONE_VARIANT = 0.2;

const MIXED: Formulation = { whole: wholeOf, block: mixBlock };

/** The best plan where several variants may serve a server together. */
export function solveMixed(
  problem: Problem,
  engine: Engine,
  limits: EngineLimits,
  incumbent: Solution['assignments'],
): Solution {
  const startMs = performance.now();
  const timeLimitSec = SHARE_FOR_ONE_VARIANT * limits.timeLimitSec;
  const { assignments } = solveOneVariant(problem, engine, { ...limits, timeLimitSec }, incumbent);
  const left = Math.max(0.001, limits.timeLimitSec - (performance.now() - startMs) / 1000);
  return solveLexicographically(MIXED, problem, engine, { ...limits, timeLimitSec: left }, assignments);
}

function wholeOf(problem: Problem, isAnyGood: boolean): WholeFormulation {
  const all = new PartProgram(problem, Number.POSITIVE_INFINITY, mixBlock);
  if (!isAnyGood) all.minimizeValue();
  return {
    program: all.program,
    constant: all.valueOfNothing,
    isFeasible: all.hasRoomForEach,
    assignmentsOf: (values) => all.assignmentsOf(values),
  };
}
