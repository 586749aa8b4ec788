import { test } from 'tap';
import type { Lengths, TokenLength } from '../../src/schemas/simulation-process.ts';
import { type MeanTokens, requestSizes } from '../../src/simulator/token-lengths.ts';
import { forEach, near } from '../support/properties.ts';
import { seeded } from '../support/random.ts';

const DRAWS = 100_000;

interface Size {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
}

function drawn(lengths: Lengths, means: MeanTokens, uniform = seeded(5).uniform, count = DRAWS): Size[] {
  const sizes = requestSizes(lengths, means, uniform, uniform);
  return Array.from({ length: count }, () => {
    sizes.next();
    const { inputTokens, outputTokens, cachedInputTokens } = sizes;
    return { inputTokens, outputTokens, cachedInputTokens };
  });
}

function momentsOf(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, cv: Math.sqrt(variance) / mean };
}

/** The mean within four of its standard errors. */
function hasMean(values: readonly number[], expected: number): undefined {
  const { mean, cv } = momentsOf(values);
  return near(mean, expected, (4 * cv) / Math.sqrt(values.length) + 1e-12, 0, 'mean');
}

test('constant lengths are all the same, or the two whole numbers around a mean that is none', async (t) => {
  const whole = drawn({ kind: 'constant' }, { inputTokens: 100, outputTokens: 7 });
  t.ok(whole.every(({ inputTokens, outputTokens }) => inputTokens === 100 && outputTokens === 7));
  const broken = drawn({ kind: 'constant' }, { inputTokens: 0.3, outputTokens: 7.4 });
  t.same([...new Set(broken.map(({ inputTokens }) => inputTokens))].sort(), [0, 1]);
  t.same([...new Set(broken.map(({ outputTokens }) => outputTokens))].sort(), [7, 8]);
  t.doesNotThrow(() =>
    hasMean(
      broken.map(({ inputTokens }) => inputTokens),
      0.3,
    ),
  );
  t.doesNotThrow(() =>
    hasMean(
      broken.map(({ outputTokens }) => outputTokens),
      7.4,
    ),
  );
});

test('exponential lengths are geometric, exactly', async (t) => {
  // Evenly spaced in place of random draws; of each pair the first is of the prompt, which is constant here.
  const mean = 8;
  let draw = 0;
  const uniform = () => ((draw++ >> 1) + 0.5) / DRAWS;
  const lengths: Lengths = { input: { kind: 'constant' }, output: { kind: 'exponential' } };
  const outputs = drawn(lengths, { inputTokens: 1, outputTokens: mean }, uniform).map(
    ({ outputTokens }) => outputTokens,
  );
  const sizes = Array.from({ length: 60 }, (_, i) => i + 1);
  forEach(t, 'P(k) = (1 − 1/mean)^(k − 1) / mean', sizes, (k) => {
    const share = outputs.filter((tokens) => tokens === k).length / DRAWS;
    return near(share, (1 - 1 / mean) ** (k - 1) / mean, 0, 1.01 / DRAWS, `P(${k})`);
  });
});

test('lengths have their means and coefficients of variation', async (t) => {
  const means = { inputTokens: 400, outputTokens: 150 };
  const cvs = [0, 0.3, 1, 2];
  forEach(t, 'lognormal', cvs, (cv) => {
    const sizes = drawn({ kind: 'lognormal', cv }, means, seeded(9).uniform, 10 * DRAWS);
    for (const [name, mean] of Object.entries(means)) {
      const values = sizes.map((size) => size[name as keyof Size]);
      hasMean(values, mean);
      // The standard error of a lognormal's variance is that of its fourth moment, which is large at cv 2.
      near(momentsOf(values).cv, cv, 0.03, 1e-9, `cv of ${name}`);
    }
    return undefined;
  });
  forEach(t, 'exponential', [1, 1.5, 3, 150], (mean) => {
    const sizes = drawn({ kind: 'exponential' }, { inputTokens: mean, outputTokens: mean });
    const outputs = sizes.map(({ outputTokens }) => outputTokens);
    hasMean(
      sizes.map(({ inputTokens }) => inputTokens),
      mean,
    );
    hasMean(outputs, mean);
    // Of the geometric distribution.
    return near(momentsOf(outputs).cv, Math.sqrt(1 - 1 / mean), 0.02, 1e-9, 'cv');
  });
});

