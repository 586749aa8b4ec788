import { readFileSync } from 'node:fs';
import { PACKAGE_ROOT } from '../../src/version.ts';

// One benchmark of four runs, in each of the forms that GuideLLM gives it.

/**
 * Version 2, as the pydantic models of guidellm 0.8.1 (PyPI) dump it: GenerativeRequestStats of a simulated run were put into a
 * GenerativeBenchmarkAccumulator, GenerativeBenchmark.compile made benchmarks of it, GenerativeBenchmarksReport.model_dump(mode="json")
 * the report. Afterwards most metrics and fields were taken out, and all recorded requests but two.
 */
export const reportV2 = (): Tree => JSON.parse(text('guidellm-v2.json'));
const text = (file: string) => readFileSync(new URL(`test/converters/${file}`, PACKAGE_ROOT), 'utf8');

// biome-ignore lint/suspicious/noExplicitAny: reports are changed at will.
export type Tree = any;

interface Distribution {
  readonly mean: number;
  readonly median: number;
  readonly stdDev: number;
}

export interface SampleRun {
  readonly strategy: { readonly type_: string; readonly rate?: number; readonly streams?: number };
  readonly name: string;
  readonly counts: { readonly successful: number; readonly incomplete: number; readonly errored: number };
  readonly durationSec: number;
  /** By metric of the JSON, of successful requests; the latency of requests in seconds. */
  readonly metrics: Readonly<Record<string, Distribution>>;
}

/** A run whose figures follow from one another as they do where they are measured. */
function run(
  strategy: SampleRun['strategy'],
  name: string,
  counts: SampleRun['counts'],
  [ttftMs, itlMs]: readonly [number, number],
): SampleRun {
  const [durationSec, inputTokens, outputTokens] = [100, 120, 41];
  const requestsPerSec = counts.successful / durationSec;
  const latencySec = (ttftMs + itlMs * (outputTokens - 1)) / 1000;
  const around = (mean: number) => ({ mean, median: mean * 0.98, stdDev: mean / 10 });
  const metrics = {
    request_latency: around(latencySec),
    request_streaming_iterations_count: around(outputTokens + 2),
    time_to_first_token_ms: around(ttftMs),
    time_per_output_token_ms: around((1000 * latencySec) / outputTokens),
    inter_token_latency_ms: around(itlMs),
    requests_per_second: around(requestsPerSec),
    request_concurrency: around(requestsPerSec * latencySec),
    prompt_token_count: around(inputTokens),
    output_token_count: around(outputTokens),
    total_token_count: around(inputTokens + outputTokens),
  };
  return { strategy, name, counts, durationSec, metrics };
}

const done = (successful: number, incomplete = 0, errored = 0) => ({ successful, incomplete, errored });

export const SAMPLE: readonly SampleRun[] = [
  run({ type_: 'synchronous' }, 'synchronous', done(200), [20.5, 9.75]),
  run({ type_: 'throughput' }, 'throughput', done(4000, 50, 1), [310.5, 31.25]),
  run({ type_: 'constant', rate: 2.503 }, 'constant@2.50', done(250, 3), [24.5, 11.25]),
  run({ type_: 'concurrent', streams: 8 }, 'concurrent@8', done(800, 0, 2), [30.5, 12.25]),
];

/** Form (a): JSON of version 0.3. */
export function unversioned(runs = SAMPLE): Tree {
  const distribution = ({ mean, median, stdDev }: Distribution) => ({
    mean,
    median,
    std_dev: stdDev,
    count: 9,
  });
  return {
    benchmarks: runs.map(({ strategy, counts, durationSec, metrics }) => ({
      type_: 'generative_benchmark',
      args: { strategy: { ...strategy }, strategy_index: 0, profile: { type_: 'sweep' } },
      request_totals: { ...counts, total: counts.successful + counts.incomplete + counts.errored },
      metrics: Object.fromEntries(
        Object.entries(metrics).map(([metric, of]) => [metric, { successful: distribution(of) }]),
      ),
      requests: { successful: [{ prompt: 'a prompt', output: 'an answer' }], errored: [], incomplete: [] },
      duration: durationSec,
    })),
  };
}

const LABELS: Readonly<Record<string, string>> = {
  requests_per_second: 'Requests per second',
  request_concurrency: 'Request concurrency',
  request_latency: 'Request latency',
  prompt_token_count: 'Prompt token count',
  output_token_count: 'Output token count',
  time_to_first_token_ms: 'Time to first token ms',
  inter_token_latency_ms: 'Inter token latency ms',
};

