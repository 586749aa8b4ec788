import { Faults, isObject, type Json } from '../schemas/fault-list.ts';
import { pointerToken, shownValue } from '../schemas/faults.ts';
import type { Fault } from '../schemas/problem.ts';
import type { BenchmarkRun, UnusableRun } from './benchmark-run.ts';
import { csvRuns } from './guidellm-csv.ts';
import { checkVersion, jsonRun } from './guidellm-json.ts';
import { recordRun } from './guidellm-records.ts';

/** A sweep has about ten runs; more than this are no benchmark. */
export const MAX_RUNS = 1_000;

const FORMS =
  'its JSON (an object with "benchmarks"), its flat records (an array of objects with a "Name"), ' +
  'or its CSV as text (with its header: three rows, or one up to version 0.3)';

/**
 * The runs of a GuideLLM report, whichever form it has: JSON without a version, of version 1 or 2, flat records, or CSV as text. Faults
 * name all that keeps the report from being read, by JSON Pointer, in CSV by line and column in the message, and then there are no runs.
 * A run that measured nothing is no fault, but comes back with the reason. Never throws. Recorded requests are dropped unread.
 */
export function readGuidellm(report: unknown): {
  readonly runs: readonly Run[];
  readonly faults: readonly Fault[];
} {
  const faults = new Faults();
  const runs = runsOf(report, faults);
  return { runs: faults.found.length > 0 ? [] : runs, faults: faults.found };
}

type Run = BenchmarkRun | UnusableRun;

function runsOf(report: unknown, faults: Faults): Run[] {
  if (Array.isArray(report)) return recordRuns(report, faults);
  if (isObject(report) && report.benchmarks !== undefined) return jsonRuns(report, faults);
  const isJsonText = typeof report === 'string' && /^\s*[[{]/.test(report);
  const runs = typeof report === 'string' && !isJsonText ? csvRuns(report, MAX_RUNS, faults) : undefined;
  if (runs === undefined) {
    const hint = isJsonText ? '; it is JSON as text, which has to be parsed before' : '';
    faults.add('', `must be a report of GuideLLM: ${FORMS}${hint}`);
  }
  return runs ?? [];
}

function jsonRuns(report: Json, faults: Faults): Run[] {
  checkVersion(report, faults);
  const { benchmarks } = report;
  if (!Array.isArray(benchmarks)) {
    faults.add('/benchmarks', `must be an array; it is ${shownValue(benchmarks)}`);
    return [];
  }
  if (!isCountRight(benchmarks, '/benchmarks', faults)) return [];
  return benchmarks.map((benchmark, index) => jsonRun(benchmark, `/benchmarks/${index}`, faults));
}

function recordRuns(records: readonly unknown[], faults: Faults): Run[] {
  if (!isCountRight(records, '', faults)) return [];
  return records.flatMap((record, index) => {
    if (isObject(record))
      return recordRun(record, (key, message) => faults.add(`/${index}/${pointerToken(key)}`, message));
    faults.add(`/${index}`, `must be an object; it is ${shownValue(record)}`);
    return [];
  });
}

function isCountRight(runs: readonly unknown[], path: string, faults: Faults): boolean {
  if (runs.length > 0 && runs.length <= MAX_RUNS) return true;
  faults.add(path, `must have 1 to ${MAX_RUNS} runs; it has ${runs.length}`);
  return false;
}
