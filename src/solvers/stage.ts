import type { Aim } from './aim.ts';
import { type Choices, candidatesOf, countOf, fixedTo, narrowest, thriftyChoices } from './choices.ts';
import { dualPrices } from './dual-prices.ts';
import { enumerated, MOST_ENUMERATED } from './enumeration.ts';
import type { Engine, EngineLimits, EngineOutcome } from './integer-program.ts';
import { LevelProgram, type Prices } from './level-program.ts';
import { improved } from './local-search.ts';
import { Measure } from './measure.ts';
import { mostService } from './most-service.ts';
import { type Pricing, pricing } from './pricing.ts';
import { better, isWithinLimits } from './service.ts';
import type { Assignment, Problem, Solution } from './solver.ts';

/** Prices are looked for anew so often at most, while that rules out so many of the choices (a share). */
const MOST_ROUNDS = 4;
const WORTH_ANOTHER = 0.05;

/** Of the time: for the search near a plan; for the engine among the choices that look best. */
const SHARE_FOR_SEARCH = 0.1;
const SHARE_FOR_KERNEL = 0.3;

/** With fewer choices the engine searches all of them at once, where the value is what counts. */
const FEW_CHOICES = 2_000;

/** With more choices enumeration has little hope. */
const FEW_TO_ENUMERATE = 500;

/** Of the way from the bound to the best plan known, how far choices may lie that look best. */
const KERNEL = 0.1;

export interface Stage {
  /** The best plan known. */
  readonly assignments: Solution['assignments'];
  /** What plans as good as that may give each server. */
  readonly choices: readonly Choices[];
  /** No plan costs less; null: not known. */
  readonly bound: number | null;
  /** `optimal`: nothing is better, within the gap. */
  readonly status: 'optimal' | 'time-limit' | 'failed';
}

/**
 * The best plan by one aim. Prices of the limits, from the linear program, bound what any plan can reach and rule out what none that is
 * better than the one known can give; the engine searches what is left.
 *
 * @param incumbent a plan among the choices that keeps what is held
 */
export function solveStage(
  problem: Problem,
  choices: readonly Choices[],
  aim: Aim,
  incumbent: Solution['assignments'],
  engine: Engine,
  limits: EngineLimits,
): Stage {
  return new Search(problem, choices, aim, incumbent, engine, limits).result();
}

class Search {
  readonly #problem: Problem;
  readonly #aim: Aim;
  readonly #engine: Engine;
  readonly #gapFraction: number;
  readonly #endMs: number;
  readonly #measure: Measure;
  #choices: readonly Choices[];
  #held: Solution['assignments'];
  #bound = Number.NEGATIVE_INFINITY;

  constructor(
    problem: Problem,
    choices: readonly Choices[],
    aim: Aim,
    incumbent: Solution['assignments'],
    engine: Engine,
    { timeLimitSec, gapFraction }: EngineLimits,
  ) {
    this.#problem = problem;
    this.#choices = choices;
    this.#aim = aim;
    this.#held = incumbent;
    this.#engine = engine;
    this.#gapFraction = gapFraction;
    this.#endMs = performance.now() + 1000 * timeLimitSec;
    this.#measure = new Measure(problem, aim);
  }