/** Form (c): flat records. */
export function records(runs = SAMPLE): Tree[] {
  return runs.map(({ strategy, name, counts, durationSec, metrics }) => ({
    Type: 'generative_benchmark',
    Name: name,
    Duration: durationSec,
    'Successful Requests': counts.successful,
    'Errored Requests': counts.errored,
    'Incomplete Requests': counts.incomplete,
    ...Object.fromEntries(
      Object.entries(LABELS).flatMap(([metric, label]) => [
        [`Successful ${label} mean`, metrics[metric].mean],
        [`Successful ${label} median`, metrics[metric].median],
        [`Successful ${label} std dev`, metrics[metric].stdDev],
        [`Successful ${label} [min, 0.1, 1, 5, 10, 25, 75, 90, 95, 99, max]`, '[1.0, 2.0]'],
      ]),
    ),
    Args: JSON.stringify({ strategy }),
  }));
}

/** Form (c) as the CSV that it comes from. */
export const flatCsv = (runs = SAMPLE) => {
  const rows = records(runs);
  return csv([Object.keys(rows[0]), ...rows.map((row) => Object.values(row).map(String))]);
};

const COLUMNS: readonly (readonly [group: string, unit: string, metric: string])[] = [
  ['Request Latency', 'Sec', 'request_latency'],
  ['Streaming Iterations', 'Count', 'request_streaming_iterations_count'],
  ['Time to First Token', 'ms', 'time_to_first_token_ms'],
  ['Time per Output Token', 'ms', 'time_per_output_token_ms'],
  ['Inter Token Latency', 'ms', 'inter_token_latency_ms'],
  ['Server Throughput', 'Requests/Sec', 'requests_per_second'],
  ['Server Throughput', 'Concurrency', 'request_concurrency'],
  ['Token Metrics', 'Input Tokens', 'prompt_token_count'],
  ['Token Metrics', 'Output Tokens', 'output_token_count'],
  ['Token Metrics', 'Total Tokens', 'total_token_count'],
];
/** What failed requests have no figures of. */
const OF_DONE = ['Sec', 'Requests/Sec'];

type Cell = readonly [group: string, name: string, statistic: string, value: string];

function cellsOf({ strategy, name, counts, durationSec, metrics }: SampleRun, index: number): Cell[] {
  const profile = JSON.stringify({ completed_strategies: SAMPLE.map((sample) => sample.strategy) });
  const block = (group: string, unit: string, { mean, median, stdDev }: Distribution): Cell[] => [
    [group, unit, 'Mean', `${mean}`],
    [group, unit, 'Median', `${median}`],
    [group, unit, 'Std Dev', `${stdDev}`],
    [group, unit, 'Percentiles', /Sec|ms|Conc/.test(unit) ? `[${mean / 2}, ${mean * 1.71}]` : '[1.0, 210.0]'],
  ];
  const statuses = (['incomplete', 'errored'] as const).filter((status) => counts[status] > 0);
  return [
    ['Run Info', 'Run Index', '', `${index}`],
    ['Run Info', 'Profile', '', profile],
    ['Benchmark', 'Strategy', '', index === 3 ? name : strategy.type_],
    ['Timings', 'Duration', 'Sec', `${durationSec}`],
    ['Request Counts', 'Successful', '', `${counts.successful}`],
    ['Request Counts', 'Incomplete', '', `${counts.incomplete}`],
    ['Request Counts', 'Errored', '', `${counts.errored}`],
    ...COLUMNS.flatMap(([group, unit, metric]) => [
      ...block(group, `Successful ${unit}`, metrics[metric]),
      ...statuses.flatMap((status) => {
        const capital = status === 'errored' ? 'Errored' : 'Incomplete';
        const mean = metrics[metric].mean * (status === 'errored' ? 0.4 : 0.7);
        const failed = { mean, median: mean, stdDev: counts[status] === 1 ? 0 : 0.1 };
        return OF_DONE.includes(unit) ? [] : block(group, `${capital} ${unit}`, failed);
      }),
    ]),
    ['Scheduler State', 'Node ID', '', '0'],
  ];
}

/** Form (d): CSV with three header rows. Since 0.7 a column is the same in all rows; before, the header is that of the first run. */
export function threeHeaderCsv({ isAligned, runs = SAMPLE }: { isAligned: boolean; runs?: typeof SAMPLE }) {
  const rows = runs.map(cellsOf);
  const key = ([group, name, statistic]: Cell) => [group, name, statistic].join();
  const columns = new Map((isAligned ? rows.flat() : rows[0]).map((cell) => [key(cell), cell]));
  const header = [0, 1, 2].map((part) => [...columns.values()].map((cell) => cell[part]));
  const valuesOf = (row: Cell[]) => {
    if (!isAligned) return row.map((cell) => cell[3]);
    const values = new Map(row.map((cell) => [key(cell), cell[3]]));
    return [...columns.keys()].map((column) => values.get(column) ?? '');
  };
  return csv([...header, ...rows.map(valuesOf)]);
}

function csv(rows: readonly (readonly string[])[]): string {
  const quoted = (cell: string) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return rows.map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
}
