import { readFile } from 'node:fs/promises';
import { test } from 'tap';
import { GRID } from '../../bench/judge/grid.ts';
import { ERRORS_PAGE, modelErrors, tables, withTables } from '../../bench/judge/report.ts';
import { hasLongPrompts, hasShortOutputs, judged, summaries } from '../../bench/judge/summary.ts';
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

/** Iterations with a full batch that are simulated in a moment. */
const FEW_ITERATIONS = 3e6;

test('simulated again, situations from all over the grid give the same figures', (t) => {
  let simulated = 0;
  for (let i = 3; i < GRID.length; i += 53) {
    const { outputTokens, maxBatchSize } = GRID[i];
    if ((truths[i].truth.requests * outputTokens) / maxBatchSize > FEW_ITERATIONS) continue;
    simulated++;
    const truth = truthOf(GRID[i]);
    const seen = Object.entries(truth).map(([name, value]) => `${name} ${cell(value)}`);
    const kept = Object.entries(truth).map(
      ([name]) => `${name} ${cell(truths[i].truth[name as keyof typeof truth])}`,
    );
    t.same(seen, kept, JSON.stringify(GRID[i]));
  }
  t.ok(simulated >= 10, `${simulated} situations`);
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
    ({ arrivalCv, tokenCv, maxBatchSize, inputTokens, outputTokens, utilization }) =>
      arrivalCv === 1 &&
      tokenCv === 0 &&
      maxBatchSize >= 4 &&
      inputTokens < 2048 &&
      outputTokens > 4 &&
      utilization <= 1,
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
      !hasLongPrompts(situation) &&
      !hasShortOutputs(situation),
  );
  const { ttftMs, itlMs, ttftP95Ms, ttftP99Ms, itlP95Ms, itlP99Ms } = told;
  t.ok(ttftMs.within5 >= 0.95 * ttftMs.situations, `mean TTFT: ${ttftMs.within5} of ${ttftMs.situations}`);
  t.ok(itlMs.within5 >= 0.98 * itlMs.situations, `mean ITL: ${itlMs.within5} of ${itlMs.situations}`);
  for (const [percentile, { within10, worst, situations }] of Object.entries({ ttftP95Ms, ttftP99Ms })) {
    t.ok(within10 >= 0.93 * situations, `${percentile}: ${within10} of ${situations}`);
    // Constant prompts of 2048 that all but saturate a batch of 64.
    t.ok(worst < 0.5, `${percentile}: ${worst} at worst`);
  }
  t.ok(itlP95Ms.within10 >= 0.95 * itlP95Ms.situations, `ITL p95: ${itlP95Ms.within10}`);
  t.ok(itlP99Ms.within10 >= 0.9 * itlP99Ms.situations, `ITL p99: ${itlP99Ms.within10}`);
  t.end();
});

test('iteration: where prefills are most of the time mean TTFT and ITL are within 10 % nearly everywhere', (t) => {
  const of = judged(registry.queueModels.get('iteration')!, truths);
  const { ttftMs, itlMs } = summaries(
    of,
    (situation) => hasShortOutputs(situation) && situation.utilization <= 1,
  );
  for (const [mean, { within10, worst, situations }] of Object.entries({ ttftMs, itlMs })) {
    t.ok(situations > 80, `${mean}: ${situations} situations`);
    t.ok(within10 >= 0.93 * situations, `${mean}: ${within10} of ${situations}`);
    t.ok(worst < 0.2, `${mean}: ${worst} at worst`);
  }
  t.end();
});
