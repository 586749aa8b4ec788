import { test } from 'tap';
import type { BenchmarkRun } from '../../src/converters/benchmark-run.ts';
import { readGuidellm } from '../../src/converters/guidellm.ts';
import {
  flatCsv,
  records,
  reportV2,
  SAMPLE,
  type Tree,
  threeHeaderCsv,
  unversioned,
} from './guidellm-samples.ts';

const expected = SAMPLE.map(({ strategy, name, counts, durationSec, metrics }) => ({
  name,
  arrivals: strategy.type_,
  targetRequestsPerSec: strategy.rate ?? null,
  requests: counts,
  durationSec,
  requestsPerSec: metrics.requests_per_second.mean,
  inputTokens: metrics.prompt_token_count.mean,
  outputTokens: metrics.output_token_count.mean,
  inputTokensStdDev: metrics.prompt_token_count.stdDev,
  outputTokensStdDev: metrics.output_token_count.stdDev,
  concurrency: metrics.request_concurrency.mean,
  ttftMs: metrics.time_to_first_token_ms,
  itlMs: metrics.inter_token_latency_ms,
  unusable: null,
}));

/** Version 1, which GuideLLM 0.4 to 0.6 writes. */
function version1(): Tree {
  const { benchmarks } = unversioned();
  for (const benchmark of benchmarks) {
    benchmark.config = benchmark.args;
    benchmark.metrics.request_totals = benchmark.request_totals;
    delete benchmark.args;
    delete benchmark.request_totals;
  }
  return { metadata: { version: 1, guidellm_version: '0.5.3' }, args: {}, benchmarks };
}

test('the same benchmark reads the same in every form', async (t) => {
  const forms = {
    unversioned: unversioned(),
    'version 1': version1(),
    records: records(),
    'records as CSV': flatCsv(),
    'CSV with aligned columns': threeHeaderCsv({ isAligned: true }),
    'CSV with the header of the first run': threeHeaderCsv({ isAligned: false }),
  };
  for (const [form, report] of Object.entries(forms)) {
    t.same(readGuidellm(report), { runs: expected, faults: [] }, form);
  }
});

test('version 2 reads as GuideLLM itself compiled it', async (t) => {
  const { runs, faults } = readGuidellm(reportV2());
  t.same(faults, []);
  t.same(
    runs.map(({ name, arrivals, targetRequestsPerSec }) => [name, arrivals, targetRequestsPerSec]),
    [
      ['throughput', 'throughput', null],
      ['constant@4.13', 'constant', 4.125],
      ['poisson@6.50', 'poisson', 6.5],
      ['constant@64.00', 'constant', 64],
    ],
  );
  const [first] = runs as BenchmarkRun[];
  const { metrics, duration } = reportV2().benchmarks[0];
  t.same(first.requests, { successful: 16, errored: 2, incomplete: 0 });
  t.equal(first.durationSec, duration);
  t.equal(first.ttftMs.mean, metrics.time_to_first_token_ms.successful.mean);
  t.equal(first.itlMs.median, metrics.inter_token_latency_ms.successful.median);
  t.not(first.itlMs.mean, metrics.time_per_output_token_ms.successful.mean, 'ITL is not TPOT');
  t.equal(runs[3].unusable, 'no request succeeded');
});

test('recorded requests are not even looked at', async (t) => {
  const untouchable = new Proxy(
    {},
    {
      get: () => t.fail('a recorded request was read'),
      ownKeys: () => t.fail('recorded requests were listed') as never,
    },
  );
  for (const report of [unversioned(), reportV2()]) {
    for (const benchmark of report.benchmarks) benchmark.requests = untouchable;
    t.same(readGuidellm(report).faults, []);
  }
});

test('fields that nobody knows are ignored', async (t) => {
  const report = unversioned();
  report.plots = [1];
  report.benchmarks[0].metrics.mood = { successful: 'good' };
  t.same(readGuidellm(report).runs, expected);
  const flat = records().map((record) => ({ ...record, Mood: {} }));
  t.same(readGuidellm(flat).runs, expected);
});

