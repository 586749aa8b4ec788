import * as Plot from '@observablehq/plot';
import type { FitPoint } from '../schemas/fit.ts';

/** A point with the colour of its report. */
export type DrawnPoint = FitPoint & { readonly colour: string };

export const LATENCIES = [
  { name: 'TTFT', field: 'ttftMs', error: 'ttftFraction' },
  { name: 'ITL', field: 'itlMs', error: 'itlFraction' },
] as const;
export type Latency = (typeof LATENCIES)[number];

/** Errors are drawn up to this many times the largest that counts; what lies beyond stands at the edge. */
const ROOM = 1.25;
/** The least range of errors that is drawn. */
const LEAST_ERROR = 0.1;
/** Deviations that dashed lines mark. */
const BAND = 0.1;

const GUIDE = { stroke: '#888', strokeWidth: 1 } as const;
const DASHED = { ...GUIDE, strokeDasharray: '4,4', strokeOpacity: 0.7 } as const;

interface Pair {
  readonly x: number;
  readonly y: number;
  readonly colour: string;
  readonly isLeftOut: boolean;
}

/** Predicted against measured, both logarithmic, with the diagonal and a tenth to either side of it. */
export function scatterMarks(points: readonly DrawnPoint[], { name, field }: Latency): Plot.PlotOptions {
  const pairs = points.flatMap(({ predicted, colour, leftOut, [field]: measured }): Pair[] => {
    const value = predicted?.[field];
    return isDrawable(measured) && isDrawable(value)
      ? [{ x: measured, y: value, colour, isLeftOut: leftOut !== null }]
      : [];
  });
  const span = spanOf(pairs);
  if (!span) return nothing(`The queue model tells no ${name}.`);
  const [low, high] = span;
  const diagonal = (factor: number) => [
    [low / Math.min(1, factor), low * Math.max(1, factor)] as const,
    [high / Math.max(1, factor), high * Math.min(1, factor)] as const,
  ];
  const ticks = ticksOf(low, high);
  return {
    x: { type: 'log', domain: [low, high] },
    y: { type: 'log', domain: [low, high] },
    marks: [
      Plot.gridX(ticks),
      Plot.gridY(ticks),
      Plot.axisX(ticks, { text: written, label: `measured ${name} (ms)` }),
      Plot.axisY(ticks, { text: written, label: `predicted ${name} (ms)` }),
      Plot.line(diagonal(1), GUIDE),
      Plot.line(diagonal(1 + BAND), DASHED),
      Plot.line(diagonal(1 / (1 + BAND)), DASHED),
      ...dots(pairs),
    ],
  };
}

/** Relative errors over the rate. */
export function residualMarks(points: readonly DrawnPoint[], { name, error }: Latency): Plot.PlotOptions {
  const pairs = points.flatMap(({ requestsPerSec, errors, colour, leftOut }): Pair[] => {
    const value = errors?.[error];
    return isDrawable(requestsPerSec) && value !== null && value !== undefined
      ? [{ x: requestsPerSec, y: 100 * value, colour, isLeftOut: leftOut !== null }]
      : [];
  });
  const span = spanOf(pairs.map(({ x }) => ({ x, y: x })));
  if (!span) return nothing(`The queue model tells no ${name}.`);
  const [low, high] = span;
  const counting = pairs.filter(({ isLeftOut }) => !isLeftOut).map(({ y }) => Math.abs(y));
  const most = ROOM * Math.max(100 * LEAST_ERROR, ...counting);
  const within = pairs.map((pair) => ({ ...pair, y: Math.max(-most, Math.min(most, pair.y)) }));
  const ticks = ticksOf(low, high);
  return {
    x: { type: 'log', domain: [low, high] },
    y: {
      domain: [-most, most],
      grid: true,
      label: `(predicted − measured) / measured ${name} (%)`,
      ticks: 7,
    },
    marks: [
      Plot.gridX(ticks),
      Plot.axisX(ticks, { text: written, label: 'requests/s of one replica' }),
      Plot.ruleY([0], GUIDE),
      Plot.ruleY([-100 * BAND, 100 * BAND], DASHED),
      ...dots(within),
    ],
  };
}

/** The range that both axes of points share, with room at its ends; null: there is no point. */
function spanOf(pairs: readonly { readonly x: number; readonly y: number }[]): [number, number] | null {
  if (pairs.length === 0) return null;
  const values = pairs.flatMap(({ x, y }) => [x, y]);
  return [Math.min(...values) / 1.25, Math.max(...values) * 1.25];
}

function dots(pairs: readonly Pair[]): Plot.Markish[] {
  const [counted, leftOut] = [
    pairs.filter((pair) => !pair.isLeftOut),
    pairs.filter((pair) => pair.isLeftOut),
  ];
  const at = { x: 'x', y: 'y' } as const;
  return [
    Plot.dot(leftOut, {
      ...at,
      symbol: 'times',
      r: 4,
      stroke: 'colour',
      strokeOpacity: 0.75,
      strokeWidth: 1.5,
    }),
    Plot.dot(counted, { ...at, r: 4.5, fill: 'colour', stroke: 'white', strokeWidth: 0.75 }),
  ];
}

function nothing(why: string): Plot.PlotOptions {
  const marks = [Plot.text([why], { frameAnchor: 'middle', fill: '#666' })];
  return { x: { domain: [0, 1], axis: null }, y: { domain: [0, 1], axis: null }, marks };
}

function isDrawable(value: number | null | undefined): value is number {
  return typeof value === 'number' && value > 0;
}

/** Where a decade may have ticks, from many to few. */
const STEPS = [
  Array.from({ length: 45 }, (_, i) => 1 + i / 5),
  [1, 2, 3, 4, 5, 6, 7, 8, 9],
  [1, 1.5, 2, 3, 5, 7],
  [1, 2, 5],
  [1],
];
const MOST_TICKS = 7;

/** As many as have room. */
function ticksOf(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const decades = Array.from({ length: Math.ceil(Math.log10(high / low)) + 2 }, (_, i) => 10 ** (first + i));
  const found = STEPS.map((steps) =>
    decades
      .flatMap((decade) => steps.map((step) => step * decade))
      .filter((tick) => tick >= low && tick <= high),
  );
  return found.find((ticks) => ticks.length <= MOST_TICKS) ?? found[found.length - 1];
}

/** The scale's own way leaves some out. */
function written(tick: number): string {
  return String(Number(tick.toPrecision(3)));
}
