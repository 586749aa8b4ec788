import { readFile } from 'node:fs/promises';
import { test } from 'tap';
import { GRID } from '../../bench/judge/grid.ts';
import { ERRORS_PAGE, modelErrors, tables, withTables } from '../../bench/judge/report.ts';
import { hasLongPrompts, judged, summaries } from '../../bench/judge/summary.ts';
import { cell, readTruths } from '../../bench/judge/table.ts';
import { truthOf } from '../../bench/judge/truth.ts';
import { MODEL_ERRORS } from '../../src/queueing/model-errors.ts';
import { loadRegistry } from '../../src/registry.ts';

const truths = await readTruths();
const registry = await loadRegistry();

test('every situation has been simulated', (t) => {
  t.equal(truths.length, GRID.length);
  t.end();
});

test('simulated again, situations from all over the grid give the same figures', (t) => {
  for (let i = 3; i < GRID.length; i += 53) {
    const truth = truthOf(GRID[i]);
    const seen = Object.entries(truth).map(([name, value]) => `${name} ${cell(value)}`);
    const kept = Object.entries(truth).map(
      ([name]) => `${name} ${cell(truths[i].truth[name as keyof typeof truth])}`,
    );
    t.same(seen, kept, JSON.stringify(GRID[i]));
  }
  t.end();
});

test('the errors that the service and the documentation tell are those of the models', async (t) => {
  const errors = modelErrors(registry, truths);
  t.same(JSON.parse(JSON.stringify(errors)), MODEL_ERRORS, 'run npm run judge');
  t.equal(await withTables(tables(errors)), await readFile(ERRORS_PAGE, 'utf8'), 'run npm run judge');
});

test('where its assumptions hold state-dependent is within 5 %, from a batch of 4 on', (t) => {
  // Prompts that weigh little, and outputs of the mean length for the ITL, exponential ones for the wait.
  const of = judged(registry.queueModels.get('state-dependent')!, truths);
  const itl = summaries(
    of,
    ({ arrivalCv, tokenCv, maxBatchSize, inputTokens, utilization }) =>
      arrivalCv === 1 && tokenCv === 0 && maxBatchSize >= 4 && inputTokens < 2048 && utilization <= 1,
  ).itlMs;
  t.equal(itl.within5, itl.situations, `mean ITL, worst ${itl.worst}`);
  t.ok(itl.situations > 40);
  t.end();
});

test('iteration: under Poisson arrivals mean TTFT and ITL within 5 % in all but a few situations, percentiles within 10 %', (t) => {
  const of = judged(registry.queueModels.get('iteration')!, truths);
  const told = summaries(
    of,
    (situation) =>
      situation.arrivalCv === 1 &&
      situation.tokenCv <= 1 &&
      situation.maxBatchSize >= 4 &&
      situation.utilization <= 1 &&
      !hasLongPrompts(situation),
  );
  const { ttftMs, itlMs, ttftP95Ms, ttftP99Ms, itlP95Ms, itlP99Ms } = told;
  t.ok(ttftMs.within5 >= 0.95 * ttftMs.situations, `mean TTFT: ${ttftMs.within5} of ${ttftMs.situations}`);
  t.ok(itlMs.within5 >= 0.98 * itlMs.situations, `mean ITL: ${itlMs.within5} of ${itlMs.situations}`);
  for (const [percentile, { within10, worst, situations }] of Object.entries({ ttftP95Ms, ttftP99Ms })) {
    t.ok(within10 >= 0.95 * situations, `${percentile}: ${within10} of ${situations}`);
    t.ok(worst < 0.16, `${percentile}: ${worst} at worst`);
  }
  t.ok(itlP95Ms.within10 >= 0.95 * itlP95Ms.situations, `ITL p95: ${itlP95Ms.within10}`);
  t.ok(itlP99Ms.within10 >= 0.9 * itlP99Ms.situations, `ITL p99: ${itlP99Ms.within10}`);
  t.end();
});
