import { allChoices, type Choices, fixedTo, thriftyChoices } from './choices.ts';
import type { Engine } from './integer-program.ts';
import { LevelProgram } from './level-program.ts';
import type { AnyWhole } from './lexicographic.ts';
import { improved } from './local-search.ts';
import { mostService } from './most-service.ts';
import { isWhole, isWithinLimits } from './service.ts';
import type { Problem, Solution } from './solver.ts';

/** Of the time, for the search near a plan that is nearly whole. */
const SHARE_FOR_SEARCH = 0.1;

/** Lower than any; nobody has it. */
const LOWEST = Number.POSITIVE_INFINITY;

/**
 * One variant per server that serves all in full, at any value. That there is none is often seen where shares of plans would not do
 * either; and what takes the least share of all limits so is nearly whole, with room for the rest.
 */
export function anyWhole(problem: Problem, engine: Engine, timeLimitSec: number): AnyWhole {
  const endMs = performance.now() + 1000 * timeLimitSec;
  const choices = allChoices(problem, LOWEST).map((ofServer, i) =>
    thriftyChoices(problem.servers[i], ofServer),
  );
  const solve = (among: readonly Choices[], isLinear: boolean) => {
    // A program of a large fleet takes long to write.
    if (performance.now() >= endMs) return { status: 'time-limit', plan: null };
    const level = new LevelProgram(problem, among, { priority: LOWEST, held: new Map() }, isLinear);
    if (isLinear) level.minimizeTake();
    const left = Math.max(0.001, (endMs - performance.now()) / 1000);
    const { status, values } = level.solve(engine, {
      timeLimitSec: left,
      gapFraction: isLinear ? 0 : 1,
    });
    return { status, plan: values && level.assignmentsOf(values) };
  };
  const isSound = (plan: Solution['assignments'] | null): plan is Solution['assignments'] =>
    plan !== null && isWithinLimits(problem, plan) && isWhole(problem, plan);
  const shares = solve(choices, true);
  if (shares.status === 'infeasible') return { plan: null, isProven: true };
  if (shares.plan) {
    const filled = mostService(problem, shares.plan);
    const completed = isWhole(problem, filled)
      ? filled
      : improved(problem, filled, SHARE_FOR_SEARCH * timeLimitSec);
    if (isSound(completed)) return { plan: completed, isProven: true };
    const { plan } = solve(fixedTo(shares.plan, choices), false);
    if (isSound(plan)) return { plan, isProven: true };
  }
  const { plan, status } = solve(choices, false);
  return isSound(plan) ? { plan, isProven: true } : { plan: null, isProven: status === 'infeasible' };
}
