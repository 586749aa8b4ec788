import type { Term } from './block.ts';
import type { IntegerProgram } from './integer-program.ts';
import type { Staying } from './solver.ts';

/** The replicas of a part. */
interface Given {
  readonly part: number;
  /** Its column. */
  readonly given: number;
}

/**
 * A binary that says that exactly what runs goes on, and what that is worth more than its replicas one by one. Where it is worth less, whatever
 * else is given must have more or fewer replicas of some part, and a binary for each says so.
 *
 * @returns null: nothing is priced otherwise, or there is no room for what runs
 */
export function addStaying(
  program: IntegerProgram,
  staying: Staying | undefined,
  columns: readonly Given[],
): Term | null {
  if (!staying) return null;
  const { replicas, difference } = staying;
  const isAnyLeftOut = replicas.some(
    (running, part) => running > 0 && !columns.some((one) => one.part === part),
  );
  if (isAnyLeftOut || columns.some(({ part, given }) => replicas[part] > program.uppers[given])) return null;
  const stays = program.addColumn(1, 0);
  const ways = [stays];
  for (const { part, given } of columns) {
    const running = replicas[part];
    const most = program.uppers[given];
    program.addRow(0, Infinity, [given, stays], [1, -running]);
    program.addRow(-Infinity, most, [given, stays], [1, most - running]);
    if (difference < 0) continue;
    if (running < most) {
      const more = program.addColumn(1, 0);
      program.addRow(0, Infinity, [given, more], [1, -(running + 1)]);
      ways.push(more);
    }
    if (running > 0) {
      const fewer = program.addColumn(1, 0);
      program.addRow(-Infinity, most, [given, fewer], [1, most - running + 1]);
      ways.push(fewer);
    }
  }
  if (difference > 0) {
    // Nobody says that anything must be given.
    const given = columns.map((column) => column.given);
    const most = given.reduce((sum, column) => sum + program.uppers[column], 0);
    program.addRow(0, Infinity, [...ways, ...given], [...ways.map(() => most), ...given.map(() => -1)]);
  }
  return { column: stays, coefficient: difference };
}
