import { isObject, type Json } from '../schemas/fault-list.ts';
import { benchmarkRun, type Figure, type Statistic } from './benchmark-figures.ts';
import type { BenchmarkRun, UnusableRun } from './benchmark-run.ts';
import { numberOfText } from './foreign-values.ts';
import { objectIn, strategyOfName } from './guidellm-strategy.ts';

// The flat form of GuideLLM up to 0.3: one record a run, keys as "Successful Time to first token ms mean". It writes it as CSV with
// one header row; as an array of objects it goes around too.

const LABELS: Readonly<Record<Figure, string>> = {
  requestsPerSec: 'Requests per second',
  concurrency: 'Request concurrency',
  inputTokens: 'Prompt token count',
  outputTokens: 'Output token count',
  ttftMs: 'Time to first token ms',
  itlMs: 'Inter token latency ms',
};
const STATISTICS: Readonly<Record<Statistic, string>> = { mean: 'mean', median: 'median', stdDev: 'std dev' };

/** Keys that every record has: by these it is known. */
export const RECORD_KEYS = ['Name', 'Successful Requests'] as const;

/** One record; `fault` says what is wrong with the value of a key. */
export function recordRun(
  record: Readonly<Json>,
  fault: (key: string, message: string) => void,
): BenchmarkRun | UnusableRun {
  const number = (key: string) => numberOfText(record[key], (message) => fault(key, message));
  return benchmarkRun({
    strategy: strategyOfName(
      record.Name,
      (kind) => {
        const strategy = objectIn(record.Args)?.strategy;
        return isObject(strategy) && strategy.type_ === kind ? strategy : null;
      },
      (message) => fault('Name', message),
    ),
    requests: {
      successful: number('Successful Requests'),
      errored: number('Errored Requests'),
      incomplete: number('Incomplete Requests'),
    },
    durationSec: number('Duration'),
    figure: (figure, statistic) => number(`Successful ${LABELS[figure]} ${STATISTICS[statistic]}`),
  });
}
