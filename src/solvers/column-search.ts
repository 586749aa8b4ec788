import { type Aim, takesPart } from './aim.ts';
import { ColumnPool } from './column-pool.ts';
import { listedWithin, type Priced, pricedAt, type Scope } from './column-prices.ts';
import { ColumnProgram } from './column-program.ts';
import { type Column, columnOf, keyOf } from './columns.ts';
import type { Engine, EngineOutcome } from './integer-program.ts';
import { improved } from './local-search.ts';
import { Measure } from './measure.ts';
import { mostService } from './most-service.ts';
import { Order } from './order.ts';
import { RoomLeft } from './room-left.ts';
import { better, canBeGiven, fullService, isWithinLimits } from './service.ts';
import type { Problem, Solution } from './solver.ts';

const MOST_ROUNDS = 40;

/** Bounds this near to each other (relative) are as good as equal: more rounds would not pay. */
const NEAR = 1e-4;

/** Of the time: until prices are found; for the choice among the columns that these took; for the search near a plan. */
const SHARE_FOR_PRICES = 0.5;
const SHARE_FOR_POOL = 0.4;
const SHARE_FOR_SEARCH = 0.05;

/** The first list goes no farther above the bound than this share of the way to the best plan known, the next so much farther. */
const FIRST_LIST = 1 / 16;
const FARTHER = 2;

/** With more columns than this the choice among all of them takes too long to begin with. */
const MOST_AT_ONCE = 3_000;

/** Servers that are given anew at a time, and how many times as many where that was in vain. */
const FEW = 24;
const FEWEST = 3;
const WIDER = 1.5;

/** With more columns than this a list has little hope. */
const MOST_LISTED = 10_000;

export interface ColumnStage {
  readonly assignments: Solution['assignments'];
  /** No plan costs less, over giving nothing; null: not known. */
  readonly bound: number | null;
  /** Nothing is better, within the gap. */
  readonly isProven: boolean;
}

/**
 * Plans by column generation: a linear program over the mixes that are known prices the limits and the service held, each server's
 * best mix at these prices joins it, until none is better; each round's prices bound what any plan can reach (Dantzig and Wolfe, 1960;
 * the bound is Lagrange's). Then binary programs choose: among the mixes that are known; and among all that cost no more above the
 * best of their server than those of a better plan may.
 */
export class ColumnSearch {
  readonly #problem: Problem;
  readonly #engine: Engine;
  readonly #gapFraction: number;
  readonly #pool: ColumnPool;
  #held: Solution['assignments'];
  /** Of the stage. */
  #scope: Scope;
  #measure: Measure;
  #endMs = 0;
  #bound = Number.NEGATIVE_INFINITY;
  /** By server, what it has in the linear program; null: several columns. */
  #linear: (string | null)[] = [];
  readonly #order = new Order();

