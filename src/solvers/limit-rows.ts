import type { IntegerProgram } from './integer-program.ts';
import type { Problem, Use } from './solver.ts';

/** The limits of a problem as rows of a program, gathered while its columns are made. */
export class LimitRows {
  readonly #limits: Problem['limits'];
  readonly #rows: readonly { readonly columns: number[]; readonly cards: number[] }[];

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

  /** @returns by limit the index of its row; null: nothing takes of it */
  addTo(program: IntegerProgram): (number | null)[] {
    return this.#rows.map(({ columns, cards }, limit) => {
      if (columns.length === 0) return null;
      program.addRow(-Infinity, this.#limits[limit], columns, cards);
      return program.rows - 1;
    });
  }
}
