import { writeFile } from 'node:fs/promises';
import { isObject } from '../schemas/fault-list.ts';
import type { SimulateAnswer } from '../schemas/simulation-answer.ts';
import { EXIT } from './exit.ts';
import { InputError, readJson } from './input.ts';
import { perform } from './operations.ts';
import { progressBar } from './progress-bar.ts';
import { planText, stationText } from './simulated-text.ts';
import {
  isStationGiven,
  type LooseRequest,
  missingFlags,
  type StationArgs,
  sourceOf,
  withStation,
} from './station-args.ts';
import { readTrace } from './trace-file.ts';

interface SimulateArgs extends StationArgs {
  readonly rate?: number | undefined;
  readonly replicas?: number | undefined;
  readonly cv?: number | undefined;
  readonly trace?: string | undefined;
  readonly lengths?: 'exponential' | 'constant' | undefined;
  readonly seed?: number | undefined;
  readonly requests?: number | undefined;
  readonly seconds?: number | undefined;
  readonly precision?: number | undefined;
  readonly plot?: string | undefined;
}

/** `brazier simulate`: what happens to every request, as a table and drawn. */
export async function simulateCommand(args: SimulateArgs): Promise<number> {
  if (args.plot === '') throw new InputError('--plot: name an SVG file');
  const request = await requestOf(args);
  const bar = await progressBar('simulating');
  let answer: SimulateAnswer;
  try {
    answer = await perform('simulate', request, sourceOf(args), args.server, bar.update);
  } finally {
    bar.stop();
  }
  console.log(shown(answer, args.format));
  if (args.plot !== undefined) {
    // Drawing libraries are loaded only where something is drawn.
    const { simulationSvg } = await import('./simulation-plot.ts');
    await writeFile(args.plot, simulationSvg(answer));
    console.error(`wrote ${args.plot}`);
  }
  const misses = 'servers' in answer && answer.servers.some(({ withinTargets }) => withinTargets === false);
  return misses ? EXIT.shortfall : EXIT.complete;
}

function shown(answer: SimulateAnswer, format: 'table' | 'json'): string {
  if (format === 'json') return JSON.stringify(answer, null, 2);
  return 'servers' in answer ? planText(answer) : stationText(answer);
}

/** The request that a file or flags describe; flags override the file's fields. It is checked later. */
async function requestOf(args: SimulateArgs): Promise<unknown> {
  if (args.file === undefined) missingFlags(args);
  const input = args.file === undefined ? {} : await readJson(args.file);
  if (!isObject(input)) return input;
  const { cv, trace, seed, requests, seconds, precision, lengths, rate, replicas } = args;
  const subject = subjectOf(input, args);
  if (trace !== undefined && subject.fleet !== undefined) {
    throw new InputError(
      '--trace: the requests of one station; brazier replay simulates a fleet under a trace',
    );
  }
  const given = {
    requestsPerSec: rate,
    replicas,
    arrivals: trace === undefined ? drawnArrivals(cv) : { kind: 'trace', requests: await readTrace(trace) },
    lengths: lengths && { kind: lengths },
    seed,
    requests,
    seconds,
    precisionFraction: precision,
  };
  return {
    ...subject,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}

/** What is simulated: a fleet file stands for its plan, and of a file about a station what other commands take is left out. */
function subjectOf(input: LooseRequest, args: SimulateArgs): LooseRequest {
  if (Array.isArray(input.servers)) return { fleet: input };
  const { queueModel: _, targets: _targets, ...request } = input;
  const isOfStation =
    request.fleet === undefined && (request.pools === undefined || request.station !== undefined);
  return isOfStation || isStationGiven(args) ? withStation(request, args, ['requestsPerSec']) : request;
}

function drawnArrivals(cv: number | undefined): object | undefined {
  if (cv === undefined) return undefined;
  if (cv === 1) return { kind: 'poisson' };
  return cv === 0 ? { kind: 'constant' } : { kind: 'gamma', cv };
}
