import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type {
  PlanSimulated,
  ServerSimulated,
  SimulateAnswer,
  SimulatedLatency,
  StationSimulated,
} from '../schemas/simulation-answer.ts';

const LATENCIES = [
  { name: 'TTFT', field: 'ttftMs', colour: '#d6604d' },
  { name: 'ITL', field: 'itlMs', colour: '#2166ac' },
  { name: 'response', field: 'responseMs', colour: '#4d9221' },
] as const;
const MARKED = ['p50', 'p90', 'p95', 'p99'] as const;

const STYLE = { background: 'white', fontSize: '13px', fontFamily: 'sans-serif' };

/** A simulation as an SVG document: of a station how its latencies are distributed, of a plan the latencies of each server. */
export function simulationSvg(answer: SimulateAnswer): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const options = 'servers' in answer ? planPlot(answer) : stationPlot(answer);
  const figure = Plot.plot({ document, style: STYLE, ...options });
  figure.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${figure.outerHTML}\n`;
}

/** Cumulative distributions, with the percentiles that are told and their confidence intervals. */
function stationPlot(simulated: StationSimulated): Plot.PlotOptions {
  const seen = LATENCIES.flatMap(({ name, field, colour }) => {
    const latency = simulated[field];
    return latency && latency.quantiles.length > 0 ? [{ name, colour, latency }] : [];
  });
  const curves = seen.flatMap(({ name, latency }) =>
    latency.quantiles.flatMap(({ fraction, ms }) =>
      ms > 0 ? [{ series: name, ms, percent: 100 * fraction }] : [],
    ),
  );
  const points = seen.flatMap(({ name, latency }) =>
    pointsOf(latency).map((point) => ({ series: name, ...point })),
  );
  return {
    width: 820,
    height: 480,
    marginTop: 34,
    marginLeft: 60,
    marginRight: 30,
    marginBottom: 44,
    x: { label: 'ms (logarithmic) →', type: 'log', grid: true, nice: true, tickFormat: shown },
    y: { label: '↑ % of what was seen', domain: [0, 100], grid: true },
    color: { domain: seen.map(({ name }) => name), range: seen.map(({ colour }) => colour) },
    marks: [
      Plot.ruleY([0]),
      Plot.line(curves, { x: 'ms', y: 'percent', stroke: 'series', strokeWidth: 2 }),
      Plot.ruleY(
        points.filter(({ low }) => low !== null && low > 0),
        { x1: 'low', x2: 'high', y: 'percent', stroke: 'series', strokeWidth: 5, strokeOpacity: 0.35 },
      ),
      Plot.dot(points, { x: 'ms', y: 'percent', fill: 'series', r: 3.5, title: 'title' }),
      // Where all curves have risen there is room.
      ...seen.map(({ name, colour, latency }, i) =>
        Plot.text([`${name}: mean ${shown(latency.mean)} ms`], {
          frameAnchor: 'bottom-right',
          fill: colour,
          dx: -10,
          dy: -12 - 18 * (seen.length - 1 - i),
        }),
      ),
      ...(seen.length === 0 ? [Plot.text(['nothing was seen'], { frameAnchor: 'middle' })] : []),
    ],
  };
}

/** The percentiles that are told, each with the ends of its interval. */
function pointsOf(latency: SimulatedLatency) {
  return MARKED.flatMap((name) => {
    const ms = latency[name];
    const halfWidth = latency.halfWidths[name];
    if (ms === null || ms <= 0) return [];
    const ends =
      halfWidth === null ? { low: null, high: null } : { low: ms - halfWidth, high: ms + halfWidth };
    return [{ ms, percent: Number(name.slice(1)), title: `${name} ${shown(ms)} ms`, ...ends }];
  });
}

const ROW_HEIGHT = 26;

/** For each server the stretch from the median to the 99th percentile, the mean, what was predicted, and the target. */
function planPlot({ servers }: PlanSimulated): Plot.PlotOptions {
  const panels = LATENCIES.slice(0, 2);
  const rows = panels.flatMap(({ name, field }) =>
    servers.map((server) => ({
      panel: name,
      server: server.name,
      ...figuresOf(server, field as 'ttftMs' | 'itlMs'),
    })),
  );
  const longest = Math.max(4, ...servers.map(({ name }) => Math.min(40, name.length)));
  const named = { y: 'server', fx: 'panel' } as const;
  const legend = 'line: p50 to p99 · dot: mean · hollow: predicted · bar: target · ∞: grows without bound';
  return {
    width: 980,
    height: 90 + ROW_HEIGHT * Math.max(1, servers.length),
    marginLeft: 20 + 7.5 * longest,
    marginTop: 44,
    marginBottom: 44,
    marginRight: 24,
    x: { label: `ms (logarithmic) → ${legend}`, type: 'log', grid: true, tickFormat: shown },
    y: {
      label: null,
      domain: servers.map(({ name }) => name),
      tickFormat: (name: string) => shortened(name),
    },
    fx: { label: null, domain: panels.map(({ name }) => name), padding: 0.06 },
    color: { type: 'identity' },
    marks: [
      Plot.ruleY(
        rows.filter(({ p50, p99 }) => p50 && p99),
        { x1: 'p50', x2: 'p99', stroke: 'colour', strokeWidth: 3, strokeOpacity: 0.6, ...named },
      ),
      Plot.tickX(
        rows.filter(({ target }) => target),
        { x: 'target', stroke: '#222', strokeWidth: 2, ...named },
      ),
      Plot.dot(
        rows.filter(({ predicted }) => predicted),
        { x: 'predicted', stroke: '#555', fill: 'white', r: 4, ...named },
      ),
      Plot.dot(
        rows.filter(({ mean }) => mean),
        { x: 'mean', fill: 'colour', r: 4, ...named },
      ),
      Plot.text(
        rows.filter(({ isUnbounded }) => isUnbounded),
        { text: () => '∞', frameAnchor: 'right', fill: '#b2182b', fontSize: 18, ...named },
      ),
      Plot.text(
        rows.filter(({ isSkipped }) => isSkipped),
        { text: () => 'not simulated', frameAnchor: 'left', dx: 6, fill: '#777', ...named },
      ),
    ],
  };
}

function figuresOf(
  { simulated, predicted, targets, withinTargets }: ServerSimulated,
  field: 'ttftMs' | 'itlMs',
) {
  const latency = simulated?.[field];
  return {
    p50: latency?.p50,
    p99: latency?.p99,
    mean: latency?.mean,
    predicted: predicted?.[field],
    target: targets[field],
    colour: withinTargets ? '#2166ac' : '#b2182b',
    isUnbounded: simulated !== null && !latency,
    isSkipped: simulated === null,
  };
}

function shown(value: number | null): string {
  return value === null ? '–' : String(Number(value.toPrecision(3)));
}

function shortened(name: string): string {
  return name.length <= 40 ? name : `${name.slice(0, 19)}…${name.slice(-20)}`;
}
