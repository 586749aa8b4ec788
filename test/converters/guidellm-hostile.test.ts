import fc from 'fast-check';
import { test } from 'tap';
import { MAX_RUNS, readGuidellm } from '../../src/converters/guidellm.ts';
import { forAll } from '../support/properties.ts';
import {
  flatCsv,
  records,
  reportV2,
  SAMPLE,
  type SampleRun,
  type Tree,
  threeHeaderCsv,
  unversioned,
} from './guidellm-samples.ts';

const faultsOf = (report: unknown) => readGuidellm(report).faults.map(({ path, message }) => [path, message]);

/** What is asked of any answer: runs or faults, and of a usable run only numbers that JSON can carry. */
function isSound(report: unknown): boolean {
  const { runs, faults } = readGuidellm(report);
  if (faults.some(({ path, message }) => typeof path !== 'string' || message.length > 400)) return false;
  if (faults.length > 0) return runs.length === 0;
  const roundTrip = JSON.parse(JSON.stringify(runs)) as Tree[];
  return runs.every((run, index) => {
    if (run.unusable !== null) return run.unusable !== '' && run.name !== '';
    const { requestsPerSec, inputTokens, outputTokens, ttftMs, itlMs } = roundTrip[index];
    const needed = [requestsPerSec, inputTokens, outputTokens, ttftMs.median, ttftMs.mean ?? 1];
    return [...needed, itlMs.mean, itlMs.median].every((value) => Number.isFinite(value) && value > 0);
  });
}

const deep = (levels: number): Tree => {
  let value: Tree = 1;
  for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { mean: value };
  return value;
};

const hostile = fc.oneof(
  fc.constantFrom<Tree>(null, undefined, true, '', 'NaN', '1e999', -1, 0, Number.NaN, 1e308),
  // Made anew each time: later strikes may hit them.
  fc
    .constantFrom<() => Tree>(
      () => [],
      () => ({}),
      () => deep(10_000),
      () => new Array(100_000).fill(7),
      () => 'x'.repeat(200_000),
    )
    .map((make) => make()),
  fc.double(),
  fc.string(),
  fc.json({ maxDepth: 3 }).map((json) => JSON.parse(json)),
);

/** Puts a value where a walk through a tree ends, which `turns` directs. */
function struck(tree: Tree, turns: readonly number[], value: unknown): Tree {
  let at = tree;
  for (const [index, turn] of turns.entries()) {
    const keys = Object.keys(at);
    if (keys.length === 0) return tree;
    const key = keys[turn % keys.length];
    if (index === turns.length - 1 || typeof at[key] !== 'object' || at[key] === null) {
      at[key] = value;
      return tree;
    }
    at = at[key];
  }
  return tree;
}

const strikes = fc.array(fc.tuple(fc.array(fc.nat(1000), { minLength: 1, maxLength: 7 }), hostile), {
  minLength: 1,
  maxLength: 4,
});

test('no damage to JSON or records makes the reader throw', async (t) => {
  for (const [form, make] of Object.entries({ unversioned, reportV2, records })) {
    forAll(
      t,
      form,
      strikes,
      (all) => isSound(all.reduce((tree, [turns, value]) => struck(tree, turns, value), make())),
      1_000,
    );
  }
  forAll(t, 'anything', hostile, (value) => isSound(value));
});

test('no damage to CSV makes the reader throw', async (t) => {
  const texts = [flatCsv(), threeHeaderCsv({ isAligned: true }), threeHeaderCsv({ isAligned: false })];
  const piece = fc.oneof(
    fc.constantFrom('"', ',', '\r\n', '[', '\u0000', '-', '1e999', '\ufeff'),
    fc.string(),
  );
  const damage = fc.tuple(fc.nat(), fc.nat(60), piece);
  forAll(
    t,
    'pieces cut out and put in',
    fc.tuple(fc.constantFrom(...texts), fc.array(damage, { minLength: 1, maxLength: 4 })),
    ([text, all]) =>
      isSound(
        all.reduce((before, [place, length, inside]) => {
          const at = place % before.length;
          return before.slice(0, at) + inside + before.slice(at + length);
        }, text),
      ),
    1_000,
  );
});

