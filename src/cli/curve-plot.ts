import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import plotText from 'simple-ascii-chart';
import type { Analysis } from '../schemas/station.ts';

const SERIES = [
  { name: 'TTFT', of: (point: Analysis['points'][number]) => point.ttftMs },
  { name: 'ITL', of: (point: Analysis['points'][number]) => point.itlMs },
] as const;

/** The curve as an SVG document: TTFT and ITL over the rate, with the highest stable rate marked. */
export function curveSvg({ points, maxRequestsPerSec }: Analysis): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const values = SERIES.flatMap(({ name, of }) =>
    points.map((point) => ({ series: name, rate: point.requestsPerSec, ms: of(point) })),
  ).filter(({ ms }) => ms !== null);
  const starts = SERIES.flatMap(({ name }) => values.filter(({ series }) => series === name).slice(0, 1));
  const figure = Plot.plot({
    document,
    ariaLabel: 'TTFT and ITL of one replica over its rate',
    width: 800,
    height: 480,
    marginLeft: 70,
    marginRight: 50,
    marginBottom: 46,
    style: { background: 'white', fontSize: '13px' },
    x: { label: 'requests/s of one replica →', grid: true },
    y: { label: '↑ ms (logarithmic)', type: 'log', grid: true },
    color: { domain: SERIES.map(({ name }) => name), range: ['#d6604d', '#2166ac'] },
    marks: [
      Plot.ruleX([maxRequestsPerSec], { strokeDasharray: '4,4', stroke: '#888' }),
      Plot.text(['highest stable rate'], {
        x: () => maxRequestsPerSec,
        frameAnchor: 'bottom',
        textAnchor: 'end',
        dx: -6,
        dy: -6,
        fill: '#666',
      }),
      Plot.lineY(values, { x: 'rate', y: 'ms', stroke: 'series', strokeWidth: 2 }),
      Plot.text(starts, {
        x: 'rate',
        y: 'ms',
        text: 'series',
        fill: 'series',
        dx: 6,
        dy: -10,
        textAnchor: 'start',
      }),
    ],
  });
  figure.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${figure.outerHTML}\n`;
}

/** The curve drawn with characters; latencies by their decimal logarithm. */
export function curveText({ points }: Analysis): string {
  const series = SERIES.map(({ of }) =>
    points.flatMap((point): [number, number][] => {
      const ms = of(point);
      return ms !== null && ms > 0 ? [[point.requestsPerSec, Math.log10(ms)]] : [];
    }),
  );
  // A label at every rate would run into the next one.
  const every = Math.ceil(points.length / 8);
  const labelled = new Set(points.filter((_, i) => i % every === 0).map((point) => point.requestsPerSec));
  return plotText(series, {
    width: 70,
    height: 16,
    title: 'TTFT (upper curve) and ITL (lower curve) in ms over requests/s',
    formatter: (value, { axis }) =>
      axis === 'y' ? label(10 ** value) : labelled.has(value) ? label(value) : '',
  });
}

function label(value: number): string {
  return String(Number(value.toPrecision(2)));
}
