import { test } from 'tap';
import { observedText, outsideTexts } from '../../src/cli/extrapolation-text.ts';
import type { AskedAt, Extrapolation } from '../../src/schemas/extrapolation.ts';

const at = (asked: number, from: number, to: number, fraction: number): AskedAt => ({
  asked,
  from,
  to,
  fraction,
});
const inside = at(300, 128, 1536, 0);
const told = (changes: Partial<Extrapolation>) =>
  outsideTexts({
    fraction: 1,
    worst: null,
    inputTokens: inside,
    outputTokens: null,
    inService: inside,
    ...changes,
  });

test('what lies outside is said in words, the farthest first', async (t) => {
  t.same(
    told({
      inService: at(60, 1, 40, 0.5),
      inputTokens: at(4000, 128, 1536, 4000 / 1536 - 1),
      outputTokens: at(16, 64, 64, 3),
    }),
    [
      'an output of 16 tokens is 0.25 × the least measured (64)',
      'a prompt of 4000 tokens is 2.6 × the largest measured (128–1536)',
      'a batch of 60 requests is 1.5 × the largest measured (1–40)',
    ],
  );
  t.same(told({ inService: at(0.2, 4, 40, 3) }), ['a request alone is 0.25 × the least measured (4–40)']);
});

test('nothing is said of what lies inside, of what scatters, and of what is not known', async (t) => {
  t.same(told({}), []);
  t.same(told({ inputTokens: at(1600, 128, 1536, 1600 / 1536 - 1) }), []);
  t.same(outsideTexts(undefined), []);
});

test('what was observed is told as far as it is known', async (t) => {
  const inputTokens = { from: 254.9, to: 255.2 };
  t.equal(
    observedText({ inputTokens, inService: { from: 0.98, to: 67.9 } }),
    'prompts of 255 tokens, 0.98–67.9 requests in service',
  );
  t.equal(
    observedText({ requestsPerSec: { from: 1, to: 2 }, outputTokens: { from: 10, to: 20 } }),
    '1–2 requests/s, outputs of 10–20 tokens',
  );
});