test('of a row with shifted columns the right figures are read or none', async (t) => {
  const counts = fc.record({
    successful: fc.integer({ min: 50, max: 5_000 }),
    incomplete: fc.integer({ min: 0, max: 3 }),
    errored: fc.integer({ min: 0, max: 3 }),
  });
  let read = 0;
  const holds = (all: SampleRun['counts'][]) => {
    const runs = all.map((count, index) => {
      const { metrics, durationSec, ...run } = SAMPLE[index];
      const rate = { ...metrics.requests_per_second, mean: count.successful / durationSec };
      const concurrency = { ...metrics.request_concurrency, mean: rate.mean * metrics.request_latency.mean };
      const own: SampleRun['metrics'] = {
        ...metrics,
        requests_per_second: rate,
        request_concurrency: concurrency,
      };
      return { ...run, durationSec, counts: count, metrics: own };
    });
    const answer = readGuidellm(threeHeaderCsv({ isAligned: false, runs }));
    return answer.runs.every((run, index) => {
      if (run.unusable !== null) return true;
      read++;
      const { metrics } = runs[index];
      return (
        run.ttftMs.mean === metrics.time_to_first_token_ms.mean &&
        run.itlMs.median === metrics.inter_token_latency_ms.median &&
        run.requestsPerSec === metrics.requests_per_second.mean &&
        run.concurrency === metrics.request_concurrency.mean &&
        run.inputTokens === metrics.prompt_token_count.mean &&
        run.outputTokens === metrics.output_token_count.mean
      );
    });
  };
  forAll(t, 'right or none', fc.array(counts, { minLength: 4, maxLength: 4 }), holds, 300);
  t.ok(read > 0.8 * 1_200, `${read} of 1200 rows are read`);
});

test('every fault is named at once, where it is', async (t) => {
  const report = unversioned();
  report.benchmarks[0].metrics.time_to_first_token_ms.successful.mean = [20];
  report.benchmarks[1].args.strategy.type_ = 'storm';
  report.benchmarks[2].metrics.inter_token_latency_ms = 'fast';
  report.benchmarks[3] = 7;
  t.same(faultsOf(report), [
    ['/benchmarks/0/metrics/time_to_first_token_ms/successful/mean', 'must be a number; it is an array'],
    [
      '/benchmarks/1/args/strategy/type_',
      'must be one of synchronous, concurrent, throughput, constant, poisson, trace; it is "storm"',
    ],
    ['/benchmarks/2/metrics/inter_token_latency_ms', 'must be an object; it is "fast"'],
    ['/benchmarks/3', 'must be an object; it is 7'],
  ]);
  const flat = records();
  flat[0].Name = 'storm@2';
  flat[1]['Successful Inter token latency ms mean'] = 'fast';
  t.same(faultsOf(flat), [
    ['/0/Name', 'must be a strategy, such as "synchronous" or "constant@0.87"; it is "storm@2"'],
    ['/1/Successful Inter token latency ms mean', 'must be a number; it is "fast"'],
  ]);
  const csv = threeHeaderCsv({ isAligned: true }).replace('concurrent@8', 'storm').replace('20.5', 'fast');
  t.same(faultsOf(csv), [
    ['', 'line 4, column 16 (Time to First Token|ms, mean) must be a number; it is "fast"'],
    [
      '',
      'line 7, column "Benchmark, Strategy" must be a strategy, such as "synchronous" or "constant@0.87"; it is "storm"',
    ],
  ]);
});

test('what is no report of GuideLLM is told which forms are', async (t) => {
  for (const report of [undefined, null, 7, '', 'a,b\n1,2', {}, { metadata: {} }, '{"benchmarks": []}']) {
    const faults = faultsOf(report);
    t.equal(faults.length, 1);
    t.match(faults[0], ['', /^must be a report of GuideLLM: its JSON .*flat records .*CSV/]);
  }
  t.match(faultsOf('a,"b'), [['', /^must be CSV: line 1, column \d+: /]]);
  t.same(faultsOf({ metadata: { version: 3 }, benchmarks: unversioned().benchmarks }), [
    ['/metadata/version', 'must be 1 or 2, or left out; it is 3'],
  ]);
  const runs = new Array(MAX_RUNS + 1).fill(7);
  t.same(faultsOf(runs), [['', `must have 1 to ${MAX_RUNS} runs; it has ${MAX_RUNS + 1}`]]);
  t.same(faultsOf({ benchmarks: [] }), [['/benchmarks', `must have 1 to ${MAX_RUNS} runs; it has 0`]]);
  t.same(faultsOf(flatCsv().split('\r\n')[0]), [['', 'must have a row for each run below the header']]);
});
