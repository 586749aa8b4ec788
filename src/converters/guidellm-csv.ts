import { type CsvError, parse } from 'csv-parse/sync';
import type { Faults, Json } from '../schemas/fault-list.ts';
import { isObject } from '../schemas/fault-list.ts';
import { benchmarkRun, type Figure, type Statistic } from './benchmark-figures.ts';
import type { BenchmarkRun, UnusableRun } from './benchmark-run.ts';
import { numberOfText } from './foreign-values.ts';
import { Header, type Row } from './guidellm-csv-header.ts';
import { SHIFTED } from './guidellm-csv-shift.ts';
import { RECORD_KEYS, recordRun } from './guidellm-records.ts';
import { objectIn, strategyOfName } from './guidellm-strategy.ts';

// The CSV of GuideLLM since 0.4: three header rows (group, name, unit or statistic), then a row for each run. Up to 0.3 it has one
// header row, and is the flat records.

const METRICS: Readonly<Record<Figure, string>> = {
  requestsPerSec: SHIFTED.rate,
  concurrency: SHIFTED.concurrency,
  inputTokens: SHIFTED.inputTokens,
  outputTokens: SHIFTED.outputTokens,
  ttftMs: SHIFTED.ttft,
  itlMs: SHIFTED.itl,
};
const OFFSETS: Readonly<Record<Statistic, number>> = { mean: 0, median: 1, stdDev: 2 };

/** GuideLLM writes a few hundred columns and some 10,000 characters. */
const MAX_COLUMNS = 10_000;
const MAX_ROW_LENGTH = 1_000_000;

type Run = BenchmarkRun | UnusableRun;

/** A row and the line that it ends on. */
interface Line {
  readonly record: Row;
  readonly info: { readonly lines: number };
}

/** The runs of a CSV; `mostRuns` bounds them. undefined: its header is not one of GuideLLM's. */
export function csvRuns(text: string, mostRuns: number, faults: Faults): Run[] | undefined {
  let lines: Line[];
  try {
    const options = {
      ...{ bom: true, info: true, relaxColumnCount: true, skipEmptyLines: true },
      ...{ maxRecordSize: MAX_ROW_LENGTH, to: mostRuns + 4 },
    };
    lines = parse(text, options) as unknown as Line[];
  } catch (error) {
    const { message, lines: line = 0, column = 0 } = error as CsvError & Partial<Record<string, number>>;
    faults.add('', `must be CSV: line ${line}, column ${Number(column) + 1}: ${message}`);
    return [];
  }
  const [first = [], second = [], third = []] = lines.map(({ record }) => record);
  const isFlat = RECORD_KEYS.every((key) => first.includes(key));
  const rows = lines.slice(isFlat ? 1 : 3);
  if (first.length > MAX_COLUMNS) {
    faults.add('', `must have at most ${MAX_COLUMNS} columns; it has ${first.length}`);
    return [];
  }
  const header = isFlat ? undefined : new Header([first, second, third]);
  if (header && !header.isKnown) return undefined;
  if (rows.length === 0) faults.add('', 'must have a row for each run below the header');
  if (rows.length > mostRuns) faults.add('', `must have at most ${mostRuns} runs`);
  if (rows.length > mostRuns) return [];
  const isAligned = rows.every(({ record }) => record.length === first.length);
  return rows.map(({ record, info }, index) =>
    header
      ? csvRun(header, record, isAligned || index === 0, info.lines, faults)
      : flatRun(first, record, info.lines, faults),
  );
}

function flatRun(keys: Row, row: Row, line: number, faults: Faults): Run {
  const record: Json = Object.create(null);
  for (const [column, key] of keys.entries()) record[key] = row[column];
  return recordRun(record, (key, message) => faults.add('', `line ${line}, column "${key}" ${message}`));
}

function csvRun(header: Header, row: Row, isBelow: boolean, line: number, faults: Faults): Run {
  const cell = (name: string) => row[header.column(name)];
  const fault = (name: string) => (message: string) => faults.add('', `line ${line}, ${name} ${message}`);
  const number = (name: string) => numberOfText(cell(name), fault(`column "${name}"`));
  const strategy = strategyOfName(
    cell('Benchmark, Strategy'),
    (kind) => {
      const done = objectIn(cell('Run Info, Profile'))?.completed_strategies;
      const own: unknown = Array.isArray(done) ? done[Number(cell('Run Info, Run Index'))] : undefined;
      return isObject(own) && own.type_ === kind ? own : null;
    },
    fault('column "Benchmark, Strategy"'),
  );
  const requests = {
    successful: number('Request Counts, Successful'),
    incomplete: number('Request Counts, Incomplete'),
    errored: number('Request Counts, Errored'),
  };
  const durationSec = number('Timings, Duration');
  const columns = header.successful(row, isBelow, requests, durationSec);
  const run = benchmarkRun({
    strategy,
    requests,
    durationSec,
    figure: (figure, statistic) => {
      const block = columns?.get(METRICS[figure]);
      if (block === undefined) return null;
      const column = block + OFFSETS[statistic];
      return numberOfText(row[column], fault(`column ${column + 1} (${METRICS[figure]}, ${statistic})`));
    },
  });
  if (columns !== undefined || run.requests.successful === 0 || run.unusable === null) return run;
  const told = `its row has ${row.length} columns for ${header.length} of the header`;
  return { ...run, unusable: `${told}, as GuideLLM before 0.7 writes it; its JSON has the figures` };
}
