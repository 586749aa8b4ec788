import { type Aim, type Cost, costOf, leastHeld, takesPart } from './aim.ts';
import type { Choice, Choices } from './choices.ts';
import { type Engine, type EngineLimits, type EngineOutcome, IntegerProgram } from './integer-program.ts';
import { LimitRows } from './limit-rows.ts';
import type { Assignment, Candidate, Problem } from './solver.ts';

/** Of columns that count servers, an engine's rounding. */
const ROUNDING = 1e-6;

/** Servers that may be given the same at the same cost: the program counts them. */
interface Group {
  readonly servers: readonly number[];
  readonly columns: readonly Column[];
}

interface Column {
  /** By server of the group, the choice that this is. */
  readonly choices: readonly Choice[];
  /** How many servers have it. */
  readonly chosen: number;
  /** Replicas of all of them together; null: it is the same number for each. */
  readonly given: number | null;
}

/** What prices limits and the service that is held: 0 or more each. */
export interface Prices {
  readonly limits: readonly number[];
  readonly held: ReadonlyMap<number, number>;
}

/**
 * One variant for each server, by an aim. Servers that differ in nothing which counts are one group, with whole columns for how many of them
 * have a choice and how many replicas these have together: which of them has which is no matter, and an engine would try
 * all the ways to exchange them.
 */
export class LevelProgram {
  readonly program = new IntegerProgram();
  /** Every server that must be given something has a choice. */
  readonly #isFeasible: boolean;
  readonly #problem: Problem;
  readonly #groups: readonly Group[];
  readonly #limits: LimitRows;
  readonly #heldRows = new Map<number, number>();

