import type { Aim } from './aim.ts';
import { allChoices, type Choices, countOf, fixedTo, thriftyChoices } from './choices.ts';
import { dualPrices } from './dual-prices.ts';
import { enumerated, MOST_ENUMERATED } from './enumeration.ts';
import type { Engine } from './integer-program.ts';
import { LevelProgram } from './level-program.ts';
import type { AnyWhole } from './lexicographic.ts';
import { improved } from './local-search.ts';
import { mostService } from './most-service.ts';
import { pricing } from './pricing.ts';
import { isWhole, isWithinLimits } from './service.ts';
import type { Problem, Solution } from './solver.ts';

/** Of the time, for the search near a plan that is nearly whole. */
const SHARE_FOR_SEARCH = 0.1;

/** A bound above this is not rounding, where prices are looked for at which it is 1. */
const PROOF = 1e-3;

/** A priority lower than any; nobody has it. */
const LOWEST = Number.POSITIVE_INFINITY;

/** Every plan costs nothing. */
const ANY: Aim = { priority: LOWEST, held: new Map() };

/**
 * One variant per server that serves all in full, at any value. That there is none is often seen where shares of plans would not do
 * either; and what takes the least share of all limits so is nearly whole, with room for the rest.
 */
export function anyWhole(problem: Problem, engine: Engine, timeLimitSec: number): AnyWhole {
  const endMs = performance.now() + 1000 * timeLimitSec;
  const choices = allChoices(problem, LOWEST).map((ofServer, i) =>
    thriftyChoices(problem.servers[i], ofServer),
  );
  const quick = engine.isSpared && enumeratedWhole(problem, choices);
  if (quick) return quick;
  const solve = (among: readonly Choices[], isLinear: boolean) => {
    // A program of a large fleet takes long to write.
    if (performance.now() >= endMs) return { status: 'time-limit', plan: null };
    const level = new LevelProgram(problem, among, ANY, isLinear);
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

/** By enumeration. null: it is not known whether there is a plan. */
function enumeratedWhole(problem: Problem, choices: readonly Choices[]): AnyWhole | null {
  if (countOf(choices) > MOST_ENUMERATED) return null;
  // Where any plan costs nothing, prices at which all cost more than that prove that there is none.
  const { bound } = pricing(problem, choices, ANY, dualPrices(problem, choices, ANY, 1));
  if (bound > PROOF) return { plan: null, isProven: true };
  // Who takes least is tried first.
  const limits = problem.limits.map((limit) => (limit > 0 ? 1 / limit : 0));
  const prices = { limits, held: new Map() };
  const thrifty = pricing(problem, choices, ANY, prices);
  const found = enumerated(problem, choices, ANY, prices, thrifty.bound, 1);
  if (found.plan && isWithinLimits(problem, found.plan)) return { plan: found.plan, isProven: true };
  return !found.plan && found.bound === 1 ? { plan: null, isProven: true } : null;
}
