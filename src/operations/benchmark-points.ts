import type { BenchmarkRun, UnusableRun } from '../converters/benchmark-run.ts';
import { readGuidellm } from '../converters/guidellm.ts';
import type { FitPoint, FitRequest } from '../schemas/fit.ts';
import { REJECTIONS } from '../schemas/observation.ts';
import type { Fault } from '../schemas/problem.ts';
import type { BenchmarkPoint } from '../tuner/benchmark-model.ts';
import { screened } from '../tuner/screening.ts';

/** A point as it is answered, without its prediction, and as it is fitted; null: there is nothing to predict from. */
export interface MeasuredPoint {
  readonly shown: Omit<FitPoint, 'predicted' | 'errors'>;
  readonly point: BenchmarkPoint | null;
}

/** Of a sweep at constant rates so many of the lowest count: above, the replica is all but saturated, and time decides what is measured. */
const LOWEST_RATES = 6;

const DEFAULT_BATCH_SIZE = 256;

/** Every point of a request, in its order, with why it is left out; and the faults of reports that cannot be read. */
export function measuredPoints({ reports = [], observations = [], station = {} }: FitRequest): {
  readonly points: readonly MeasuredPoint[];
  readonly faults: readonly Fault[];
} {
  const { maxBatchSize = DEFAULT_BATCH_SIZE, ...limits } = station;
  const faults: Fault[] = [];
  const ofReports = reports.flatMap((report, index) => {
    const read = readGuidellm(report);
    faults.push(...read.faults.map(({ path, message }) => ({ path: `/reports/${index}${path}`, message })));
    const beyond = beyondLowestRates(read.runs);
    return read.runs.map((run) => ofRun(run, index, { maxBatchSize, ...limits }, beyond));
  });
  const ofObservations = observations.map((observation, i): MeasuredPoint => {
    const sighting = screened({ ...station, ...observation }, null, Number.POSITIVE_INFINITY);
    const {
      requestsPerSec = null,
      inputTokens = null,
      outputTokens = null,
      ttftMs = null,
      itlMs = null,
      meanConcurrency = null,
    } = observation;
    const isUsable = typeof sighting !== 'string';
    return {
      shown: {
        report: null,
        name: `observation ${i + 1}`,
        arrivals: 'poisson',
        ...{ requestsPerSec, inputTokens, outputTokens, ttftMs, itlMs },
        counts: isUsable,
        leftOut: isUsable ? null : REJECTIONS[sighting],
      },
      point: isUsable
        ? { ...sighting, group: -1, arrivals: 'poisson', concurrency: meanConcurrency, outputVariation: null }
        : null,
    };
  });
  return { points: [...ofReports, ...ofObservations], faults };
}

type Run = BenchmarkRun | UnusableRun;
type Limits = Pick<BenchmarkPoint, 'maxBatchSize' | 'maxBatchTokens' | 'maxQueueLength'>;

function ofRun(run: Run, report: number, limits: Limits, beyond: ReadonlySet<Run>): MeasuredPoint {
  const { name } = run;
  if (run.unusable !== null) {
    const nothing = {
      requestsPerSec: null,
      inputTokens: null,
      outputTokens: null,
      ttftMs: null,
      itlMs: null,
    };
    return {
      shown: { report, name, arrivals: run.arrivals, ...nothing, counts: false, leftOut: run.unusable },
      point: null,
    };
  }
  const { arrivals, requestsPerSec, inputTokens, outputTokens, outputTokensStdDev, concurrency } = run;
  const measured = {
    requestsPerSec,
    inputTokens,
    outputTokens,
    ttftMs: run.ttftMs.median,
    itlMs: run.itlMs.mean,
  };
  const leftOut = whyLeftOut(run, limits.maxBatchSize, beyond);
  return {
    shown: { report, name, arrivals, ...measured, counts: leftOut === null, leftOut },
    point:
      arrivals === 'throughput'
        ? null
        : {
            ...measured,
            ...limits,
            outputTokens: Math.max(1, outputTokens),
            group: report,
            arrivals,
            concurrency,
            outputVariation: outputTokensStdDev === null ? null : outputTokensStdDev / outputTokens,
          },
  };
}

function whyLeftOut(run: BenchmarkRun, maxBatchSize: number, beyond: ReadonlySet<Run>): string | null {
  const { arrivals, concurrency } = run;
  if (arrivals === 'throughput') return 'as many requests as it takes: the wait tells how many were sent';
  if (beyond.has(run)) return `beyond the ${LOWEST_RATES} lowest constant rates: all but saturated`;
  if (arrivals === 'concurrent' && concurrency === null)
    return 'how many requests were in flight is not told';
  if (arrivals === 'concurrent' && concurrency! > maxBatchSize) {
    return `more in flight than the batch limit, ${maxBatchSize}: some of them wait`;
  }
  return null;
}

function beyondLowestRates(runs: readonly Run[]): ReadonlySet<Run> {
  const constant = runs.filter(
    (run) => run.unusable === null && run.arrivals === 'constant',
  ) as BenchmarkRun[];
  // The rate that was asked for: what succeeds says less where a replica falls behind.
  const askedFor = (run: BenchmarkRun) => run.targetRequestsPerSec ?? run.requestsPerSec;
  const rising = constant.sort((a, b) => askedFor(a) - askedFor(b));
  return new Set(rising.slice(LOWEST_RATES));
}
