import { anyWhole as anyWholeAlone } from './any-whole.ts';
import { balancedMix } from './balanced-mix.ts';
import { planByColumns, planWholeByColumns } from './column-stages.ts';
import type { Engine, EngineLimits } from './integer-program.ts';
import { type AnyWhole, type Formulation, solutionOf, solveLexicographically } from './lexicographic.ts';
import { isMix } from './mix.ts';
import { mixBlock } from './mix-block.ts';
import { bestMix, isSimple } from './mix-search.ts';
import { planMixesInStages } from './mix-stages.ts';
import { solveOneVariant, withoutMixing } from './one-variant.ts';
import { PartProgram } from './part-program.ts';
import { better, isWhole, isWithinLimits, totalValue } from './service.ts';
import type { Demand, Mixing, Problem, Solution } from './solver.ts';

/** Of the time, for the least value of one variant per server, from which the search for mixes starts. */
const SHARE_FOR_ONE_VARIANT = 0.2;

/** Of the time, to find whether one variant for each server can serve all. */
const SHARE_FOR_START = 0.3;

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
  if (separate.plan) return { termination: 'optimal', assignments: separate.plan, bound: separate.bound };
  const endMs = performance.now() + 1000 * limits.timeLimitSec;
  const left = () => Math.max(0.001, (endMs - performance.now()) / 1000);
  /** No plan in full has less value than each server alone would have; of plans in part it says nothing. */
  const bounded = (solution: Solution): Solution => {
    if (!isWhole(problem, solution.assignments)) return solution;
    const value = totalValue(problem, solution.assignments);
    return {
      ...solution,
      bound: Math.min(value, Math.max(separate.bound, solution.bound ?? separate.bound)),
    };
  };
  const known = incumbent();
  // Where mixes are easily found, there is more to be had by them than by the best of one variant each.
  const whole = isWhole(problem, known) || !areSimple(problem) ? known : wholeAlone(problem, engine, left());
  if (!whole) {
    const solution = planByColumns(problem, engine, { ...limits, timeLimitSec: left() }, known);
    if (solution) return bounded(goneOn(problem, engine, { ...limits, timeLimitSec: left() }, solution));
  }
  // Where not all can be served, it has all the time that it needs: mixes that are sought in less would often serve less.
  const exactly = { timeLimitSec: left(), gapFraction: 0 };
  const alone = solveOneVariant(problem, engine, exactly, () => whole ?? known, SHARE_FOR_ONE_VARIANT);
  if (performance.now() >= endMs) {
    return bounded({ termination: 'time-limit', assignments: alone.assignments, bound: null });
  }
  const columns = isWhole(problem, alone.assignments)
    ? planWholeByColumns(
        problem,
        engine,
        { ...limits, timeLimitSec: SHARE_FOR_COLUMNS * left() },
        alone.assignments,
      )
    : null;
  const start = columns?.assignments ?? alone.assignments;
  if (columns && isNear(columns.bound, totalValue(problem, start), limits.gapFraction)) {
    return { termination: 'optimal', assignments: start, bound: columns.bound };
  }
  const solution = solveLexicographically(MIXED, problem, engine, { ...limits, timeLimitSec: left() }, start);
  return bounded({
    ...solution,
    assignments: balanced(problem, engine, solution.assignments),
    bound: columns && solution.bound !== null ? Math.max(columns.bound, solution.bound) : solution.bound,
  });
}

/** What columns gave up is put to the engine as a whole, from their plan on; what they have proven stays so. */
function goneOn(problem: Problem, engine: Engine, limits: EngineLimits, columns: Solution): Solution {
  if (columns.termination !== 'gave-up') return columns;
  const solution = solveLexicographically(MIXED, problem, engine, limits, columns.assignments);
  if (solution.termination === 'optimal') return solution;
  const assignments = better(problem, columns.assignments, solution.assignments);
  return { ...columns, termination: 'time-limit', assignments };
}

function areSimple({ servers }: Problem): boolean {
  return servers.every(({ mixing }) => !mixing || isSimple(mixing));
}

/** A plan of one variant per server that serves all in full; null: none is found. */
function wholeAlone(problem: Problem, engine: Engine, leftSec: number): Solution['assignments'] | null {
  return anyWholeAlone(withoutMixing(problem), engine, SHARE_FOR_START * leftSec).plan;
}

/** Whether a value is as near to its bound as was asked for; rounding apart. */
function isNear(bound: number, value: number, gapFraction: number): boolean {
  return value - bound <= Math.max(gapFraction, 1e-9) * Math.abs(value);
}

/** What no plan in full falls below, each server alone; and the plan that is so good, where it fits and is easily found. */
function bestOfEachMix(problem: Problem): { plan: Solution['assignments'] | null; bound: number } {
  const assignments: Solution['assignments'][number][] = [];
  let isFound = true;
  let bound = 0;
  for (const demand of problem.servers) {
    // Once one is not found, the search for the others would not pay.
    const best = !demand.mixing ? bestAlone(demand) : isFound ? bestMix(demand) : null;
    if (best) assignments.push(best.given);
    else isFound = false;
    bound += best?.value ?? leastValue(demand, demand.mixing!);
  }
  if (!isFound || !isWithinLimits(problem, assignments)) return { plan: null, bound };
  return { plan: assignments, bound: Math.min(bound, totalValue(problem, assignments)) };
}

/** No mix in full has less value: each request size where it is cheapest, replicas need not be whole; or exactly what runs. */
function leastValue({ valueOfNothing }: Demand, mixing: Mixing): number {
  const { sizes, parts, minReplicas, spareReplicas, staying } = mixing;
  const cheapest = (size: number) =>
    Math.min(
      ...parts.flatMap(({ loads, valuePerReplica }) =>
        Number.isFinite(loads[size]) ? [loads[size] * valuePerReplica] : [],
      ),
    );
  const carrying = sizes.reduce((sum, _, size) => sum + cheapest(size), 0);
  const cheapestReplica = Math.min(...parts.map(({ valuePerReplica }) => valuePerReplica));
  const keeping = parts.reduce((sum, { valueOfKeeping }) => sum + valueOfKeeping, 0);
  const least = keeping + Math.max(carrying, (minReplicas + spareReplicas) * cheapestReplica);
  return valueOfNothing + least + Math.min(0, staying?.difference ?? 0);
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
