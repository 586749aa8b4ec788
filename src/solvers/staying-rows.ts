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
 * A binary that says that exactly what runs goes on and serves all, and what that is worth more than its replicas one by one. Where it is
 * worth less, whatever else serves all must have more or fewer replicas of some part, and a binary for each says so.
 *
 * @param all the column that says whether all is served; null: it must be
 * @returns null: nothing is priced otherwise, or there is no room for what runs
 */
export function addStaying(
  program: IntegerProgram,
  staying: Staying | undefined,
  columns: readonly Given[],
  all: number | null,
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
  if (all !== null) program.addRow(0, Infinity, [all, stays], [1, -1]);
  if (difference > 0) {
    const ones = ways.map(() => 1);
    if (all === null) program.addRow(1, Infinity, ways, ones);
    else program.addRow(0, Infinity, [...ways, all], [...ones, -1]);
  }
  return { column: stays, coefficient: difference };
}
