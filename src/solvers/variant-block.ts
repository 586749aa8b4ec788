import type { Block, Site, Term } from './block.ts';
import { rangesOf } from './choices.ts';
import type { RoomLeft } from './room-left.ts';
import { servedBy, valueOfReplicas, valueOneByOne } from './service.ts';
import type { Assignment, Candidate, Demand } from './solver.ts';

/** A candidate: `chosen` says whether it is; `given` is the column of its replicas, null where they are `replicas` or none. */
interface Column {
  readonly candidate: number;
  readonly replicas: number;
  readonly chosen: number;
  readonly given: number | null;
}

/**
 * One variant for a server. In full: x of each candidate, one of them. In part: x, whether a candidate is chosen, and r, its
 * replicas, with least · x ≤ r ≤ most · x; at most one. Replicas that are priced otherwise are a choice of their own.
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
          replicas: candidates[candidate].replicas,
          chosen: program.addColumn(1, 0),
          given: null,
        }))
      : candidates.flatMap((_, candidate) => this.#addPart(candidate, site));
    this.end = program.columns;
    for (const { candidate, replicas, chosen, given } of this.#columns) {
      const { uses } = candidates[candidate];
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
    this.service = this.#columns.flatMap(({ candidate, replicas, chosen, given }) => {
      if (isWhole) return [];
      const { requiredReplicas } = candidates[candidate];
      return given === null
        ? [{ column: chosen, coefficient: replicas / requiredReplicas }]
        : [{ column: given, coefficient: 1 / requiredReplicas }];
    });
    this.value = this.#columns.flatMap(({ candidate, replicas, chosen, given }) => {
      const one = candidates[candidate];
      return given === null
        ? [{ column: chosen, coefficient: valueOfReplicas(one, replicas) - valueOfNothing }]
        : [
            { column: chosen, coefficient: valueOneByOne(one, 0) - valueOfNothing },
            { column: given, coefficient: one.valuePerReplica },
          ];
    });
  }

  assignmentOf(values: Float64Array): Assignment | null {
    for (const { candidate, replicas: all, chosen, given } of this.#columns) {
      const replicas = given === null ? all * values[chosen] : values[given];
      if (replicas >= 1) return { candidate, replicas };
    }
    return null;
  }

  #addPart(candidate: number, { program, room }: Site): Column[] {
    return rangesOf(this.#demand.candidates[candidate], room).map(({ least, most }) => {
      const chosen = program.addColumn(1, 0);
      if (least === most) return { candidate, replicas: most, chosen, given: null };
      const given = program.addColumn(most, 0);
      program.addRow(-Infinity, 0, [given, chosen], [1, -most]);
      program.addRow(0, Infinity, [given, chosen], [1, -least]);
      return { candidate, replicas: most, chosen, given };
    });
  }
}

/** Candidates that serve as much as any, fit alone, and have none beside them that costs no more and takes no more of any limit. */
function choicesOf({ candidates }: Demand, room: RoomLeft): number[] {
  const most = servedBy(candidates[0], candidates[0].replicas);
  const kept: number[] = [];
  for (let i = 0; i < candidates.length; i++) {
    const candidate = candidates[i];
    if (servedBy(candidate, candidate.replicas) < most) break;
    if (room.replicasOf(candidate) < candidate.replicas) continue;
    // They are in the order of their values: only an earlier one can be no dearer.
    if (!kept.some((earlier) => takesNoMore(candidates[earlier], candidate))) kept.push(i);
  }
  return kept;
}

function takesNoMore(a: Candidate, b: Candidate): boolean {
  return a.uses.every(({ limit, perReplica }) => {
    const other = b.uses.find((use) => use.limit === limit);
    return other !== undefined && a.replicas * perReplica <= b.replicas * other.perReplica;
  });
}
