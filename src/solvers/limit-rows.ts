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

  addTo(program: IntegerProgram): void {
    for (const [limit, { columns, cards }] of this.#rows.entries()) {
      if (columns.length > 0) program.addRow(-Infinity, this.#limits[limit], columns, cards);
    }
  }
}
