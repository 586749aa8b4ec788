import type { Observation } from '../../src/schemas/observation.ts';
import { longSum, serviceRates } from '../support/long-sum.ts';
import { inverted, plus, type Rows, times, transposed } from '../support/matrices.ts';
import type { Random } from '../support/random.ts';

// A replica whose parameters are known. Its latencies come from the chain summed state by state, not from the model that the tuner works with.

/** Logarithms of alphaMs, betaMsPerToken, gammaMsPerToken2. */
export type Truth = readonly [alpha: number, beta: number, gamma: number];

export interface Point {
  readonly requestsPerSec: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly maxBatchSize: number;
  readonly maxQueueLength: number;
  readonly maxBatchTokens: number;
}

export const LIMITS = { maxBatchSize: 64, maxQueueLength: 64, maxBatchTokens: 8192 };

const logarithms = (values: Truth): Truth => [Math.log(values[0]), Math.log(values[1]), Math.log(values[2])];

/** Parameters of models and accelerators as they are. */
export const TRUTHS: readonly Truth[] = (
  [
    [6.58, 0.0193, 5.46e-5],
    [9.87, 0.0358, 8.63e-5],
    [10.29, 0.021, 0.00065625],
    [16.8, 0.05, 1e-4],
  ] as const
).map(logarithms);

export function seedOf([alpha, beta, gamma]: Truth) {
  return {
    alphaMs: Math.exp(alpha),
    betaMsPerToken: Math.exp(beta),
    gammaMsPerToken2: Math.exp(gamma),
  };
}

export const logarithmsOf = (time: ReturnType<typeof seedOf>): Truth =>
  logarithms([time.alphaMs, time.betaMsPerToken, time.gammaMsPerToken2]);

/** Each parameter moved by a normal factor of this spread. */
export function near([alpha, beta, gamma]: Truth, spread: number, { normal }: Random): Truth {
  return [alpha + spread * normal(), beta + spread * normal(), gamma + spread * normal()];
}

/** Mean latencies (ms) at a point. */
export function latencies(point: Point, truth: Truth) {
  const { ttftMs, itlMs } = longSum({ ...point, serviceTime: seedOf(truth) }, point.requestsPerSec);
  return { ttftMs, itlMs };
}

/** A point at a tenth to four fifths of what the replica can serve, prompts and outputs of any usual length. */
export function anyPoint({ uniform }: Random, truth: Truth, limits = LIMITS): Point {
  const inputTokens = Math.round(100 + 1900 * uniform());
  const outputTokens = Math.round(50 + 450 * uniform());
  const sizes = { ...limits, inputTokens, outputTokens };
  const highest = 1000 * serviceRates({ ...sizes, serviceTime: seedOf(truth) }).at(-1)!;
  return { ...sizes, requestsPerSec: highest * (0.1 + 0.7 * uniform()) };
}

/** What is seen there, with noise relative to it. */
export function seenAt(
  point: Point,
  truth: Truth,
  noise: number,
  { normal }: Random,
): Observation & Point & { ttftMs: number; itlMs: number } {
  const { ttftMs, itlMs } = latencies(point, truth);
  return {
    ...point,
    ttftMs: ttftMs * Math.exp(noise * normal()),
    itlMs: itlMs * Math.exp(noise * normal()),
  };
}

export const seen = (random: Random, truth: Truth, noise: number, limits = LIMITS) =>
  seenAt(anyPoint(random, truth, limits), truth, noise, random);

export const seenOften = (count: number, random: Random, truth: Truth, noise: number, limits = LIMITS) =>
  Array.from({ length: count }, () => seen(random, truth, noise, limits));

/** The larger of the relative errors of TTFT and ITL (natural logarithm) that parameters make at a point. */
export function latencyError(point: Point, parameters: Truth, truth: Truth): number {
  const [predicted, actual] = [latencies(point, parameters), latencies(point, truth)];
  return Math.max(
    Math.abs(Math.log(predicted.ttftMs / actual.ttftMs)),
    Math.abs(Math.log(predicted.itlMs / actual.itlMs)),
  );
}

/** ∂ ln(TTFT, ITL) / ∂ ln(parameters), by central differences. */
function sensitivities(point: Point, truth: Truth): Rows {
  const step = 1e-4;
  const columns = truth.map((_, j) => {
    const moved = (by: number) => truth.map((value, k) => (k === j ? value + by : value)) as unknown as Truth;
    const [above, below] = [latencies(point, moved(step)), latencies(point, moved(-step))];
    return [Math.log(above.ttftMs / below.ttftMs), Math.log(above.itlMs / below.itlMs)].map(
      (difference) => difference / (2 * step),
    );
  });
  return transposed(columns);
}

/** Cramér and Rao's bound: the standard errors of the logarithms that no unbiased estimate from these points is below. */
export function leastErrors(points: readonly Point[], truth: Truth, noise: number): number[] {
  const information = points
    .map((point) => sensitivities(point, truth))
    .map((jacobian) => times(transposed(jacobian), jacobian))
    .reduce<Rows>(plus, [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
  return inverted(information).map((row, i) => noise * Math.sqrt(row[i]));
}
