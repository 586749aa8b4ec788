import type { IntegerProgram } from './integer-program.ts';
import type { Problem, Use } from './solver.ts';

/** The limits of a problem as rows of a program, gathered while its columns are made. */
export class LimitRows {
  readonly #limits: Problem['limits'];
  readonly #rows: readonly { readonly columns: number[]; readonly cards: number[] }[];
  /** By limit the index of its row; null: nothing takes of it. */
  #indices: readonly (number | null)[] = [];

  constructor({ limits }: Problem) {
    this.#limits = limits;
    this.#rows = limits.map(() => ({ columns: [], cards: [] }));
  }

  /** @param replicas that one unit of the column stands for */
  add(column: number, uses: readonly Use[], replicas: number): void {
    for (const { limit, perReplica } of uses) {
      this.#rows[limit].columns.push(column);
      this.#rows[limit].cards.push(perReplica * replicas);
    }
  }

  addTo(program: IntegerProgram): void {
    this.#indices = this.#rows.map(({ columns, cards }, limit) => {
      if (columns.length === 0) return null;
      program.addRow(-Infinity, this.#limits[limit], columns, cards);
      return program.rows - 1;
    });
  }

  /** What counts is the share of all limits that is taken. */
  minimizeTake({ costs, starts, indices, coefficients, rowUppers }: IntegerProgram): void {
    costs.fill(0);
    for (const row of this.#indices) {
      if (row === null) continue;
      for (let i = starts[row]; i < starts[row + 1]; i++)
        costs[indices[i]] += coefficients[i] / rowUppers[row];
    }
  }

  /** Of what an engine tells: by limit, what one more card saves. */
  pricesOf(rowPrices: Float64Array): number[] {
    return this.#indices.map((row) => (row === null ? 0 : Math.max(0, -rowPrices[row])));
  }
}
