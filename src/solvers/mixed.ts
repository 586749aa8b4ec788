import { balancedMix } from './balanced-mix.ts';
import { bestMix } from './best-mix.ts';
import type { Engine, EngineLimits } from './integer-program.ts';
import { type AnyWhole, type Formulation, solutionOf, solveLexicographically } from './lexicographic.ts';
import { isMix } from './mix.ts';
import { mixBlock } from './mix-block.ts';
import { solveByColumns } from './mix-columns.ts';
import { planMixesInStages } from './mix-stages.ts';
import { solveOneVariant } from './one-variant.ts';
import { PartProgram } from './part-program.ts';
import { isWhole, isWithinLimits, totalValue } from './service.ts';
import type { Demand, Problem, Solution } from './solver.ts';

/** Of the time, for the least value of one variant per server, from which the search for mixes starts. */
const SHARE_FOR_ONE_VARIANT = 0.2;

/** More than enough for a linear program of one server. */
const TIME_TO_BALANCE_SEC = 1;

/** Of what is left then, for mixes that are generated. */
const SHARE_FOR_COLUMNS = 0.5;

const MIXED: Formulation = {
  whole: wholeOf,
  anyWhole,
  inPart: planMixesInStages,
};

/** The best plan where several variants may serve a server together. */
export function solveMixed(
  problem: Problem,
  engine: Engine,
  limits: EngineLimits,
  incumbent: () => Solution['assignments'],
): Solution {
  const separate = bestOfEachMix(problem);
  if (separate) return separate;
  const endMs = performance.now() + 1000 * limits.timeLimitSec;
  const left = () => Math.max(0.001, (endMs - performance.now()) / 1000);
  // Where not all can be served it has all the time that it needs: mixes that are sought in less would often serve less.
  const exactly = { ...limits, gapFraction: 0 };
  const alone = solveOneVariant(problem, engine, exactly, incumbent, SHARE_FOR_ONE_VARIANT);
  if (performance.now() >= endMs) {
    return { termination: 'time-limit', assignments: alone.assignments, bound: null };
  }
  const columns = isWhole(problem, alone.assignments)
    ? solveByColumns(problem, engine, SHARE_FOR_COLUMNS * left(), alone.assignments)
    : null;
  const start = columns?.assignments ?? alone.assignments;
  if (columns && isNear(columns.bound, totalValue(problem, start), limits.gapFraction)) {
    return { termination: 'optimal', assignments: start, bound: columns.bound };
  }
  const solution = solveLexicographically(MIXED, problem, engine, { ...limits, timeLimitSec: left() }, start);
  return {
    ...solution,
    assignments: balanced(problem, engine, solution.assignments),
    bound: columns && solution.bound !== null ? Math.max(columns.bound, solution.bound) : solution.bound,
  };
}

/** Whether a value is as near to its bound as was asked for; rounding apart. */
function isNear(bound: number, value: number, gapFraction: number): boolean {
  return value - bound <= Math.max(gapFraction, 1e-9) * Math.abs(value);
}

/** Each server's best mix, where all of them fit: nothing can be better. null: they do not, or some are not so easily found. */
function bestOfEachMix(problem: Problem): Solution | null {
  const assignments: Solution['assignments'][number][] = [];
  let bound = 0;
  for (const demand of problem.servers) {
    const best = demand.mixing ? bestMix(demand) : bestAlone(demand);
    if (!best) return null;
    assignments.push(best.given);
    bound += best.value;
  }
  if (!isWithinLimits(problem, assignments)) return null;
  const value = totalValue(problem, assignments);
  return { termination: 'optimal', assignments, bound: Math.min(bound, value) };
}

function bestAlone({ candidates }: Demand): { given: Solution['assignments'][number]; value: number } {
  if (candidates.length === 0) return { given: null, value: 0 };
  const [{ replicas, value }] = candidates;
  return { given: { candidate: 0, replicas }, value };
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

function wholeOf(
  problem: Problem,
  engine: Engine,
  limits: EngineLimits,
  start: Solution['assignments'],
): Solution {
  const all = wholeProgram(problem);
  all.minimizeValue();
  const outcome = engine.solve(all.program, limits);
  const found = outcome.values && all.assignmentsOf(outcome.values);
  return solutionOf(problem, outcome, all.valueOfNothing, found, start);
}

function anyWhole(problem: Problem, engine: Engine, timeLimitSec: number): AnyWhole {
  const all = wholeProgram(problem);
  if (!all.hasRoomForEach) return { plan: null, isProven: true };
  const { values, status } = engine.solve(all.program, { timeLimitSec, gapFraction: 1 });
  const plan = values && all.assignmentsOf(values);
  if (plan && isWithinLimits(problem, plan)) return { plan, isProven: true };
  return { plan: null, isProven: status === 'infeasible' };
}

function wholeProgram(problem: Problem): PartProgram {
  return new PartProgram(problem, Number.POSITIVE_INFINITY, mixBlock);
}
