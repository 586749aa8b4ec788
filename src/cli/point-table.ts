import type { Point } from '../schemas/metrics.ts';
import { outsideTexts } from './extrapolation-text.ts';
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

/** Points of a curve as a table, a row each, and where it is farthest outside what was measured. */
export function pointTable(points: readonly Point[]): string {
  const farthest = points.reduce((most, point) => (outsideOf(point) > outsideOf(most) ? point : most));
  const texts = outsideTexts(farthest.extrapolation);
  const where = points.length > 1 ? `, at ${figure(farthest.requestsPerSec)} requests/s` : '';
  return [
    table(HEAD, points.map(rowOf), RIGHT_ALIGNED),
    ...(texts.length > 0 ? [[`Outside what was measured${where}:`, ...texts].join('\n  ')] : []),
  ].join('\n\n');
}

/** The lengths are those of all points: the batch tells them apart. */
function outsideOf({ extrapolation }: Point): number {
  return extrapolation?.inService?.fraction ?? 0;
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