  result(): Stage {
    if (this.#engine.isSpared && this.#enumerate()) return this.#stage('optimal');
    const priced = this.#price();
    if (this.#isReached()) return this.#stage('optimal');
    if (priced) {
      const kernel = priced.narrowed(this.#bound + KERNEL * (this.#cost() - this.#bound));
      const isLarge = this.#aim.priority !== null || candidatesOf(this.#choices) > FEW_CHOICES;
      if (isLarge && countOf(kernel) < countOf(this.#choices)) this.#solve(kernel, SHARE_FOR_KERNEL);
      this.#choices = narrowest(this.#choices, priced.narrowed(this.#cost() + this.#slack()));
      if (this.#isReached()) return this.#stage('optimal');
    }
    const outcome = this.#solve(this.#choices, 1);
    if (outcome.bound !== null) this.#bound = Math.max(this.#bound, outcome.bound);
    // With a row that asks for no less service than is known, that there is nothing means that nothing is better; else the engine errs.
    const isNothing = outcome.status === 'infeasible';
    if (outcome.status === 'failed' || (isNothing && this.#aim.priority === null))
      return this.#stage('failed');
    if (isNothing) this.#bound = Math.max(this.#bound, this.#cost() - this.#slack());
    const isProven = isNothing || outcome.status === 'optimal';
    return this.#stage(isProven || this.#isReached() ? 'optimal' : 'time-limit');
  }

  /** Where there is little to choose from. @returns whether it has proven that nothing is better */
  #enumerate(): boolean {
    if (candidatesOf(this.#choices) > FEW_TO_ENUMERATE) return false;
    this.#try(this.#held, SHARE_FOR_SEARCH);
    for (let before = Infinity; countOf(this.#choices) <= (1 - WORTH_ANOTHER) * before; ) {
      before = countOf(this.#choices);
      const prices = dualPrices(this.#problem, this.#counting(this.#choices), this.#aim, this.#cost());
      const priced = pricing(this.#problem, this.#choices, this.#aim, prices);
      this.#bound = Math.max(this.#bound, priced.bound);
      if (!this.#isReached()) this.#enumerateAt(priced, prices);
      this.#choices = priced.narrowed(this.#cost() + this.#slack());
      if (this.#isReached()) return true;
    }
    return false;
  }

  #enumerateAt({ bound, narrowed }: Pricing, prices: Prices): void {
    const cost = this.#cost() - this.#slack();
    const open = this.#counting(narrowed(cost));
    if (countOf(open) > MOST_ENUMERATED) return;
    const found = enumerated(this.#problem, open, this.#aim, prices, bound, cost);
    if (found.plan) this.#try(mostService(this.#problem, found.plan), 0);
    const isProven = found.bound === cost;
    this.#bound = Math.max(this.#bound, isProven ? this.#cost() : found.bound);
  }

  /** Rules out by prices what it can, and makes a plan of what the linear program says. @returns the last; null: none */
  #price(): Pricing | null {
    let last: Pricing | null = null;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const found = this.#linear();
      if (!found) break;
      last = found.priced;
      this.#bound = Math.max(this.#bound, last.bound);
      if (round === 0) {
        this.#try(mostService(this.#problem, found.whole), SHARE_FOR_SEARCH);
        this.#try(mostService(this.#problem, this.#higher(found.whole)), SHARE_FOR_SEARCH);
        if (!this.#isReached()) this.#solve(fixedTo(found.whole, this.#choices), SHARE_FOR_KERNEL);
      }
      const before = countOf(this.#choices);
      this.#choices = last.narrowed(this.#cost() + this.#slack());
      if (this.#isReached() || countOf(this.#choices) > (1 - WORTH_ANOTHER) * before) break;
    }
    return last;
  }

  #linear() {
    if (this.#isOver()) return null;
    const level = new LevelProgram(this.#problem, this.#counting(this.#choices), this.#aim, true);
    const { status, values, rowPrices } = level.solve(this.#engine, this.#limits(1));
    if (status !== 'optimal' || !values || !rowPrices) return null;
    const priced = pricing(this.#problem, this.#choices, this.#aim, level.pricesOf(rowPrices));
    return { priced, whole: level.assignmentsOf(values) };
  }

  #solve(choices: readonly Choices[], share: number): Pick<EngineOutcome, 'status' | 'bound'> {
    if (this.#isOver()) return { status: 'time-limit', bound: null };
    const level = new LevelProgram(this.#problem, this.#counting(choices), this.#aim);
    // To the last search for the least value the row would be a burden.
    if (this.#aim.priority !== null || share < 1) level.addCutoff(this.#cost());
    const outcome = level.solve(this.#engine, this.#limits(share));
    if (outcome.values)
      this.#try(mostService(this.#problem, level.assignmentsOf(outcome.values)), SHARE_FOR_SEARCH);
    return outcome;
  }

  /** What a plan gives those whose service is held: they come first where it has no room for all. */
  #higher(plan: readonly (Assignment | null)[]): (Assignment | null)[] {
    const { servers } = this.#problem;
    return plan.map((given, i) => (servers[i].priority < (this.#aim.priority ?? 0) ? given : null));
  }

  #try(plan: Solution['assignments'], share: number): void {
    if (!isWithinLimits(this.#problem, plan)) return;
    const near = improved(this.#problem, plan, share * this.#limits(1).timeLimitSec);
    this.#held = better(this.#problem, this.#held, near);
  }

  /** Where only service counts, the choices that none outdoes. */
  #counting(choices: readonly Choices[]): readonly Choices[] {
    if (this.#aim.priority === null) return choices;
    return choices.map((ofServer, i) => thriftyChoices(this.#problem.servers[i], ofServer));
  }

  #limits(share: number): EngineLimits {
    const timeLimitSec = Math.max(0.001, (share * (this.#endMs - performance.now())) / 1000);
    return { timeLimitSec, gapFraction: this.#gapFraction };
  }

  /** A program of a large fleet takes long to write: past the time none is begun. */
  #isOver(): boolean {
    return performance.now() >= this.#endMs;
  }

  #cost(): number {
    return this.#measure.cost(this.#held);
  }

  #slack(): number {
    return this.#measure.slack(this.#cost());
  }

  #isReached(): boolean {
    return this.#measure.isNear(this.#cost(), this.#bound, this.#gapFraction);
  }

  #stage(status: Stage['status']): Stage {
    const bound = Number.isFinite(this.#bound) ? this.#bound : null;
    return { assignments: this.#held, choices: this.#choices, bound, status };
  }
}