test('a run that measured nothing comes back with the reason, the others as they are', async (t) => {
  const cases: [what: string, change: (benchmark: Tree) => void, reason: string][] = [
    ['none succeeded', (b) => (b.request_totals.successful = 0), 'no request succeeded'],
    [
      'no counts',
      (b) => {
        delete b.request_totals;
      },
      'it does not tell how many requests succeeded',
    ],
    [
      'no TTFT, as without streaming',
      (b) => {
        b.metrics.time_to_first_token_ms.successful = null;
      },
      'it has no median TTFT (missing, 0 or not finite)',
    ],
    [
      'zero ITL',
      (b) => (b.metrics.inter_token_latency_ms.successful.mean = 0),
      'it has no mean ITL (missing, 0 or not finite)',
    ],
    [
      'NaN',
      (b) => (b.metrics.inter_token_latency_ms.successful.median = Number.NaN),
      'it has no median ITL (missing, 0 or not finite)',
    ],
    [
      'negative',
      (b) => (b.metrics.requests_per_second.successful.mean = -1),
      'it has no rate of requests (missing, 0 or not finite)',
    ],
    [
      'endless',
      (b) => (b.metrics.prompt_token_count.successful.mean = Number.POSITIVE_INFINITY),
      'it has no count of prompt tokens (missing, 0 or not finite)',
    ],
    [
      'a replayed trace',
      (b) => (b.args.strategy = { type_: 'trace', time_scale: 1 }),
      'its arrivals are of no known kind',
    ],
  ];
  for (const [what, change, reason] of cases) {
    const report = unversioned();
    change(report.benchmarks[1]);
    const { runs, faults } = readGuidellm(report);
    t.same(faults, [], what);
    t.equal(runs[1].unusable, reason);
    t.same(
      runs.filter((_, index) => index !== 1),
      expected.filter((_, index) => index !== 1),
    );
  }
});

test('what need not be known is null, never 0', async (t) => {
  const report = unversioned();
  const [benchmark] = report.benchmarks;
  benchmark.duration = -1;
  delete benchmark.metrics.request_concurrency;
  benchmark.metrics.prompt_token_count.successful.std_dev = null;
  const [run] = readGuidellm(report).runs as BenchmarkRun[];
  t.same([run.durationSec, run.concurrency, run.inputTokensStdDev], [null, null, null]);
  t.equal(run.unusable, null);
});

test('one request without a first token spoils the mean TTFT of thousands, not the run', async (t) => {
  const report = unversioned();
  Object.assign(report.benchmarks[0].metrics.time_to_first_token_ms.successful, {
    mean: -159_714_212.7,
    std_dev: 16_769_994_832.4,
  });
  const [run] = readGuidellm(report).runs as BenchmarkRun[];
  t.same(run.ttftMs, { mean: null, median: expected[0].ttftMs.median, stdDev: null });
  t.equal(run.unusable, null);
});

test('a shifted row that cannot be matched is left out, not guessed', async (t) => {
  const lines = threeHeaderCsv({ isAligned: false }).split('\r\n');
  // The rate no longer agrees with the count and the duration.
  lines[4] = lines[4].replace(',4000,', ',9000,');
  const { runs, faults } = readGuidellm(lines.join('\r\n'));
  t.same(faults, []);
  t.match(runs[1].unusable, /^its row has \d+ columns for \d+ of the header/);
  t.same(runs[0], expected[0]);
});

test('numbers of records may be text, as converters of CSV leave them', async (t) => {
  const texts = records().map((record) =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, String(value)])),
  );
  t.same(readGuidellm(texts).runs, expected);
  texts[0]['Successful Inter token latency ms mean'] = 'nan';
  t.equal(readGuidellm(texts).runs[0].unusable, 'it has no mean ITL (missing, 0 or not finite)');
});
