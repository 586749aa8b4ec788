import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { ReplayReport, RunReport } from '../replay/report.ts';
import type { OptimizeRequest } from '../schemas/plan.ts';

const COLOURS = ['#4269d0', '#3ca951', '#ff725c', '#9498a0', '#a463f2', '#efb118', '#6cc5b0', '#9c6b4e'];
const WIDTH = 980;
/** Of the beliefs about the model, in their order. */
export const SYMBOLS = ['circle', 'triangle', 'square', 'diamond', 'star', 'wye', 'cross'];
const STYLE = { background: 'white', fontSize: '12px' };
const PERCENTILES = ['p50', 'p90', 'p99'] as const;

/** The pictures of a replay, each as SVG. */
export class ReplayPlots {
  readonly #report: ReplayReport;
  readonly #document = parseHTML('<!doctype html><html><body></body></html>').document;
  readonly #color: { readonly domain: string[]; readonly range: string[] };
  /** Room for the longest name of a policy. */
  readonly #labelWidth: number;

  constructor(report: ReplayReport) {
    this.#report = report;
    const domain = report.policies.map(({ name }) => name);
    this.#color = { domain, range: domain.map((_, i) => COLOURS[i % COLOURS.length]) };
    this.#labelWidth = 20 + 7.5 * Math.max(...domain.map(({ length }) => length));
  }

  /** The colour of each policy in all pictures, in their order. */
  get colours(): readonly string[] {
    return this.#color.range;
  }

  /** The load of a server over time. */
  load(server: string): string {
    const samples = this.#report.runs[0].servers.find((entry) => entry.server === server)!.overTime;
    return this.#svg({
      height: 150,
      marginLeft: 50,
      // The same minutes stand above one another.
      marginRight: this.#labelWidth,
      x: { label: null, domain: this.#minutes },
      y: { label: '↑ requests/s offered', grid: true, zero: true },
      marks: [
        Plot.areaY(samples, { x: minutesOf, y: 'requestsPerSec', fill: '#ddd', curve: 'step-after' }),
        Plot.lineY(samples, { x: minutesOf, y: 'requestsPerSec', stroke: '#555', curve: 'step-after' }),
      ],
    });
  }

  /** Replicas that serve a server over time, and those that start on top of them. */
  replicas(server: string, modelFactor: number): string {
    const samples = this.#runs(modelFactor).flatMap(({ policy, servers }) =>
      servers
        .find((entry) => entry.server === server)!
        .overTime.map((sample) => ({ ...sample, policy, all: sample.serving + sample.starting })),
    );
    const x = minutesOf;
    const facet = { fy: 'policy' } as const;
    return this.#svg({
      height: 110 * this.#report.policies.length,
      marginLeft: 50,
      marginRight: this.#labelWidth,
      x: { label: 'minutes →', domain: this.#minutes },
      // Of square roots: one policy may run many times what another does.
      y: { label: '↑ replicas', grid: true, type: 'sqrt', zero: true, ticks: 4 },
      fy: { label: null, domain: this.#color.domain },
      color: this.#color,
      marks: [
        Plot.areaY(samples, {
          ...facet,
          x,
          y: 'all',
          fill: '#f2c94c',
          fillOpacity: 0.6,
          curve: 'step-after',
        }),
        Plot.areaY(samples, {
          ...facet,
          x,
          y: 'serving',
          fill: 'policy',
          fillOpacity: 0.35,
          curve: 'step-after',
        }),
        Plot.lineY(samples, { ...facet, x, y: 'serving', stroke: 'policy', curve: 'step-after' }),
      ],
    });
  }

  /** What each policy attains, for what it costs. */
  attainment(): string {
    const runs = this.#report.runs.map((run) => ({
      ...run,
      attained: 100 * run.total.attainmentFraction,
      model: modelName(run.modelFactor),
    }));
    const models = [...new Set(runs.map(({ model }) => model))];
    return this.#svg({
      height: 380,
      marginLeft: 60,
      marginBottom: 45,
      x: { label: 'cost per hour →', grid: true, nice: true, zero: true },
      y: { label: '↑ requests within their targets (%)', grid: true, nice: true },
      color: this.#color,
      symbol: { domain: models, range: SYMBOLS },
      marks: [
        Plot.dot(runs, {
          x: 'costPerHour',
          y: 'attained',
          stroke: 'policy',
          symbol: 'model',
          r: 6,
          strokeWidth: 2,
        }),
      ],
    });
  }

  /** Percentiles of the TTFT of each class under each policy, with the target of the class. */
  ttft(modelFactor: number, fleet: OptimizeRequest): string {
    const points = this.#runs(modelFactor).flatMap(({ policy, classes }) =>
      classes.flatMap(({ serviceClass, ttftMs }) =>
        PERCENTILES.map((name) => ({ policy, serviceClass, name, ms: ttftMs[name] })),
      ),
    );
    const shown = points.filter(({ ms }) => ms > 0);
    const spans = this.#runs(modelFactor).flatMap(({ policy, classes }) =>
      classes
        .filter(({ ttftMs }) => ttftMs.p50 > 0)
        .map(({ serviceClass, ttftMs }) => ({ policy, serviceClass, from: ttftMs.p50, to: ttftMs.p99 })),
    );
    const classes = [...new Set(points.map(({ serviceClass }) => serviceClass))];
    const targets = fleet.serviceClasses.flatMap(({ name, targets: own }) =>
      classes.includes(name)
        ? own.flatMap(({ ttftMs }) => (ttftMs ? [{ serviceClass: name, ms: ttftMs }] : []))
        : [],
    );
    return this.#svg({
      height: 60 + 34 * this.#report.policies.length * classes.length,
      marginLeft: this.#labelWidth,
      marginRight: 100,
      marginBottom: 45,
      x: { label: 'TTFT (ms, logarithmic) →', type: 'log', grid: true, inset: 16 },
      y: { label: null, domain: this.#color.domain },
      fy: { label: null, domain: classes },
      color: this.#color,
      marks: [
        Plot.ruleX(targets, { x: 'ms', fy: 'serviceClass', stroke: '#c00', strokeDasharray: '5,4' }),
        Plot.ruleY(spans, {
          ...{ y: 'policy', fy: 'serviceClass', x1: 'from', x2: 'to' },
          ...{ stroke: 'policy', strokeWidth: 2, strokeOpacity: 0.5 },
        }),
        Plot.dot(shown, { x: 'ms', y: 'policy', fy: 'serviceClass', fill: 'policy', r: 4 }),
        Plot.text(shown, { x: 'ms', y: 'policy', fy: 'serviceClass', text: 'name', dy: -10, fontSize: 10 }),
      ],
    });
  }

  get #minutes(): [number, number] {
    return [0, this.#report.lastsSec / 60];
  }

  #runs(modelFactor: number): RunReport[] {
    return this.#report.runs.filter((run) => run.modelFactor === modelFactor);
  }

  #svg(options: Plot.PlotOptions): string {
    const figure = Plot.plot({ document: this.#document, width: WIDTH, style: STYLE, ...options });
    figure.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    return figure.outerHTML;
  }
}

function minutesOf({ atSec }: { readonly atSec: number }): number {
  return atSec / 60;
}

function modelName(factor: number): string {
  return factor === 1 ? 'true model' : `service times × ${factor}`;
}
