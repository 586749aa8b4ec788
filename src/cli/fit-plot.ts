import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { FitAnswer, FitErrors, FitPoint } from '../schemas/fit.ts';
import { LATENCIES, type Latency, residualMarks, scatterMarks } from './fit-marks.ts';
import { percent } from './parameter-table.ts';

type Page = ReturnType<typeof parseHTML>['document'];
type Node = ReturnType<Page['createElementNS']>;

const PANEL = { width: 520, height: 370 } as const;
const MARGIN = 20;
/** Above the panels, and above each of them. */
const HEADER = 52;
const HEADING = 44;
const LEGEND_ROW = 22;
const LEGEND_COLUMN = 195;
/** Reports that the legend names; beyond, nobody tells colours apart. */
const MOST_NAMED = 40;

/** The colours of few reports, told apart by everybody; more get shades from one end of the spectrum to the other. */
const FEW = ['#4269d0', '#efb118', '#ff725c', '#6cc5b0', '#3ca951', '#a463f2', '#97bbf5', '#9c6b4e'];
const LEFT_OUT = '#999';

/**
 * A fit as an SVG document: predicted against measured TTFT and ITL, and their relative errors over the rate. A colour for each report;
 * points left out are crosses.
 */
export function fitSvg(answer: FitAnswer, labels: readonly string[], model: string | undefined): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const reports = [...new Set(labels)];
  const colours = coloursOf(reports);
  const points = answer.points.map((point, i) => ({ ...point, colour: colours.get(labels[i])! }));
  const columns = Math.floor((2 * PANEL.width) / LEGEND_COLUMN);
  const legend = legendEntries(reports, colours, points);
  // Crosses have a row of their own: their text is longer.
  const rowOf = (i: number) => Math.floor(i / columns) + (legend[i].isCross && i % columns > 0 ? 1 : 0);
  const top = HEADER + 2 * (HEADING + PANEL.height) + 2 * MARGIN;
  const width = 2 * (PANEL.width + MARGIN);
  const height = top + (rowOf(legend.length - 1) + 1) * LEGEND_ROW;

  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const attributes = { width, height, viewBox: `0 0 ${width} ${height}`, 'font-family': 'sans-serif' };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, String(value));
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const add = (parent: Node, name: string, at: Readonly<Record<string, string | number>>, text?: string) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(at)) element.setAttribute(key, String(value));
    if (text !== undefined) element.textContent = text;
    parent.appendChild(element);
    return element;
  };
  add(svg, 'rect', { width, height, fill: 'white' });
  const title = { x: MARGIN, y: 26, 'font-size': 17, 'font-weight': 'bold' };
  add(svg, 'text', title, model ? `${model}: predicted against measured` : 'Predicted against measured');
  add(svg, 'text', { x: MARGIN, y: 46, 'font-size': 13, fill: '#555' }, subtitle(answer));
  for (const [column, latency] of LATENCIES.entries()) {
    const x = MARGIN / 2 + column * (PANEL.width + MARGIN);
    for (const [row, marks] of [scatterMarks, residualMarks].entries()) {
      const y = HEADER + row * (HEADING + PANEL.height);
      const heading = { x: x + 8, y: y + 26, 'font-size': 14, 'font-weight': 'bold', fill: '#222' };
      add(svg, 'text', heading, headingOf(latency, row, answer.errors));
      const place = add(svg, 'g', { transform: `translate(${x},${y + HEADING - 8})` });
      place.appendChild(panel(document, marks(points, latency)));
    }
  }
  for (const [i, { label, colour, isCross }] of legend.entries()) {
    const x = MARGIN + (isCross ? 0 : i % columns) * LEGEND_COLUMN;
    const y = top + rowOf(i) * LEGEND_ROW;
    if (isCross) {
      add(svg, 'path', { d: `M${x - 4},${y - 4}l8,8m0,-8l-8,8`, stroke: colour, 'stroke-width': 1.5 });
    } else {
      add(svg, 'circle', { cx: x, cy: y, r: 5, fill: colour });
    }
    add(svg, 'text', { x: x + 11, y: y + 4, 'font-size': 12, fill: '#333' }, label);
  }
  return `${svg.outerHTML}\n`;
}

function panel(document: Page, options: Plot.PlotOptions) {
  return Plot.plot({
    document,
    ...PANEL,
    marginLeft: 64,
    marginRight: 16,
    marginBottom: 42,
    style: { background: 'white', fontSize: '12px', fontFamily: 'sans-serif' },
    color: { type: 'identity' },
    ...options,
  });
}

function headingOf({ name, field }: Latency, row: number, errors: FitErrors): string {
  if (row === 1) return `${name}: relative error over the rate`;
  const error = field === 'ttftMs' ? errors.ttftFraction : errors.itlFraction;
  return `${name}: mean error ${percent(error)}`;
}

function subtitle({ counted, points, heldOut, heldOutBy, queueModel }: FitAnswer): string {
  const told = heldOut
    ? `; each ${heldOutBy} held out in turn: TTFT ${percent(heldOut.ttftFraction)}, ITL ${percent(heldOut.itlFraction)}`
    : '';
  return `${counted} of ${points.length} points count${told}. Queue model ${queueModel.name}.`;
}

function coloursOf(reports: readonly string[]): ReadonlyMap<string, string> {
  const shade = (i: number) => `hsl(${Math.round((300 * i) / (reports.length - 1))},65%,${i % 2 ? 58 : 42}%)`;
  return new Map(reports.map((report, i) => [report, reports.length <= FEW.length ? FEW[i] : shade(i)]));
}

function legendEntries(
  reports: readonly string[],
  colours: ReadonlyMap<string, string>,
  points: readonly FitPoint[],
) {
  const named = reports
    .slice(0, MOST_NAMED)
    .map((label) => ({ label: shortened(label), colour: colours.get(label)!, isCross: false }));
  const more = reports.length - named.length;
  const isLeftOut = points.some(({ predicted, leftOut }) => predicted && leftOut !== null);
  return [
    ...named,
    ...(more > 0 ? [{ label: `and ${more} more`, colour: LEFT_OUT, isCross: false }] : []),
    ...(isLeftOut
      ? [{ label: 'left out of the fit; at the edge of a panel: beyond it', colour: LEFT_OUT, isCross: true }]
      : []),
  ];
}

/** As long as fits a column of the legend; the end of a name tells more than its middle. */
function shortened(label: string): string {
  return label.length <= 26 ? label : `${label.slice(0, 12)}…${label.slice(-13)}`;
}
