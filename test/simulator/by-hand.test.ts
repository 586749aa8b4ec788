import { type Test, test } from 'tap';
import { type Driven, drive, UNLIMITED } from '../support/driven-replica.ts';
import { near } from '../support/properties.ts';

const TIMES = { alphaMs: 2, betaMsPerToken: 1, gammaMsPerToken2: 0.1 };
const FOUR_TOKENS = { ...UNLIMITED, maxBatchTokens: 4 };
const PROMPT_OF_TEN = { arrivalMs: 100, inputTokens: 10, outputTokens: 3, cachedInputTokens: 0 };

function same(t: Test, actual: readonly number[], expected: readonly number[], what: string) {
  t.equal(actual.length, expected.length, `${what}: how many`);
  t.doesNotThrow(() => {
    for (const [i, value] of expected.entries()) near(actual[i], value, 1e-12, 1e-9, `${what} ${i}`);
  }, what);
}

const durations = ({ iterations }: Driven) => iterations.map(({ durationMs }) => durationMs);

test('a prompt of 10 tokens is prefilled in chunks of 4', async (t) => {
  const run = drive([PROMPT_OF_TEN], { limits: FOUR_TOKENS, ...TIMES });
  // Chunks of 4, 4 and 2 read 4, 8 and 10: 2 + 4 + 0.4, 2 + 4 + 0.8, 2 + 2 + 1. Steps read 11, 12 and 13: 2 + 1 + 1.1 …
  same(t, durations(run), [6.4, 6.8, 5, 4.1, 4.2, 4.3], 'iterations');
  const [request] = run.requests;
  same(t, [request.ttftMs, request.responseMs, request.itlMs], [22.3, 30.8, 4.25], 'TTFT, response, ITL');
  same(t, [request.waitMs, request.residualMs], [0, 0], 'wait, residual');
  same(
    t,
    run.gaps.map(({ gapMs }) => gapMs),
    [4.2, 4.3],
    'gaps',
  );
});

test('attention costs a prompt the square of its length however it is cut', async (t) => {
  const run = drive([PROMPT_OF_TEN], { limits: FOUR_TOKENS, ...TIMES, prefillMsPerToken2: 0.01 });
  // 4² and 8² − 4² and 10² − 8² hundredths of a millisecond more.
  same(t, durations(run), [6.56, 7.28, 5.36, 4.1, 4.2, 4.3], 'iterations');
  same(t, [run.requests[0].ttftMs], [23.3], 'TTFT: 100 hundredths more');
});

test('a token that is decoded has a time of its own', async (t) => {
  const run = drive([PROMPT_OF_TEN], { limits: FOUR_TOKENS, ...TIMES, decodeMsPerToken: 5 });
  // The chunks as before; steps: 2 + 5 + 1.1 …
  same(t, durations(run), [6.4, 6.8, 5, 8.1, 8.2, 8.3], 'iterations');
  same(t, [run.requests[0].ttftMs, run.requests[0].itlMs], [26.3, 8.25], 'TTFT, ITL');
});

test('cached tokens are read but not computed', async (t) => {
  const sizes = [{ ...PROMPT_OF_TEN, cachedInputTokens: 5 }];
  const run = drive(sizes, { limits: FOUR_TOKENS, ...TIMES });
  // Chunks from 5 to 9 and on to 10: 2 + 4 + 0.9, 2 + 1 + 1.
  same(t, durations(run), [6.9, 4, 4.1, 4.2, 4.3], 'iterations');
  const all = drive([{ ...PROMPT_OF_TEN, cachedInputTokens: 10 }], { limits: FOUR_TOKENS, ...TIMES });
  // Nothing to compute, ten to read: 2 + 1.
  same(t, durations(all), [3, 4.1, 4.2, 4.3], 'iterations, all cached');
});

