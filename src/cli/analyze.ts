import { writeFile } from 'node:fs/promises';
import { isObject } from '../schemas/fault-list.ts';
import type { Analysis } from '../schemas/station.ts';
import { EXIT } from './exit.ts';
import { perform } from './operations.ts';
import { pointTable } from './point-table.ts';
import { type LooseRequest, type StationArgs, sourceOf, stationRequest } from './station-args.ts';

interface AnalyzeArgs extends StationArgs {
  readonly rate?: number | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly points: number;
  readonly plot?: string | undefined;
}

/** `brazier analyze`: latencies of one replica, as a table and drawn. */
export async function analyzeCommand(args: AnalyzeArgs): Promise<number> {
  const request = await stationRequest(args, ['requestsPerSec']);
  const answer = await perform('analyze', await withRates(request, args), sourceOf(args), args.server);
  console.log(args.format === 'json' ? JSON.stringify(answer, null, 2) : curveTable(answer));
  if (args.plot === undefined) return EXIT.complete;
  // Drawing libraries are loaded only where something is drawn.
  const { curveSvg, curveText } = await import('./curve-plot.ts');
  if (args.plot === '') {
    console.log(`\n${curveText(answer)}`);
  } else {
    await writeFile(args.plot, curveSvg(answer));
    console.error(`wrote ${args.plot}`);
  }
  return EXIT.complete;
}

/** The rates of the flags, else the file's, else a range up to where the latencies explode. */
async function withRates(request: LooseRequest, args: AnalyzeArgs): Promise<LooseRequest> {
  const { rate, from, to, points } = args;
  if (!isObject(request)) return request;
  if (rate !== undefined) return { ...request, requestsPerSec: rate };
  if (from === undefined && to === undefined && request.requestsPerSec !== undefined) return request;
  if (from !== undefined && to !== undefined) return { ...request, requestsPerSec: { from, to, points } };
  const { maxRequestsPerSec } = await perform(
    'analyze',
    { ...request, requestsPerSec: 1 },
    sourceOf(args),
    args.server,
  );
  const last = to ?? 0.97 * maxRequestsPerSec;
  return {
    ...request,
    requestsPerSec: { from: from ?? Math.min(last, 0.02 * maxRequestsPerSec), to: last, points },
  };
}

function curveTable({ points, maxRequestsPerSec, queueModel }: Analysis): string {
  const highest = `Highest stable rate: ${maxRequestsPerSec.toPrecision(6)} requests/s (queue model ${queueModel.name}).`;
  return `${pointTable(points)}\n\n${highest}`;
}
