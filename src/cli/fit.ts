import { writeFile } from 'node:fs/promises';
import { isObject } from '../schemas/fault-list.ts';
import type { FitAnswer } from '../schemas/fit.ts';
import { BenchmarkFiles } from './benchmark-files.ts';
import { EXIT } from './exit.ts';
import { fitText } from './fit-text.ts';
import { type FittedProfile, fittedProfile } from './fitted-profile.ts';
import { perform } from './operations.ts';
import { progressBar } from './progress-bar.ts';

interface FitArgs {
  readonly files: readonly string[];
  readonly batch?: number | undefined;
  readonly batchTokens?: number | undefined;
  readonly terms?: string | undefined;
  readonly laws?: string | undefined;
  readonly queueModel?: string | undefined;
  readonly model?: string | undefined;
  readonly accelerator: string;
  readonly format: 'table' | 'json' | 'profile';
  readonly plot?: string | undefined;
  readonly server?: string | undefined;
}

/** `brazier fit`: parameters of a service time from benchmarks, with what they are worth. */
export async function fitCommand(args: FitArgs): Promise<number> {
  const files = await BenchmarkFiles.read(args.files);
  const { request, flags } = withFlags(files.request, args);
  const bar = await progressBar('fitting');
  let answer: FitAnswer;
  try {
    answer = await perform('fit', request, files.source, args.server, bar.update);
  } catch (error) {
    throw files.located(error, flags);
  } finally {
    bar.stop();
  }
  const labels = files.labels(answer.points);
  console.log(shown(args, answer, labels, fittedProfile(answer, request, args)));
  if (args.plot !== undefined) {
    // Drawing libraries are loaded only where something is drawn.
    const { fitSvg } = await import('./fit-plot.ts');
    await writeFile(args.plot, fitSvg(answer, labels, args.model));
    console.error(`wrote ${args.plot}`);
  }
  return EXIT.complete;
}

function shown(
  { format }: FitArgs,
  answer: FitAnswer,
  labels: readonly string[],
  profile: FittedProfile,
): string {
  if (format === 'json') return JSON.stringify(answer, null, 2);
  if (format === 'profile') return JSON.stringify(profile, null, 2);
  return fitText(answer, labels, profile);
}

/** The request with what flags say on top, and which of its fields they say. It is checked later. */
function withFlags(
  request: Record<string, unknown>,
  { batch, batchTokens, terms, laws, queueModel }: FitArgs,
) {
  const limits = {
    ...(batch !== undefined && { maxBatchSize: batch }),
    ...(batchTokens !== undefined && { maxBatchTokens: batchTokens }),
  };
  const given = {
    ...(terms !== undefined && { terms: listOf(terms) }),
    ...(laws !== undefined && { laws: listOf(laws) }),
    ...(queueModel !== undefined && { queueModel }),
  };
  const { station = {} } = request;
  const isChanged = isObject(station) && Object.keys(limits).length > 0;
  return {
    request: { ...request, ...given, ...(isChanged && { station: { ...station, ...limits } }) },
    flags: [
      ...Object.keys(limits).map((field) => `/station/${field}`),
      ...Object.keys(given).map((field) => `/${field}`),
    ],
  };
}

function listOf(names: string): string[] {
  return names === 'none' ? [] : names.split(',').map((name) => name.trim());
}