  /** @param start a plan within the limits */
  constructor(problem: Problem, engine: Engine, gapFraction: number, start: Solution['assignments']) {
    this.#problem = problem;
    this.#engine = engine;
    this.#gapFraction = gapFraction;
    this.#held = start;
    this.#scope = {
      problem,
      aim: { priority: null, held: new Map() },
      wholeUpTo: 0,
      room: new RoomLeft(problem),
    };
    this.#measure = new Measure(problem, this.#scope.aim);
    this.#pool = new ColumnPool(problem, start, this.#scope.room);
  }

  /**
   * The best plan by an aim.
   *
   * @param wholeUpTo the lowest priority that is served as far as it can be, as all above it; the plan that is known does so
   * @returns null where some server's best mix is not so easily found, or no prices are in the time
   */
  stage(aim: Aim, wholeUpTo: number, timeLimitSec: number): ColumnStage | null {
    const startMs = performance.now();
    this.#scope = { ...this.#scope, aim, wholeUpTo };
    this.#measure = new Measure(this.#problem, aim);
    this.#endMs = startMs + 1000 * timeLimitSec;
    this.#bound = Number.NEGATIVE_INFINITY;
    const priced = this.#price(startMs + 1000 * SHARE_FOR_PRICES * timeLimitSec);
    if (!priced) return null;
    if (!this.#isReached() && this.#mayServeAll())
      this.#thrive(startMs + 1000 * SHARE_FOR_PRICES * timeLimitSec);
    if (!this.#isReached()) this.#round();
    const pool = this.#pool.open(this.#scope);
    const isNear = this.#isReached(Math.min(NEAR, this.#gapFraction));
    if (!isNear && pool.length <= MOST_AT_ONCE) this.#choose(pool, SHARE_FOR_POOL, NEAR / 2);
    const isProven = this.#isReached() || this.#chooseOfAll(priced);
    if (!isProven) this.#chooseNearby();
    const bound = Number.isFinite(this.#bound) ? Math.min(this.#bound, this.#cost()) : null;
    return { assignments: this.#held, bound, isProven };
  }

  /** The prices that bound best; null: there are none. */
  #price(endMs: number): Priced | null {
    let best: Priced | null = null;
    for (let round = 0; round < MOST_ROUNDS && !(best && performance.now() > endMs); round++) {
      const level = this.#program(this.#pool.open(this.#scope), false);
      const outcome = level.solve(this.#engine, { timeLimitSec: this.#left(1), gapFraction: 0 });
      const { status, rowPrices, bound: reached, values } = outcome;
      if (status !== 'optimal' || !rowPrices || !values || reached === null) break;
      const priced = pricedAt(this.#scope, level.pricesOf(rowPrices));
      if (!priced) break;
      if (!best || priced.bound > best.bound) best = priced;
      this.#bound = Math.max(this.#bound, priced.bound);
      const added = this.#pool.add(priced.cheapest.flatMap(({ column }) => column ?? []));
      const isEnd = added === 0 || reached - this.#bound <= NEAR * Math.abs(reached);
      this.#linear = level.keysOf(values);
      if (isEnd || round === 0) this.#try(level.assignmentsOf(values));
      if (isEnd || this.#isReached()) break;
    }
    return best;
  }

  /** Whether a priority might be served as far as it can be, for what is known. */
  #mayServeAll(): boolean {
    const { priority, held } = this.#scope.aim;
    if (priority === null || held.size > 0) return false;
    const all = this.#problem.servers.reduce(
      (sum, demand) => (demand.priority === priority && canBeGiven(demand) ? sum + fullService(demand) : sum),
      0,
    );
    return -this.#bound > all - this.#slack();
  }

  /**
   * Where all of a priority might be served, the prices at which they are say little. What serves them so and takes the least share of all
   * limits is nearly whole, with room for the rest.
   */
  #thrive(endMs: number): void {
    const { limits } = this.#problem;
    const wholeUpTo = this.#scope.aim.priority!;
    const scope = { ...this.#scope, wholeUpTo };
    for (let round = 0; round < MOST_ROUNDS && performance.now() < endMs; round++) {
      const level = this.#program(this.#pool.open(scope), false, wholeUpTo);
      level.minimizeTake();
      const limit = { timeLimitSec: this.#left(1), gapFraction: 0 };
      const { status, values, rowPrices } = level.solve(this.#engine, limit);
      if (status !== 'optimal' || !values || !rowPrices) return;
      this.#linear = level.keysOf(values);
      const dual = level.pricesOf(rowPrices).limits;
      const prices = {
        limits: dual.map((price, i) => price + (limits[i] > 0 ? 1 / limits[i] : 0)),
        held: new Map(),
      };
      const priced = pricedAt(scope, prices);
      const added = priced ? this.#pool.add(priced.cheapest.flatMap(({ column }) => column ?? [])) : 0;
      if (added > 0) continue;
      this.#try(level.assignmentsOf(values));
      return;
    }
  }

  /** What is whole in the linear program is kept, but for more and more servers until there is a plan. */
  #round(): void {
    const kept = [...this.#linear];
    const order = this.#order.shuffled(kept.flatMap((key, server) => (key === null ? [] : [server])));
    for (let free = 0; performance.now() < this.#endMs; free = Math.max(FEW, 2 * free)) {
      for (const server of order.splice(0, free)) kept[server] = null;
      const { status } = this.#choose(this.#pool.around(this.#scope, kept), SHARE_FOR_POOL, NEAR / 2);
      if (status !== 'infeasible' || order.length === 0) return;
    }
  }

  /** Some servers at a time are given anew what they have together and what is left; more of them where that is in vain. */
  #chooseNearby(): void {
    const { servers } = this.#problem;
    const open = servers.flatMap((demand, server) =>
      canBeGiven(demand) && takesPart(demand, this.#scope.aim) ? [server] : [],
    );
    let order: number[] = [];
    let few = FEW;
    while (!this.#isReached() && performance.now() < this.#endMs) {
      if (order.length < few) order = this.#order.shuffled([...open]);
      const free = new Set(order.splice(0, few));
      const kept = this.#held.map((given, server) => (free.has(server) ? null : keyOf(given)));
      const before = this.#cost();
      const { status } = this.#choose(this.#pool.around(this.#scope, kept), SHARE_FOR_POOL, NEAR / 2);
      if (status === 'failed' || (status === 'time-limit' && few <= FEWEST)) return;
      if (status === 'time-limit') few = Math.ceil(few / 2);
      else if (this.#cost() > before - this.#slack()) {
        if (few > open.length) return;
        few = Math.ceil(WIDER * few);
      }
    }
  }

  /** Chooses among all columns that may be of use, more of them each time. @returns whether nothing is better, within the gap */
  #chooseOfAll(priced: Priced): boolean {
    for (let share = FIRST_LIST; performance.now() < this.#endMs; share *= FARTHER) {
      const spare = Math.min(1, share) * (this.#cost() - priced.bound);
      const listed = listedWithin(this.#scope, priced, spare, MOST_LISTED);
      if (!listed) return false;
      const { status, bound } = this.#choose(listed, 1, this.#gapFraction);
      // A plan with any other column costs more than what the list spared.
      const ofListed = status === 'infeasible' ? this.#cost() : (bound ?? Number.NEGATIVE_INFINITY);
      this.#bound = Math.max(this.#bound, Math.min(ofListed, priced.bound + spare));
      if (this.#isReached()) return true;
      if (status !== 'optimal' && status !== 'infeasible') return false;
      if (share >= 1) return true;
    }
    return false;
  }

  /** The best plan of some columns that is better than the one known. */
  #choose(
    columns: readonly Column[],
    share: number,
    gapFraction: number,
  ): Pick<EngineOutcome, 'status' | 'bound'> {
    if (performance.now() >= this.#endMs) return { status: 'time-limit', bound: null };
    const level = this.#program(columns, true);
    if (this.#scope.aim.priority !== null) level.program.addCutoff(this.#cost() - this.#slack());
    const outcome = level.solve(this.#engine, { timeLimitSec: this.#left(share), gapFraction });
    if (outcome.values) this.#try(level.assignmentsOf(outcome.values));
    return outcome;
  }

  #program(columns: readonly Column[], isWhole: boolean, wholeUpTo = this.#scope.wholeUpTo): ColumnProgram {
    return new ColumnProgram(this.#problem, columns, this.#scope.aim, wholeUpTo, isWhole);
  }

  #try(plan: Solution['assignments']): void {
    if (!isWithinLimits(this.#problem, plan)) return;
    const filled = mostService(this.#problem, plan);
    this.#held = better(
      this.#problem,
      this.#held,
      improved(this.#problem, filled, this.#left(SHARE_FOR_SEARCH)),
    );
    const { servers } = this.#problem;
    for (const [server, given] of this.#held.entries())
      if (given) this.#pool.add([columnOf(servers[server], server, given)]);
  }

  #cost(): number {
    return this.#measure.cost(this.#held);
  }

  #slack(): number {
    return this.#measure.slack(this.#cost());
  }

  #isReached(gapFraction = this.#gapFraction): boolean {
    return this.#measure.isNear(this.#cost(), this.#bound, gapFraction);
  }

  #left(share: number): number {
    return Math.max(0.001, (share * (this.#endMs - performance.now())) / 1000);
  }
}