test('prompts and outputs are drawn each in its own way; prompts may be empty, outputs not', async (t) => {
  const lengths: Lengths = { input: { kind: 'lognormal', cv: 1 }, output: { kind: 'constant' } };
  const sizes = drawn(lengths, { inputTokens: 50, outputTokens: 3 }, undefined, 1000);
  t.ok(sizes.every(({ outputTokens }) => outputTokens === 3));
  t.ok(new Set(sizes.map(({ inputTokens }) => inputTokens)).size > 50);
  const none = drawn({ kind: 'exponential' }, { inputTokens: 0, outputTokens: 1 }, undefined, 1000);
  t.ok(none.every(({ inputTokens, outputTokens }) => inputTokens === 0 && outputTokens === 1));
  const small = drawn({ kind: 'lognormal', cv: 3 }, { inputTokens: 2, outputTokens: 2 });
  t.ok(small.every(({ inputTokens, outputTokens }) => inputTokens >= 1 && outputTokens >= 1));
});

test('the cache holds the same share of every prompt', async (t) => {
  const means = { inputTokens: 200, outputTokens: 10, cachedInputTokens: 50 };
  const sizes = drawn({ kind: 'exponential' }, means, undefined, 1000);
  t.ok(sizes.every((size) => size.cachedInputTokens === Math.floor(size.inputTokens / 4)));
});

test('listed sizes come as often as their shares say, prompt and output together', async (t) => {
  const sizes = [
    { inputTokens: 10, outputTokens: 1, share: 0 },
    { inputTokens: 20, outputTokens: 2, share: 3 },
    { inputTokens: 30, outputTokens: 3 },
    { inputTokens: 40.4, outputTokens: 4.4, share: 4 },
    { inputTokens: 50, outputTokens: 5, share: 0 },
  ];
  const list = drawn({ kind: 'empirical', sizes }, { inputTokens: 1, outputTokens: 1 });
  forEach(t, 'shares', [...[0, 3, 1, 4, 0].entries()], ([i, share]) => {
    const inputTokens = 10 * (i + 1);
    const of = list.filter((size) => size.inputTokens === inputTokens && size.outputTokens === i + 1);
    const p = share / 8;
    return near(of.length / DRAWS, p, 0, 4 * Math.sqrt((p * (1 - p)) / DRAWS), `share of ${i}`);
  });
});

test('other prompts leave the outputs as they are, and other outputs the prompts', async (t) => {
  const means = { inputTokens: 300, outputTokens: 80 };
  const sizesOf = (input: TokenLength, output: TokenLength) => {
    const sizes = requestSizes({ input, output }, means, seeded(5).uniform, seeded(6).uniform);
    return Array.from({ length: 200 }, () => {
      sizes.next();
      return [sizes.inputTokens, sizes.outputTokens];
    });
  };
  const [exponential, constant] = [{ kind: 'exponential' }, { kind: 'constant' }] as const;
  // The normal draws of a lognormal length reject some of the uniform ones: a shared stream would shift.
  const lognormal = { kind: 'lognormal', cv: 2 } as const;
  const plain = sizesOf(exponential, exponential);
  for (const other of [constant, lognormal]) {
    const prompts = sizesOf(other, exponential);
    t.same(
      prompts.map(([, output]) => output),
      plain.map(([, output]) => output),
    );
    t.notSame(prompts, plain);
    t.same(
      sizesOf(exponential, other).map(([input]) => input),
      plain.map(([input]) => input),
    );
  }
});
