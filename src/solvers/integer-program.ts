/** A mixed-integer program: minimise Σ cost · column, each column in 0 … upper, each row within its bounds. Any engine can solve it. */
export class IntegerProgram {
  readonly costs: number[] = [];
  readonly uppers: number[] = [];
  /** Columns that are whole; the others are continuous. */
  readonly whole: boolean[] = [];
  readonly rowLowers: number[] = [];
  readonly rowUppers: number[] = [];
  /** Row i has the entries starts[i] … starts[i + 1] - 1. */
  readonly starts: number[] = [0];
  readonly indices: number[] = [];
  readonly coefficients: number[] = [];

  /** @returns its index */
  addColumn(upper: number, cost: number, isWhole = true): number {
    this.costs.push(cost);
    this.whole.push(isWhole);
    return this.uppers.push(upper) - 1;
  }

  /** lower ≤ Σ coefficient · column ≤ upper; the entries name each column once. */
  addRow(lower: number, upper: number, columns: readonly number[], coefficients: readonly number[]): void {
    for (let i = 0; i < columns.length; i++) {
      this.indices.push(columns[i]);
      this.coefficients.push(coefficients[i]);
    }
    this.starts.push(this.indices.length);
    this.rowLowers.push(lower);
    this.rowUppers.push(upper);
  }

  /** Only what costs at most this is of interest. */
  addCutoff(cost: number): void {
    const columns = this.costs.flatMap((one, column) => (one === 0 ? [] : [column]));
    this.addRow(
      -Infinity,
      cost,
      columns,
      columns.map((column) => this.costs[column]),
    );
  }

  /** An engine's values, with those of whole columns made whole. */
  rounded(values: Iterable<number>): Float64Array {
    return Float64Array.from(values, (value, column) => (this.whole[column] ? Math.round(value) : value));
  }

  get columns(): number {
    return this.costs.length;
  }

  get rows(): number {
    return this.rowLowers.length;
  }
}

/** What solves integer programs. */
export interface Engine {
  /** Where there is little to choose from, plans are enumerated first; what that proves is not put to it. */
  readonly isSpared?: boolean;
  /** Makes it ready; once it is, this costs nothing. */
  load(): Promise<void>;
  /**
   * Blocks its thread.
   *
   * @throws when `load` has not been awaited
   */
  solve(program: IntegerProgram, limits: EngineLimits): EngineOutcome;
}

export interface EngineLimits {
  readonly timeLimitSec: number;
  /** Relative gap between objective and bound at which a solution counts as optimal. */
  readonly gapFraction: number;
}

export interface EngineOutcome {
  /** `failed`: it broke down; what it holds is worth nothing. */
  readonly status: 'optimal' | 'infeasible' | 'time-limit' | 'failed';
  /** The best solution found; null: none. */
  readonly values: Float64Array | null;
  /** No solution has a lower objective; null: not known. */
  readonly bound: number | null;
  readonly seconds: number;
  /** By row, what one more of its bound adds to the objective, where no column is whole; absent: not told. */
  readonly rowPrices?: Float64Array;
}
