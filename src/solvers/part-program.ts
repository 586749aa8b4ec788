import type { Block, BlockBuilder } from './block.ts';
import { IntegerProgram } from './integer-program.ts';
import { LimitRows } from './limit-rows.ts';
import { RoomLeft } from './room-left.ts';
import { canBeGiven, SERVICE_TOLERANCE, servedOf, totalValue } from './service.ts';
import type { Problem, Solution } from './solver.ts';

/** Plans that serve the highest priorities in full and the others in part; first the most service is asked of it, then the least value. */
export class PartProgram {
  readonly program = new IntegerProgram();
  /** Something can be given to every server that asks for anything. */
  readonly hasRoomForEach: boolean;
  /** What the objective leaves out: the value of giving nothing to anybody. */
  readonly valueOfNothing: number;
  readonly #problem: Problem;
  /** By server; null: nothing can be given to it. */
  readonly #blocks: readonly (Block | null)[];
  readonly #uppers: readonly number[];

  /** @param wholeUpTo the lowest priority that is served in full, as all above it; 0: none is */
  constructor(problem: Problem, wholeUpTo: number, builder: BlockBuilder) {
    this.#problem = problem;
    this.valueOfNothing = totalValue(
      problem,
      problem.servers.map(() => null),
    );
    const limits = new LimitRows(problem);
    const site = { program: this.program, limits, room: new RoomLeft(problem) };
    this.#blocks = problem.servers.map((demand) =>
      canBeGiven(demand) ? builder(demand, site, demand.priority <= wholeUpTo) : null,
    );
    this.hasRoomForEach = this.#blocks.every((block) => !block || block.end > block.first);
    limits.addTo(this.program);
    this.#uppers = [...this.program.uppers];
  }

  /** The most service for a priority; those below it have nothing. @returns whether anything can be given to its servers */
  maximizeService(priority: number): boolean {
    const { costs, uppers } = this.program;
    costs.fill(0);
    let isAny = false;
    for (const [server, block] of this.#blocks.entries()) {
      if (!block) continue;
      const own = this.#problem.servers[server].priority;
      for (let i = block.first; i < block.end; i++) uppers[i] = own <= priority ? this.#uppers[i] : 0;
      if (own !== priority) continue;
      for (const { column, coefficient } of block.service) costs[column] = -coefficient;
      isAny ||= block.service.length > 0;
    }
    return isAny;
  }

  /** What is decided next must serve a priority as much as `held` does. */
  holdService(priority: number, held: Solution['assignments']): void {
    const terms = this.#blocks.flatMap((block, server) =>
      block && this.#problem.servers[server].priority === priority ? block.service : [],
    );
    if (terms.length === 0) return;
    this.program.addRow(
      servedOf(this.#problem, held, priority) - SERVICE_TOLERANCE,
      Infinity,
      terms.map(({ column }) => column),
      terms.map(({ coefficient }) => coefficient),
    );
  }

  minimizeValue(): void {
    const { costs, uppers } = this.program;
    costs.fill(0);
    for (const block of this.#blocks) {
      if (!block) continue;
      for (let i = block.first; i < block.end; i++) uppers[i] = this.#uppers[i];
      for (const { column, coefficient } of block.value) costs[column] = coefficient;
    }
  }

  assignmentsOf(values: Float64Array): Solution['assignments'] {
    return this.#blocks.map((block) => block?.assignmentOf(values) ?? null);
  }
}
