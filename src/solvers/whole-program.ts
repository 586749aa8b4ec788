import { IntegerProgram } from './integer-program.ts';
import type { Formulated } from './lexicographic.ts';
import { LimitRows } from './limit-rows.ts';
import { RoomLeft } from './room-left.ts';
import { servedBy } from './service.ts';
import type { Assignment, Candidate, Demand, Problem, Solution } from './solver.ts';

/** x of each candidate in full: one for each server, least value. */
export class WholeProgram implements Formulated {
  readonly constant = 0;
  readonly program = new IntegerProgram();
  /** Every server that has candidates has one that fits the limits alone. */
  readonly isFeasible: boolean;
  readonly #problem: Problem;
  readonly #columns: { readonly server: number; readonly candidate: number }[] = [];

  constructor(problem: Problem) {
    this.#problem = problem;
    const room = new RoomLeft(problem);
    const limits = new LimitRows(problem);
    let isFeasible = true;
    for (const [server, demand] of problem.servers.entries()) {
      if (demand.candidates.length === 0) continue;
      const choices = choicesOf(demand, room);
      const columns = choices.map((candidate) => {
        const { uses, replicas, value } = demand.candidates[candidate];
        const column = this.program.addColumn(1, value);
        this.#columns.push({ server, candidate });
        limits.add(column, uses, replicas);
        return column;
      });
      if (columns.length === 0) isFeasible = false;
      this.program.addRow(
        1,
        1,
        columns,
        columns.map(() => 1),
      );
    }
    limits.addTo(this.program);
    this.isFeasible = isFeasible;
  }

  assignmentsOf(values: Float64Array): Solution['assignments'] {
    const assignments: (Assignment | null)[] = this.#problem.servers.map(() => null);
    for (const [column, { server, candidate }] of this.#columns.entries()) {
      if (values[column] < 1) continue;
      assignments[server] = {
        candidate,
        replicas: this.#problem.servers[server].candidates[candidate].replicas,
      };
    }
    return assignments;
  }
}

/** Candidates that serve as much as any, fit alone, and have none beside them that costs no more and takes no more of any limit. */
export function choicesOf({ candidates }: Demand, room: RoomLeft): number[] {
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
