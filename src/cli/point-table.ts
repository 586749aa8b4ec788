import type { Point } from '../schemas/metrics.ts';
import { figure, table } from './table.ts';

const HEAD = [
  'requests/s',
  'status',
  'completed/s',
  'loss %',
  'wait ms',
  'TTFT ms',
  'ITL ms',
  'utilization %',
];
const RIGHT_ALIGNED = [0, 2, 3, 4, 5, 6, 7];

/** Points of a curve as a table, a row each. */
export function pointTable(points: readonly Point[]): string {
  return table(HEAD, points.map(rowOf), RIGHT_ALIGNED);
}

function rowOf(point: Point): string[] {
  return [
    String(Number(point.requestsPerSec.toPrecision(4))),
    point.status,
    String(Number(point.throughputPerSec.toPrecision(4))),
    figure(small(100 * point.lossFraction)),
    point.waitMs === null ? 'unbounded' : figure(small(point.waitMs)),
    point.ttftMs === null ? 'unbounded' : figure(point.ttftMs),
    figure(point.itlMs),
    figure(100 * point.utilizationFraction),
  ];
}

/** What nobody can see is shown as 0. */
function small(value: number): number {
  return value < 1e-3 ? 0 : value;
}
