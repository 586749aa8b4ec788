import { type Faults, isObject, type Json } from '../schemas/fault-list.ts';
import { shownValue } from '../schemas/faults.ts';
import { benchmarkRun, type Figure, type Statistic } from './benchmark-figures.ts';
import type { BenchmarkRun, UnusableRun } from './benchmark-run.ts';
import { numberOf } from './foreign-values.ts';
import { NO_STRATEGY, type Strategy, strategyOfObject } from './guidellm-strategy.ts';

// GuideLLM's own JSON. Unversioned (0.3), a run tells its strategy in `args` and its counts beside the metrics; in version 1 (0.4 to
// 0.6) and 2 (since 0.7), in `config` and within the metrics. The metrics are the same. Recorded `requests` are never touched.

const VERSIONS = [1, 2];

const METRICS: Readonly<Record<Figure, string>> = {
  requestsPerSec: 'requests_per_second',
  concurrency: 'request_concurrency',
  inputTokens: 'prompt_token_count',
  outputTokens: 'output_token_count',
  ttftMs: 'time_to_first_token_ms',
  itlMs: 'inter_token_latency_ms',
};
const STATISTICS: Readonly<Record<Statistic, string>> = { mean: 'mean', median: 'median', stdDev: 'std_dev' };

/** The version that a report says to be of is one that can be read. */
export function checkVersion(report: Json, faults: Faults): void {
  const version = objectAt(report, '', 'metadata', faults)?.version;
  if (version === undefined || version === null || VERSIONS.some((known) => known === version)) return;
  const known = `${VERSIONS.join(' or ')}, or left out`;
  faults.add('/metadata/version', `must be ${known}; it is ${shownValue(version)}`);
}

/** One element of `benchmarks`. */
export function jsonRun(benchmark: unknown, path: string, faults: Faults): BenchmarkRun | UnusableRun {
  if (!isObject(benchmark)) {
    faults.add(path, `must be an object; it is ${shownValue(benchmark)}`);
    return benchmarkRun({ ...NOTHING, strategy: NO_STRATEGY });
  }
  const at = (parent: Json, parentPath: string, key: string) =>
    numberOf(parent[key], (message) => faults.add(`${parentPath}/${key}`, message));
  const strategy = strategyOf(benchmark, path, faults);
  const metrics = objectAt(benchmark, path, 'metrics', faults, 'what was measured') ?? {};
  const isInMetrics = metrics.request_totals !== undefined;
  const totalsPath = isInMetrics ? `${path}/metrics` : path;
  const totals = objectAt(isInMetrics ? metrics : benchmark, totalsPath, 'request_totals', faults) ?? {};
  const count = (status: string) => at(totals, `${totalsPath}/request_totals`, status);
  const distributions = new Map<string, Json>();
  for (const metric of Object.values(METRICS)) {
    const byStatus = objectAt(metrics, `${path}/metrics`, metric, faults) ?? {};
    distributions.set(metric, objectAt(byStatus, `${path}/metrics/${metric}`, 'successful', faults) ?? {});
  }
  return benchmarkRun({
    strategy,
    requests: {
      successful: count('successful'),
      errored: count('errored'),
      incomplete: count('incomplete'),
    },
    durationSec: at(benchmark, path, 'duration'),
    figure: (figure, statistic) => {
      const metric = METRICS[figure];
      return at(distributions.get(metric)!, `${path}/metrics/${metric}/successful`, STATISTICS[statistic]);
    },
  });
}

const NOTHING = {
  requests: { successful: null, errored: null, incomplete: null },
  durationSec: null,
  figure: () => null,
};

function strategyOf(benchmark: Json, path: string, faults: Faults): Strategy {
  const holder = benchmark.config === undefined && benchmark.args !== undefined ? 'args' : 'config';
  const config = objectAt(benchmark, path, holder, faults, 'with the strategy of the run');
  const within = `${path}/${holder}`;
  const strategy = config && objectAt(config, within, 'strategy', faults, 'how requests arrived');
  if (!strategy) return NO_STRATEGY;
  return strategyOfObject(strategy, (field, message) => faults.add(`${within}/strategy/${field}`, message));
}

/** An object within an object; undefined where there is none, which is a fault if it says what it is required for. */
function objectAt(
  parent: Json,
  path: string,
  key: string,
  faults: Faults,
  required?: string,
): Json | undefined {
  const value = parent[key];
  if (isObject(value)) return value;
  if (value !== undefined && value !== null)
    faults.add(`${path}/${key}`, `must be an object; it is ${shownValue(value)}`);
  else if (required !== undefined) faults.missing(`${path}/${key}`, required);
  return undefined;
}