  /** @param isLinear columns need not be whole */
  constructor(problem: Problem, choices: readonly Choices[], aim: Aim, isLinear = false) {
    this.#problem = problem;
    const limits = new LimitRows(problem);
    this.#limits = limits;
    const held = new Map([...aim.held.keys()].map((priority) => [priority, new Row()]));
    const groups = grouped(problem, choices, aim);
    this.#groups = groups.map((members) => this.#addGroup(members, choices, limits, held, !isLinear));
    limits.addTo(this.program);
    for (const [priority, { columns, coefficients }] of held) {
      if (columns.length === 0) continue;
      this.program.addRow(leastHeld(aim.held.get(priority)!), Infinity, columns, coefficients);
      this.#heldRows.set(priority, this.program.rows - 1);
    }
    this.#isFeasible = groups.every(
      ([{ server }]) => choices[server].mayHaveNothing || choices[server].list.length > 0,
    );
  }

  /** What there is nothing to decide about is not put to the engine. */
  solve(engine: Engine, limits: EngineLimits): EngineOutcome {
    if (this.#isFeasible && this.program.columns > 0) return engine.solve(this.program, limits);
    return this.#isFeasible
      ? {
          status: 'optimal',
          values: new Float64Array(0),
          bound: 0,
          seconds: 0,
          rowPrices: new Float64Array(0),
        }
      : { status: 'infeasible', values: null, bound: null, seconds: 0 };
  }

  /** Only what costs at most this is of interest. */
  addCutoff(cost: number): void {
    if (this.program.costs.some((one) => one !== 0)) this.program.addCutoff(cost);
  }

  /** What counts is the share of all limits that is taken. */
  minimizeTake(): void {
    this.#limits.minimizeTake(this.program);
  }

  /** Of what an engine tells: what one more of a row's bound saves. */
  pricesOf(rowPrices: Float64Array): Prices {
    return {
      limits: this.#limits.pricesOf(rowPrices),
      held: new Map([...this.#heldRows].map(([priority, row]) => [priority, Math.max(0, rowPrices[row])])),
    };
  }

  /** Of values that are not whole, what is: who would have two choices has none. */
  assignmentsOf(values: Float64Array): (Assignment | null)[] {
    const assignments: (Assignment | null)[] = this.#problem.servers.map(() => null);
    for (const { servers, columns } of this.#groups) {
      let next = 0;
      for (const { choices, chosen, given } of columns) {
        const count = Math.floor(values[chosen] + ROUNDING);
        const [{ least, most }] = choices;
        let left = given === null ? count * most : Math.floor(values[given] + ROUNDING);
        for (let others = count - 1; others >= 0; others--, next++) {
          const replicas = Math.max(least, Math.min(most, left - others * least));
          left -= replicas;
          assignments[servers[next]] = { candidate: choices[next].candidate, replicas };
        }
      }
    }
    return assignments;
  }

  #addGroup(
    members: readonly Member[],
    choices: readonly Choices[],
    limits: LimitRows,
    held: ReadonlyMap<number, Row>,
    isWhole: boolean,
  ): Group {
    const { program } = this;
    const [{ server, offers }] = members;
    const count = members.length;
    const { priority } = this.#problem.servers[server];
    const columns = offers.map(({ choice, candidate, cost }, at): Column => {
      const { least, most } = choice;
      const isFixed = least === most;
      const chosen = program.addColumn(
        count,
        isFixed ? cost.once + most * cost.perReplica : cost.once,
        isWhole,
      );
      const given = isFixed ? null : program.addColumn(count * most, cost.perReplica, isWhole);
      if (given !== null) {
        program.addRow(-Infinity, 0, [given, chosen], [1, -most]);
        program.addRow(0, Infinity, [given, chosen], [1, -least]);
      }
      const [counted, replicas] = given === null ? [chosen, most] : [given, 1];
      limits.add(counted, candidate.uses, replicas);
      held.get(priority)?.add(counted, replicas / candidate.requiredReplicas);
      return { choices: members.map((member) => member.offers[at].choice), chosen, given };
    });
    program.addRow(
      choices[server].mayHaveNothing ? 0 : count,
      count,
      columns.map(({ chosen }) => chosen),
      columns.map(() => 1),
    );
    return { servers: members.map((member) => member.server), columns };
  }
}

class Row {
  readonly columns: number[] = [];
  readonly coefficients: number[] = [];

  add(column: number, coefficient: number): void {
    this.columns.push(column);
    this.coefficients.push(coefficient);
  }
}

interface Member {
  readonly server: number;
  /** In an order that is the same for all of a group. */
  readonly offers: readonly Offer[];
}

interface Offer {
  readonly choice: Choice;
  readonly candidate: Candidate;
  readonly cost: Cost;
}

/** Who takes part, with those that differ in nothing together. */
function grouped(problem: Problem, choices: readonly Choices[], aim: Aim): Member[][] {
  const groups: Member[][] = [];
  const byFingerprint = new Map<number, Member[][]>();
  for (const [server, demand] of problem.servers.entries()) {
    const { list, mayHaveNothing } = choices[server];
    if (!takesPart(demand, aim) || (list.length === 0 && mayHaveNothing)) continue;
    const offers = list
      .map((choice): Offer => {
        const candidate = demand.candidates[choice.candidate];
        return { choice, candidate, cost: costOf(aim, demand, choice) };
      })
      .sort(difference);
    const alike = ([{ server: other, offers: others }]: readonly Member[]) =>
      problem.servers[other].priority === demand.priority &&
      choices[other].mayHaveNothing === mayHaveNothing &&
      others.length === offers.length &&
      others.every((offer, i) => difference(offer, offers[i]) === 0);
    const fingerprint = fingerprintOf(offers);
    let candidates = byFingerprint.get(fingerprint);
    if (!candidates) {
      candidates = [];
      byFingerprint.set(fingerprint, candidates);
    }
    const group = candidates.find(alike);
    if (group) group.push({ server, offers });
    else {
      const founded = [{ server, offers }];
      candidates.push(founded);
      groups.push(founded);
    }
  }
  return groups;
}

/** Orders offers by all that counts of them; 0: they are the same. */
function difference(a: Offer, b: Offer): number {
  const [x, y] = [a.candidate.uses, b.candidate.uses];
  let found = x.length - y.length;
  for (let i = 0; found === 0 && x !== y && i < x.length; i++)
    found = x[i].limit - y[i].limit || x[i].perReplica - y[i].perReplica;
  return (
    found ||
    a.choice.least - b.choice.least ||
    a.choice.most - b.choice.most ||
    a.candidate.requiredReplicas - b.candidate.requiredReplicas ||
    a.cost.once - b.cost.once ||
    a.cost.perReplica - b.cost.perReplica
  );
}

/** Equal for offers that are the same; seldom for others. */
function fingerprintOf(offers: readonly Offer[]): number {
  let print = offers.length;
  for (const { choice, candidate, cost } of offers) {
    print = 0.618 * print + choice.least + 3 * choice.most + 7 * candidate.requiredReplicas;
    print += 1.9 * cost.once + 2.3 * cost.perReplica;
  }
  return print;
}
