import { test } from 'tap';
import type { BenchmarkRun } from '../../src/converters/benchmark-run.ts';
import { readGuidellm } from '../../src/converters/guidellm.ts';
import { forEach } from '../support/properties.ts';
import { sharedJson, sharedText, skippedWithout } from '../support/shared-data.ts';

const SWEEPS = 'data/guidellm/llama-3.1-8b-h100';
const JSON_REPORT = 'data/guidellm/report-v1.json';
const CSV_REPORT = 'data/guidellm/report.csv';

const LENGTHS = [64, 256, 1024, 4096];

/** The runs of a sweep as they are made: synchronous, throughput, then eight constant rates that rise. */
function sweepOf(report: unknown): readonly BenchmarkRun[] {
  const { runs, faults } = readGuidellm(report);
  if (faults.length > 0 || runs.length !== 10) throw new Error(`${runs.length} runs, ${faults[0]?.message}`);
  return runs.map((run) => {
    if (run.unusable !== null) throw new Error(`${run.name}: ${run.unusable}`);
    return run;
  });
}

/** Figures of one run, measured apart, that go together: requests in flight are rate times time spent. */
function followsLittle({ requestsPerSec, ttftMs, itlMs, outputTokens, concurrency }: BenchmarkRun): boolean {
  const inFlight =
    (requestsPerSec * ((ttftMs.mean ?? ttftMs.median) + itlMs.mean * (outputTokens - 1))) / 1000;
  return Math.abs(inFlight - concurrency!) <= 0.1 * concurrency!;
}

const isConstant = ({ arrivals }: BenchmarkRun) => arrivals === 'constant';
const isRising = (values: readonly number[]) => values.every((value, i) => i === 0 || value > values[i - 1]);

test('flat records of measured sweeps read whole, and go together', {
  skip: skippedWithout(SWEEPS),
}, async (t) => {
  for (const input of LENGTHS) {
    for (const output of LENGTHS) {
      const name = `sweep-i${input}-o${output}`;
      const runs = sweepOf(sharedJson(`${SWEEPS}/${name}.json`));
      t.same(
        runs.slice(0, 2).map(({ arrivals }) => arrivals),
        ['synchronous', 'throughput'],
        name,
      );
      const constant = runs.filter(isConstant);
      t.equal(constant.length, 8);
      t.ok(isRising(constant.map(({ targetRequestsPerSec }) => targetRequestsPerSec!)), 'rates rise');
      t.ok(isRising(constant.map(({ itlMs }) => itlMs.mean)), 'latencies rise with them');
      forEach(t, 'lengths are about those asked for', runs, (run) => {
        // Within four standard errors; the slowest runs have but 11 requests.
        const errors = 4 / Math.sqrt(run.requests.successful);
        return (
          Math.abs(run.inputTokens - input) <= 0.03 * input + errors * run.inputTokensStdDev! &&
          Math.abs(run.outputTokens - output) <= 0.03 * output + errors * run.outputTokensStdDev!
        );
      });
      forEach(t, 'figures go together', runs.slice(0, 1).concat(constant), followsLittle);
    }
  }
});

test('unversioned JSON of a measured sweep reads whole', { skip: skippedWithout(JSON_REPORT) }, async (t) => {
  const runs = sweepOf(sharedJson(JSON_REPORT));
  t.equal(runs.filter(isConstant).length, 8);
  t.ok(runs[0].itlMs.mean > 2 && runs[0].itlMs.mean < 2.2, 'ITL of the synchronous run');
  forEach(t, 'a latency and its spread are of one size', runs, ({ itlMs }) => itlMs.stdDev! < itlMs.mean);
});

test('CSV of a measured sweep reads whole, though nine of ten rows are shifted', {
  skip: skippedWithout(CSV_REPORT),
}, async (t) => {
  const runs = sweepOf(sharedText(CSV_REPORT));
  const constant = runs.filter(isConstant);
  t.equal(constant.length, 8);
  t.ok(isRising(constant.map(({ ttftMs }) => ttftMs.median)), 'TTFT rises with the rate');
  t.ok(isRising(constant.map(({ itlMs }) => itlMs.mean)), 'and ITL');
  forEach(t, 'the rate is that asked for', constant, ({ requestsPerSec, targetRequestsPerSec }) => {
    return Math.abs(requestsPerSec / targetRequestsPerSec! - 1) < 0.02;
  });
  forEach(t, 'figures go together', runs, followsLittle);
});
