import { randomLogNormal } from 'd3-random';
import type { Lengths, TokenLength } from '../schemas/simulation-process.ts';
import type { Uniform } from './random.ts';

export interface MeanTokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens?: number | undefined;
}

/** Share of every prompt that the prefix cache holds. */
export function cachedShareOf({ cachedInputTokens = 0, inputTokens }: MeanTokens): number {
  return cachedInputTokens / Math.max(inputTokens, Number.MIN_VALUE);
}

/** Lengths of a variation: 0 all the same, 1 exponential, else lognormal. */
export function lengthOfCv(cv: number): TokenLength {
  if (cv === 0) return { kind: 'constant' };
  return cv === 1 ? { kind: 'exponential' } : { kind: 'lognormal', cv };
}

/** Sizes of requests, one after the other. */
export interface RequestSizes {
  /** Goes on to the next request. */
  next(): void;
  readonly inputTokens: number;
  /** At least 1. */
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
}

/**
 * @param means what the distributions are to come to on average; the cached part is the same share of every prompt
 * @param ofInputs draws prompts, and the sizes of a list
 * @param ofOutputs draws outputs; where it is another stream than `ofInputs`, neither moves the other
 */
export function requestSizes(
  lengths: Lengths,
  means: MeanTokens,
  ofInputs: Uniform,
  ofOutputs: Uniform,
): RequestSizes {
  const cachedShare = cachedShareOf(means);
  const draw =
    'kind' in lengths && lengths.kind === 'empirical'
      ? empirical(lengths.sizes, ofInputs)
      : independent(
          lengths as TokenLength | { input: TokenLength; output: TokenLength },
          means,
          ofInputs,
          ofOutputs,
        );
  const sizes = {
    inputTokens: 0,
    outputTokens: 0,
    cachedInputTokens: 0,
    next() {
      draw(sizes);
      sizes.cachedInputTokens = Math.floor(cachedShare * sizes.inputTokens);
    },
  };
  return sizes;
}

type Draw = (sizes: { inputTokens: number; outputTokens: number }) => void;

function independent(
  lengths: TokenLength | { input: TokenLength; output: TokenLength },
  means: MeanTokens,
  ofInputs: Uniform,
  ofOutputs: Uniform,
): Draw {
  const { input, output } = 'kind' in lengths ? { input: lengths, output: lengths } : lengths;
  const inputs = tokens(input, means.inputTokens, means.inputTokens < 1 ? 0 : 1, ofInputs);
  const outputs = tokens(output, means.outputTokens, 1, ofOutputs);
  return (sizes) => {
    sizes.inputTokens = inputs();
    sizes.outputTokens = outputs();
  };
}

/** Whole numbers of a mean, at least `least`. */
function tokens(length: TokenLength, mean: number, least: number, uniform: Uniform): () => number {
  // Rounded up or down by chance, a length keeps its mean.
  const whole = (value: number) => Math.max(least, Math.floor(value + uniform()));
  switch (length.kind) {
    case 'constant':
      return () => whole(mean);
    case 'exponential': {
      if (mean <= 1) return () => whole(mean);
      // The geometric distribution on 1, 2 …, the exponential one of whole numbers, has exactly this mean.
      const logStay = Math.log1p(-1 / mean);
      return () => Math.max(1, Math.ceil(Math.log1p(-uniform()) / logStay));
    }
    case 'lognormal': {
      if (length.cv === 0 || mean === 0) return () => whole(mean);
      const variance = Math.log1p(length.cv * length.cv);
      const draw = randomLogNormal.source(uniform)(Math.log(mean) - variance / 2, Math.sqrt(variance));
      return () => whole(draw());
    }
  }
}

/** Of a list of sizes each as often as its share says; shares need not add up to 1. */
function empirical(
  list: readonly { inputTokens: number; outputTokens: number; share?: number | undefined }[],
  uniform: Uniform,
): Draw {
  const upTo = new Float64Array(list.length);
  let sum = 0;
  for (const [i, { share = 1 }] of list.entries()) {
    sum += share;
    upTo[i] = sum;
  }
  return (sizes) => {
    const at = uniform() * sum;
    let low = 0;
    let high = list.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (upTo[middle] > at) high = middle;
      else low = middle + 1;
    }
    sizes.inputTokens = Math.round(list[low].inputTokens);
    sizes.outputTokens = Math.max(1, Math.round(list[low].outputTokens));
  };
}
