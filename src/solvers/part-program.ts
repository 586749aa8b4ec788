import { IntegerProgram } from './integer-program.ts';
import { LimitRows } from './limit-rows.ts';
import { RoomLeft } from './room-left.ts';
import { totalValue } from './service.ts';
import type { Assignment, Problem, Solution } from './solver.ts';
import { choicesOf } from './whole-program.ts';

/** How far a priority's service may lie below the best when the next is decided: what engines take for equal. */
const SERVICE_TOLERANCE = 1e-6;

/** A candidate: `chosen` says whether it is; `given` is the column of its replicas, null where it is given in full or not at all. */
interface Column {
  readonly server: number;
  readonly candidate: number;
  readonly chosen: number;
  readonly given: number | null;
}

/**
 * Plans that serve the highest priorities in full and the others in part. In full: x of each candidate, one for each server. In part:
 * x, whether a candidate is chosen, and r, its replicas, with x ≤ r ≤ most · x; at most one for each server.
 */
export class PartProgram {
  readonly program = new IntegerProgram();
  /** What the objective leaves out: the value of giving nothing to anybody. */
  readonly valueOfNothing: number;
  readonly #problem: Problem;
  readonly #columns: Column[] = [];
  readonly #uppers: readonly number[];

  /** @param wholeUpTo the lowest priority that is served in full, as all above it; 0: none is */
  constructor(problem: Problem, wholeUpTo: number) {
    this.#problem = problem;
    this.valueOfNothing = totalValue(
      problem,
      problem.servers.map(() => null),
    );
    const room = new RoomLeft(problem);
    const limits = new LimitRows(problem);
    for (const [server, demand] of problem.servers.entries()) {
      if (demand.candidates.length === 0) continue;
      const isWhole = demand.priority <= wholeUpTo;
      const columns = isWhole
        ? choicesOf(demand, room).map((candidate) => this.#addWhole(server, candidate))
        : demand.candidates.flatMap((_, candidate) => this.#addPart(server, candidate, room));
      this.#columns.push(...columns);
      for (const { candidate, chosen, given } of columns) {
        const { uses, replicas } = demand.candidates[candidate];
        if (given === null) limits.add(chosen, uses, replicas);
        else limits.add(given, uses, 1);
      }
      if (columns.length === 0) continue;
      this.program.addRow(
        isWhole ? 1 : 0,
        1,
        columns.map(({ chosen }) => chosen),
        columns.map(() => 1),
      );
    }
    limits.addTo(this.program);
    this.#uppers = [...this.program.uppers];
  }

  /** The most service for a priority; those below it have nothing. @returns whether anything can be given to its servers */
  maximizeService(priority: number): boolean {
    const { costs, uppers } = this.program;
    costs.fill(0);
    let isAny = false;
    for (const column of this.#columns) {
      const { server, chosen, given } = column;
      const own = this.#problem.servers[server].priority;
      const isOpen = own <= priority;
      uppers[chosen] = isOpen ? this.#uppers[chosen] : 0;
      if (given === null) continue;
      uppers[given] = isOpen ? this.#uppers[given] : 0;
      if (own !== priority) continue;
      costs[given] = -this.#shareOf(column);
      isAny = true;
    }
    return isAny;
  }

  /** What is decided next must serve a priority as much as `held` does. */
  holdService(priority: number, held: Solution['assignments']): void {
    const columns: number[] = [];
    const shares: number[] = [];
    let least = 0;
    for (const column of this.#columns) {
      const { server, candidate, given } = column;
      if (given === null || this.#problem.servers[server].priority !== priority) continue;
      const share = this.#shareOf(column);
      columns.push(given);
      shares.push(share);
      const assignment = held[server];
      if (assignment?.candidate === candidate) least += share * assignment.replicas;
    }
    if (columns.length > 0) this.program.addRow(least - SERVICE_TOLERANCE, Infinity, columns, shares);
  }

  minimizeValue(): void {
    const { costs, uppers } = this.program;
    for (const { server, candidate, chosen, given } of this.#columns) {
      const { candidates, valueOfNothing } = this.#problem.servers[server];
      const { value, valuePerReplica, replicas } = candidates[candidate];
      uppers[chosen] = this.#uppers[chosen];
      if (given === null) {
        costs[chosen] = value - valueOfNothing;
        continue;
      }
      uppers[given] = this.#uppers[given];
      costs[chosen] = value - valuePerReplica * replicas - valueOfNothing;
      costs[given] = valuePerReplica;
    }
  }

  assignmentsOf(values: Float64Array): Solution['assignments'] {
    const assignments: (Assignment | null)[] = this.#problem.servers.map(() => null);
    for (const { server, candidate, chosen, given } of this.#columns) {
      const full = this.#problem.servers[server].candidates[candidate].replicas;
      const replicas = given === null ? full * values[chosen] : values[given];
      if (replicas >= 1) assignments[server] = { candidate, replicas };
    }
    return assignments;
  }

  /** The columns of assignments; of those that the objective leaves nothing to, nothing. */
  valuesOf(assignments: Solution['assignments']): Float64Array {
    const { columns, uppers } = this.program;
    const values = new Float64Array(columns);
    for (const { server, candidate, chosen, given } of this.#columns) {
      const assignment = assignments[server];
      if (assignment?.candidate !== candidate || uppers[chosen] === 0) continue;
      values[chosen] = 1;
      if (given !== null) values[given] = assignment.replicas;
    }
    return values;
  }

  #addWhole(server: number, candidate: number): Column {
    return { server, candidate, chosen: this.program.addColumn(1, 0), given: null };
  }

  #addPart(server: number, candidate: number, room: RoomLeft): Column[] {
    const choice = this.#problem.servers[server].candidates[candidate];
    const most = Math.min(choice.replicas, room.replicasOf(choice));
    if (most < 1) return [];
    const chosen = this.program.addColumn(1, 0);
    const given = this.program.addColumn(most, 0);
    this.program.addRow(-Infinity, 0, [given, chosen], [1, -most]);
    this.program.addRow(0, Infinity, [given, chosen], [1, -1]);
    return [{ server, candidate, chosen, given }];
  }

  /** What one replica adds to the service of its server. */
  #shareOf({ server, candidate }: Column): number {
    return 1 / this.#problem.servers[server].candidates[candidate].requiredReplicas;
  }
}
