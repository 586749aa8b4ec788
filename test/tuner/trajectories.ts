import type { Estimator } from '../../src/tuner/estimator.ts';
import { seeded } from '../support/random.ts';
import { sharedJson } from '../support/shared-data.ts';
import { Follower } from './follower.ts';
import { anyPoint, logarithmsOf, near, type Point, seedOf, seenAt, TRUTHS, type Truth } from './replica.ts';

export const TRAJECTORIES_FILE = 'fixtures/tuner/trajectories.json';

export const KINDS = ['constant', 'step', 'outlier', 'single-point'] as const;
export type Kind = (typeof KINDS)[number];

/** Mean |ln(estimate/truth)| over the parameters at the end of the reference filter's runs. */
export const REFERENCE_ERRORS = { constant: 0.13, step: 0.18, outlier: 0.17 } as const;

type Seen = Point & { readonly ttftMs: number; readonly itlMs: number };

/** A run of observations from a seed; the truth is that of its end. */
export interface Trajectory {
  readonly name: string;
  readonly kind: Kind;
  readonly truth: Truth;
  readonly seed: Truth;
  readonly observations: readonly Seen[];
}

type Limits = Pick<Point, 'maxBatchSize' | 'maxQueueLength' | 'maxBatchTokens'>;
interface Recorded extends Limits {
  readonly name: string;
  readonly truth: readonly [number, number, number];
  readonly filter: { readonly initial: readonly [number, number, number] };
  readonly observations: readonly Omit<Seen, keyof Limits>[];
}

const fromParameters = ([alphaMs, betaMsPerToken, gammaMsPerToken2]: Recorded['truth']) =>
  logarithmsOf({ alphaMs, betaMsPerToken, gammaMsPerToken2 });

/** The runs that the reference filter was given. */
export function recorded(): Trajectory[] {
  return sharedJson<Recorded[]>(TRAJECTORIES_FILE).map(
    ({ name, truth, filter, observations, maxBatchSize, maxQueueLength, maxBatchTokens }) => ({
      name,
      kind: KINDS.find((kind) => name.startsWith(kind))!,
      truth: fromParameters(truth),
      seed: fromParameters(filter.initial),
      observations: observations.map((one) => ({ ...one, maxBatchSize, maxQueueLength, maxBatchTokens })),
    }),
  );
}

const LENGTH = 30;
const STEP_AT = 15;
const OUTLIER_AT = 20;

/** Runs of the same kinds that nobody tuned anything by, seen by the chain that is summed state by state. */
export function made(kind: Kind, count: number): Trajectory[] {
  return Array.from({ length: count }, (_, i) => {
    const random = seeded(5000 + 100 * KINDS.indexOf(kind) + i);
    const before = near(TRUTHS[i % TRUTHS.length], 0.2, random);
    const moved = i % 3;
    const after =
      kind === 'step' ? (before.map((x, j) => x + (j === moved ? Math.LN2 : 0)) as unknown as Truth) : before;
    const limits = {
      maxBatchSize: [32, 64, 128, 256][Math.floor(4 * random.uniform())],
      maxQueueLength: [0, 64, 512][Math.floor(3 * random.uniform())],
      maxBatchTokens: 8192,
    };
    const noise = [0, 0.02, 0.05, 0.1][i % 4];
    const fixed = anyPoint(random, before, limits);
    const observations = Array.from({ length: LENGTH }, (_, k) => {
      const truth = k < STEP_AT ? before : after;
      const seen = seenAt(
        kind === 'single-point' ? fixed : anyPoint(random, truth, limits),
        truth,
        noise,
        random,
      );
      const isOdd = kind === 'outlier' && k === OUTLIER_AT;
      return isOdd ? { ...seen, ttftMs: 10 * seen.ttftMs, itlMs: 10 * seen.itlMs } : seen;
    });
    return { name: `${kind} ${i}`, kind, truth: after, seed: near(before, 0.4, random), observations };
  });
}

/** All observations, one call each. */
export function followed({ seed, observations }: Trajectory, estimator: Estimator): Follower {
  const follower = new Follower(estimator, { seed: seedOf(seed) });
  for (const observation of observations) follower.see(observation);
  return follower;
}

/** Mean |ln(estimate/truth)| over the three parameters. */
export const parameterError = (estimate: Truth, truth: Truth): number =>
  estimate.reduce((sum, value, j) => sum + Math.abs(value - truth[j]), 0) / truth.length;

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
