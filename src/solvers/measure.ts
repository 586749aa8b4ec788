import { type Aim, costOfPlan, valueOfNothing } from './aim.ts';
import { SERVICE_TOLERANCE } from './service.ts';
import type { Problem, Solution } from './solver.ts';

/** What plans cost by an aim, and when that is as good as their bound. */
export class Measure {
  readonly #problem: Problem;
  readonly #aim: Aim;
  /** What costs leave out: that of giving nothing. */
  readonly #constant: number;

  constructor(problem: Problem, aim: Aim) {
    this.#problem = problem;
    this.#aim = aim;
    this.#constant = aim.priority === null ? valueOfNothing(problem) : 0;
  }

  cost(plan: Solution['assignments']): number {
    return costOfPlan(this.#aim, this.#problem, plan);
  }

  /** By how much costs may differ that are equal. */
  slack(cost: number): number {
    return this.#aim.priority === null ? 1e-9 * Math.abs(cost + this.#constant) : 3 * SERVICE_TOLERANCE;
  }

  /** Whether a cost is within the gap of its bound. */
  isNear(cost: number, bound: number, gapFraction: number): boolean {
    return cost - bound <= Math.max(gapFraction * Math.abs(cost + this.#constant), this.slack(cost));
  }
}
