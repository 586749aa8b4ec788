import type { Point } from '../schemas/metrics.ts';
import { figure } from './table.ts';

export const POINT_HEAD = [
  'requests/s',
  'status',
  'completed/s',
  'loss %',
  'wait ms',
  'TTFT ms',
  'ITL ms',
  'utilization %',
];

/** A point of a curve as a row under POINT_HEAD. */
export function pointRow(point: Point): string[] {
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