test('what a request takes beside the iterations comes before its first token and delays no other', async (t) => {
  const sizes = [
    { ...PROMPT_OF_TEN, cachedInputTokens: 5 },
    { ...PROMPT_OF_TEN, arrivalMs: 123.5, cachedInputTokens: 0 },
  ];
  const run = drive(sizes, {
    limits: FOUR_TOKENS,
    ...TIMES,
    prefillMsPerToken: 3,
    requestOverheadMs: 7,
  });
  // The first: 15 of iterations, 7 of overhead, 3 − 1 for each of 5 computed tokens. The second finds an empty replica at 123.5.
  same(t, [run.requests[0].ttftMs, run.requests[0].responseMs], [32, 40.5], 'TTFT, response');
  same(t, [run.requests[1].ttftMs, run.requests[1].responseMs], [22.3 + 27, 30.8 + 27], 'of the second');
  same(t, [run.requests[0].itlMs, run.requests[1].itlMs], [4.25, 4.25], 'ITL');
});

test('a prefill goes on beside the decode steps of another request', async (t) => {
  const run = drive(
    [
      { arrivalMs: 0, inputTokens: 4, outputTokens: 3, cachedInputTokens: 0 },
      { arrivalMs: 1, inputTokens: 6, outputTokens: 1, cachedInputTokens: 0 },
    ],
    { limits: FOUR_TOKENS, alphaMs: 1, betaMsPerToken: 1 },
  );
  // 0 … 5 prefill of the first. 5 … 10 its first step, 3 tokens of the second. 10 … 15 the same. 15 … 18 a step of each.
  t.same(run.iterations, [
    { startMs: 0, durationMs: 5, inBatch: 1 },
    { startMs: 5, durationMs: 5, inBatch: 2 },
    { startMs: 10, durationMs: 5, inBatch: 2 },
    { startMs: 15, durationMs: 3, inBatch: 2 },
  ]);
  t.same(run.gaps, [
    { gapMs: 5, count: 1 },
    { gapMs: 3, count: 1 },
  ]);
  const [first, second] = run.requests;
  t.same([first.ttftMs, first.responseMs, first.residualMs], [10, 18, 0]);
  t.same([second.ttftMs, second.responseMs, second.residualMs, second.waitMs], [17, 17, 4, 0]);
});

test('who is preempted keeps its first token and gets the others after another prefill', async (t) => {
  const run = drive(
    [
      { arrivalMs: 0, inputTokens: 4, outputTokens: 6, cachedInputTokens: 0 },
      { arrivalMs: 0.5, inputTokens: 4, outputTokens: 4, cachedInputTokens: 0 },
    ],
    { limits: { ...UNLIMITED, kvCacheTokens: 12 }, alphaMs: 1 },
  );
  // The second joins at 1 (5 + 5 tokens) and has its first token at 3 (6 + 5). At 3 the two would need 7 + 6 = 13: it gives way, and
  // waits until the first is done at 7, prefills 4 + 1 tokens until 8, and has the other three at 9, 10 and 11.
  const [first, second] = run.requests;
  t.same([first.ttftMs, first.responseMs, first.preemptions], [2, 7, 0]);
  t.same([second.ttftMs, second.responseMs, second.preemptions], [2.5, 10.5, 1]);
  t.same(run.preempted, [second]);
  t.same(
    run.gaps.filter(({ gapMs }) => gapMs !== 1),
    [{ gapMs: 6, count: 1 }],
  );
  t.equal(
    run.gaps.reduce((sum, { count }) => sum + count, 0),
    5 + 3,
  );
});

test('what finds no room is turned away, as is what the KV cache could never hold', async (t) => {
  const size = { inputTokens: 4, outputTokens: 6, cachedInputTokens: 0 };
  const arrivals = [0, 0.1, 0.2, 8.5].map((arrivalMs) => ({ ...size, arrivalMs }));
  const limits = { ...UNLIMITED, maxBatchSize: 1, maxQueueLength: 1 };
  // One is in service until 7, one waits; from 7 on there is room again.
  t.same(drive(arrivals, { limits, alphaMs: 1 }).isTaken, [true, true, false, true]);
  const roomy = { limits: { ...UNLIMITED, kvCacheTokens: 9 }, alphaMs: 1 };
  t.same(drive(arrivals, roomy).isTaken, [false, false, false, false]);
});
