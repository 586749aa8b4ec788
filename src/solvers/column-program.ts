import { type Aim, leastHeld, takesPart } from './aim.ts';
import { type Column, costBy, NOTHING } from './columns.ts';
import { type Engine, type EngineLimits, type EngineOutcome, IntegerProgram } from './integer-program.ts';
import type { Prices } from './level-program.ts';
import { LimitRows } from './limit-rows.ts';
import { canBeGiven } from './service.ts';
import type { Problem, Solution } from './solver.ts';

/** Values so near to whole numbers are whole. */
const WHOLE = 1e-6;

/** One column for each server, or none for those that may be served in part, within the limits, by an aim. */
export class ColumnProgram {
  readonly program = new IntegerProgram();
  readonly #problem: Problem;
  readonly #columns: readonly Column[];
  readonly #limits: LimitRows;
  readonly #heldRows = new Map<number, number>();

  /** @param wholeUpTo the lowest priority that is served as far as it can be, as all above it */
  constructor(problem: Problem, columns: readonly Column[], aim: Aim, wholeUpTo: number, isWhole: boolean) {
    const { program } = this;
    this.#problem = problem;
    this.#columns = columns;
    const limits = new LimitRows(problem);
    this.#limits = limits;
    const perServer = problem.servers.map((): number[] => []);
    const held = new Map([...aim.held.keys()].map((priority) => [priority, new Map<number, number>()]));
    for (const column of columns) {
      const { server, served, takes } = column;
      const demand = problem.servers[server];
      const index = program.addColumn(1, costBy(aim, demand, column), isWhole);
      perServer[server].push(index);
      limits.add(index, takes, 1);
      held.get(demand.priority)?.set(index, served);
    }
    for (const [server, ofServer] of perServer.entries()) {
      const demand = problem.servers[server];
      if (!canBeGiven(demand) || !takesPart(demand, aim)) continue;
      program.addRow(
        demand.priority <= wholeUpTo ? 1 : 0,
        1,
        ofServer,
        ofServer.map(() => 1),
      );
    }
    limits.addTo(program);
    for (const [priority, served] of held) {
      program.addRow(leastHeld(aim.held.get(priority)!), Infinity, [...served.keys()], [...served.values()]);
      this.#heldRows.set(priority, program.rows - 1);
    }
  }

  /** What there is nothing to decide about is not put to the engine. */
  solve(engine: Engine, limits: EngineLimits): EngineOutcome {
    if (this.program.columns > 0) return engine.solve(this.program, limits);
    const rowPrices = new Float64Array(this.program.rows);
    return { status: 'optimal', values: new Float64Array(0), bound: 0, seconds: 0, rowPrices };
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

  /** By server, the key of the column that it has, or that it has nothing; null: values are not whole. */
  keysOf(values: Float64Array): (string | null)[] {
    const keys: (string | null)[] = this.#problem.servers.map(() => NOTHING);
    for (const [i, { server, key }] of this.#columns.entries()) {
      if (values[i] > 1 - WHOLE) keys[server] = key;
      else if (values[i] > WHOLE) keys[server] = null;
    }
    return keys;
  }

  /** Of values that are not whole, what nearly is. */
  assignmentsOf(values: Float64Array): Solution['assignments'] {
    const chosen: Solution['assignments'][number][] = this.#problem.servers.map(() => null);
    for (const [i, { server, given }] of this.#columns.entries())
      if (values[i] > 1 - WHOLE) chosen[server] = given;
    return chosen;
  }
}
