import type { BenchmarkRun, RequestCounts, UnusableRun } from './benchmark-run.ts';
import type { Strategy } from './guidellm-strategy.ts';

/** What is measured of a run. */
export type Figure = 'requestsPerSec' | 'concurrency' | 'inputTokens' | 'outputTokens' | 'ttftMs' | 'itlMs';
export type Statistic = 'mean' | 'median' | 'stdDev';

/** A run as a report has it; null: not told. Whoever reads it has named values of a wrong type already. */
export interface RawRun {
  readonly strategy: Strategy;
  readonly requests: { readonly [status in keyof RequestCounts]: number | null };
  readonly durationSec: number | null;
  /** Of successful requests, in the unit that the figure's name says. */
  figure(figure: Figure, statistic: Statistic): number | null;
}

/** The run that raw figures make, or why they make none. */
export function benchmarkRun(raw: RawRun): BenchmarkRun | UnusableRun {
  const { name, arrivals, targetRequestsPerSec } = raw.strategy;
  const lacking: string[] = [];
  const needed = (what: string, figure: Figure, statistic: Statistic): number => {
    const value = positive(raw.figure(figure, statistic));
    if (value === null) lacking.push(what);
    return value ?? 0;
  };
  const spread = (figure: Figure) => atLeastZero(raw.figure(figure, 'stdDev'));
  const ttftMean = positive(raw.figure('ttftMs', 'mean'));
  const ttftStdDev = spread('ttftMs');
  const figures = {
    requestsPerSec: needed('rate of requests', 'requestsPerSec', 'mean'),
    inputTokens: needed('count of prompt tokens', 'inputTokens', 'mean'),
    outputTokens: needed('count of output tokens', 'outputTokens', 'mean'),
    inputTokensStdDev: spread('inputTokens'),
    outputTokensStdDev: spread('outputTokens'),
    concurrency: positive(raw.figure('concurrency', 'mean')),
    ttftMs: {
      mean: ttftMean,
      median: needed('median TTFT', 'ttftMs', 'median'),
      stdDev: ttftMean === null ? null : ttftStdDev,
    },
    itlMs: {
      mean: needed('mean ITL', 'itlMs', 'mean'),
      median: needed('median ITL', 'itlMs', 'median'),
      stdDev: spread('itlMs'),
    },
  };
  const successful = atLeastZero(raw.requests.successful);
  const about = {
    name,
    targetRequestsPerSec: positive(targetRequestsPerSec),
    requests: {
      successful: successful ?? 0,
      errored: atLeastZero(raw.requests.errored) ?? 0,
      incomplete: atLeastZero(raw.requests.incomplete) ?? 0,
    },
    durationSec: positive(raw.durationSec),
  };
  const reason = arrivals === null ? 'its arrivals are of no known kind' : reasonOf(successful, lacking);
  if (arrivals === null || reason !== null) return { ...about, arrivals, unusable: reason! };
  return { ...about, arrivals, ...figures, unusable: null };
}

function reasonOf(successful: number | null, lacking: readonly string[]): string | null {
  if (successful === null) return 'it does not tell how many requests succeeded';
  if (successful === 0) return 'no request succeeded';
  return lacking.length === 0 ? null : `it has no ${lacking.join(', no ')} (missing, 0 or not finite)`;
}

/** Negative numbers stand for "unknown" in reports. */
function atLeastZero(value: number | null): number | null {
  return value !== null && Number.isFinite(value) && value >= 0 ? value : null;
}

function positive(value: number | null): number | null {
  return value === 0 ? null : atLeastZero(value);
}
