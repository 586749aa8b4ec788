import { balancedMix } from './balanced-mix.ts';
import type { Engine, EngineLimits } from './integer-program.ts';
import { type Formulation, solveLexicographically, type WholeFormulation } from './lexicographic.ts';
import { isMix } from './mix.ts';
import { mixBlock } from './mix-block.ts';
import { solveOneVariant } from './one-variant.ts';
import { PartProgram } from './part-program.ts';
import type { Problem, Solution } from './solver.ts';

/** Share of the time for the best plan of one variant per server, from which the search for mixes starts. */
const SHARE_FOR_ONE_VARIANT = 0.2;

/** More than enough for a linear program of one server. */
const TIME_TO_BALANCE_SEC = 1;

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
  const solution = solveLexicographically(
    MIXED,
    problem,
    engine,
    { ...limits, timeLimitSec: left },
    assignments,
  );
  return { ...solution, assignments: balanced(problem, engine, solution.assignments) };
}

function balanced(
  { servers }: Problem,
  engine: Engine,
  assignments: Solution['assignments'],
): Solution['assignments'] {
  return assignments.map((given, i) =>
    given && isMix(given) ? balancedMix(servers[i].mixing!, given, engine, TIME_TO_BALANCE_SEC) : given,
  );
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
