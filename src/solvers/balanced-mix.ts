import { type Engine, IntegerProgram } from './integer-program.ts';
import { isSoundMix, sparesOf } from './mix.ts';
import type { Mix, Mixing } from './solver.ts';

/** Shares below this are an engine's rounding. */
const LEAST_SHARE = 1e-9;

/**
 * The same replicas with the load spread evenly: of all shares that they can carry those under which the busiest part is least busy.
 * What decides the replicas leaves some parts full and others idle. Of one request size, parts are evenly busy as they are.
 */
export function balancedMix(mixing: Mixing, mix: Mix, engine: Engine, timeLimitSec: number): Mix {
  const { sizes, parts } = mixing;
  if (sizes.length === 1 || mix.servedFraction < 1) return mix;
  const spares = sparesOf(mixing, mix.parts);
  const program = new IntegerProgram();
  const busiest = program.addColumn(1, 1, false);
  const flows = mix.parts.map(({ part, replicas }, i) => {
    const columns = parts[part].loads.map((load) =>
      Number.isFinite(load) ? program.addColumn(1, 0, false) : null,
    );
    const carried = columns.flatMap((column, size) =>
      column === null ? [] : [{ column, load: parts[part].loads[size] }],
    );
    program.addRow(
      -Infinity,
      0,
      [busiest, ...carried.map(({ column }) => column)],
      [spares[i] - replicas, ...carried.map(({ load }) => load)],
    );
    return columns;
  });
  for (const size of sizes.keys()) {
    const columns = flows.flatMap((ofPart) => ofPart[size] ?? []);
    program.addRow(
      1,
      1,
      columns,
      columns.map(() => 1),
    );
  }
  const { status, values } = engine.solve(program, { timeLimitSec, gapFraction: 0 });
  if (status !== 'optimal' || !values) return mix;
  const balanced = {
    ...mix,
    parts: mix.parts.map((part, i) => ({
      ...part,
      shares: flows[i].map((flow) => (flow === null || values[flow] < LEAST_SHARE ? 0 : values[flow])),
    })),
  };
  return isSoundMix(mixing, balanced) ? balanced : mix;
}
