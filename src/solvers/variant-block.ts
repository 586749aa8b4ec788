import type { Block, Site, Term } from './block.ts';
import type { Assignment, Demand } from './solver.ts';
import { choicesOf } from './whole-program.ts';

/** A candidate: `chosen` says whether it is; `given` is the column of its replicas, null where it is given in full or not at all. */
interface Column {
  readonly candidate: number;
  readonly chosen: number;
  readonly given: number | null;
}

/**
 * One variant for a server. In full: x of each candidate, one of them. In part: x, whether a candidate is chosen, and r, its
 * replicas, with x ≤ r ≤ most · x; at most one.
 */
export function variantBlock(demand: Demand, site: Site, isWhole: boolean): Block {
  return new VariantBlock(demand, site, isWhole);
}

class VariantBlock implements Block {
  readonly first: number;
  readonly end: number;
  readonly service: readonly Term[];
  readonly value: readonly Term[];
  readonly #demand: Demand;
  readonly #columns: readonly Column[];

  constructor(demand: Demand, site: Site, isWhole: boolean) {
    const { program, limits, room } = site;
    const { candidates, valueOfNothing } = demand;
    this.#demand = demand;
    this.first = program.columns;
    this.#columns = isWhole
      ? choicesOf(demand, room).map((candidate) => ({
          candidate,
          chosen: program.addColumn(1, 0),
          given: null,
        }))
      : candidates.flatMap((_, candidate) => this.#addPart(candidate, site));
    this.end = program.columns;
    for (const { candidate, chosen, given } of this.#columns) {
      const { uses, replicas } = candidates[candidate];
      if (given === null) limits.add(chosen, uses, replicas);
      else limits.add(given, uses, 1);
    }
    if (isWhole || this.#columns.length > 0) {
      const chosen = this.#columns.map((column) => column.chosen);
      program.addRow(
        isWhole ? 1 : 0,
        1,
        chosen,
        chosen.map(() => 1),
      );
    }
    this.service = this.#columns.flatMap(({ candidate, given }) =>
      given === null ? [] : [{ column: given, coefficient: 1 / candidates[candidate].requiredReplicas }],
    );
    this.value = this.#columns.flatMap(({ candidate, chosen, given }) => {
      const { value, valuePerReplica, replicas } = candidates[candidate];
      const more = value - valueOfNothing;
      return given === null
        ? [{ column: chosen, coefficient: more }]
        : [
            { column: chosen, coefficient: more - valuePerReplica * replicas },
            { column: given, coefficient: valuePerReplica },
          ];
    });
  }

  assignmentOf(values: Float64Array): Assignment | null {
    for (const { candidate, chosen, given } of this.#columns) {
      const full = this.#demand.candidates[candidate].replicas;
      const replicas = given === null ? full * values[chosen] : values[given];
      if (replicas >= 1) return { candidate, replicas };
    }
    return null;
  }

  #addPart(candidate: number, { program, room }: Site): Column[] {
    const choice = this.#demand.candidates[candidate];
    const most = Math.min(choice.replicas, room.replicasOf(choice));
    if (most < 1) return [];
    const chosen = program.addColumn(1, 0);
    const given = program.addColumn(most, 0);
    program.addRow(-Infinity, 0, [given, chosen], [1, -most]);
    program.addRow(0, Infinity, [given, chosen], [1, -1]);
    return [{ candidate, chosen, given }];
  }
}
