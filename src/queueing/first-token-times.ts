import type { ShiftedGamma } from '../numerics/mixture.ts';
import { type IterationTimes, MOST_PREFILL, meanSquare, roomBeside, type Work } from './iteration-times.ts';
import type { Wait } from './waiting-moments.ts';

/** A decode step that a request sees for each other in the batch: in half an iteration, its prefill and its first step. */
const STEPS_SEEN = 2.5;

/** No time is all but certain: a distribution keeps some spread. */
const MOST_LEAST = 0.98;

/** Less skewed than this is not skewed. */
const LEAST_SKEWNESS = 0.02;
/** The cube root of a gamma variable that is more skewed than this is far from normal. */
const MOST_SKEWNESS = 4;

/** What a request that finds a place comes into. A scratch object. */
export interface Found {
  /** λ: requests that join (1/ms). */
  perMs: number;
  /** Mean batch … */
  inBatch: number;
  /** … and its variance. */
  batchVariance: number;
  /** Probability that an iteration runs. */
  isRunning: number;
}

export function newFound(): Found {
  const nan = Number.NaN;
  return { perMs: nan, inBatch: nan, batchVariance: nan, isRunning: nan };
}

/**
 * The time to first token of a request that finds a place, by its first three cumulants. It comes into an iteration T, of which U·T is
 * left, U uniform; S are the prefills of those who came during T, X is its own. Y = steps + X + S follows, and a first step that brings
 * in what came during Y. A compound Poisson sum over the time T has the cumulants λ·E[T]·E[w^j] where T does not vary; where it does,
 * the law of total cumulance adds the rest (D. R. Brillinger, Annals of the Institute of Statistical Mathematics 21 (1969), 215–218).
 * Arrivals that are not Poisson make the number of a sum negative binomial, or binomial, with the cluster that a request sees around it.
 *
 * @param meanMs E[TTFT]
 * @param besideMs of it, what the own prefill costs more than it costs the others
 * @param time is overwritten
 */
export function describeFirstToken(
  work: Work,
  times: IterationTimes,
  { perMs, inBatch, batchVariance, isRunning }: Found,
  meanMs: number,
  besideMs: number,
  time: ShiftedGamma,
): void {
  const { fixedMs, decodeStepMs, prefillMs: w, prefillCv2: cv2 } = work;
  // E[w^j] of a gamma distribution.
  const e2 = meanSquare(work);
  const e3 = e2 * w * (1 + 2 * cv2);
  const e4 = e3 * w * (1 + 3 * cv2);

  // An iteration brings in what came during the one before: cumulants of T, the fourth without what the variation of T adds.
  const { meanMs: t, variance: t2, clusters: c, foundClusters: d, ownChunks } = times;
  const s = Math.min(perMs * w, MOST_PREFILL);
  const c2 = meanSquare(work, c);
  const c3 = thirdCumulant(w, e2, e3, c);
  const c4 = e4 + c * (4 * w * e3 + 3 * e2 * e2 + 6 * c * w * w * (2 * e2 + c * w * w));
  const t3 = (perMs * t * c3 + 3 * perMs * perMs * w * c2 * t2) / (1 - s * s * s);
  const t4 = (perMs * t * c4) / (1 - s * s * s * s);
  // E[F^j] of the iteration that is found: E[T^(j+1)]/E[T], and none where none runs.
  const f1 = isRunning * (t + t2 / t);
  const f2 = isRunning * (t * t + 3 * t2 + t3 / t);
  const f3 = isRunning * (t * t * t + 6 * t * t2 + 4 * t3 + (t4 + 3 * t2 * t2) / t);

  // Rates at which others come, near one that came.
  const inside = times.beside / times.foundMs;
  const after = (times.later * times.chunks) / (times.prefillMs + times.queueMs);
  const w2 = meanSquare(work, d);
  const w3 = thirdCumulant(w, e2, e3, d);
  // F·(U + b): what it leaves, and on average the prefills that it brings in.
  const more = 1 + after * w;
  const b = inside * w * more;
  const m1 = f1 * (1 / 2 + b);
  const m2 = f2 * (1 / 3 + b + b * b);
  const m3 = f3 * (1 / 4 + b + 1.5 * b * b + b * b * b);
  // All else, where F is known: cumulants of a part that it does not change and of one that grows with it.
  const steps = fixedMs + inBatch * decodeStepMs;
  // A prompt that does not fit into one iteration, as often as there are such, takes the more of them the longer it is.
  const beyond = (ownChunks - 1) / (ownChunks * roomBeside(work, inBatch));
  const own = more * w + besideMs + beyond * steps;
  const base2 = own * own * cv2 + after * w2 * (steps + w);
  const base3 = cv2 * own * (2 * cv2 * own * own + 3 * after * w2 * w) + after * w3 * (steps + w);
  const slope2 = inside * w2 * (more * more + after * w);
  const slope3 = inside * (w3 * (more * more * more + after * w) + 3 * more * after * w2 * w2);
  const stepsSeen = STEPS_SEEN / (1 - s);
  const seen = stepsSeen * decodeStepMs;
  // A batch as a gamma variable, where it varies more than by chance.
  const batch3 = inBatch > 0 ? Math.max(0, batchVariance * ((2 * batchVariance) / inBatch - 1)) : 0;

  const variance = Math.max(
    0,
    base2 +
      slope2 * f1 +
      (m2 - m1 * m1) +
      (ownChunks - 1) * t2 +
      times.queueVariance +
      seen * seen * batchVariance +
      stepsSeen * stepsSeen * inBatch * work.stepVariance,
  );
  const third =
    base3 +
    slope3 * f1 +
    3 * slope2 * (1 / 2 + b) * (f2 - f1 * f1) +
    (m3 - 3 * m1 * m2 + 2 * m1 * m1 * m1) +
    (ownChunks - 1) * t3 +
    times.queueThird +
    seen * seen * seen * batch3;
  time.mean = meanMs;
  time.variance = variance;
  // The gamma distribution of these three cumulants; one that is not skewed would begin at -∞.
  const deviation = Math.sqrt(variance);
  const skewness = Math.min(MOST_SKEWNESS, Math.max(LEAST_SKEWNESS, third / (variance * deviation)));
  time.least = Math.min(MOST_LEAST * meanMs, meanMs - (variance > 0 ? (2 * deviation) / skewness : 0));
}

/** What each arrival adds to the third cumulant of a sum over a time, where it comes in clusters. */
function thirdCumulant(w: number, square: number, cube: number, clusters: number): number {
  return cube + clusters * w * (3 * square + 2 * clusters * w * w);
}

/**
 * The time to first token of a request that waits for a place in a full batch, by its mean and variance and the least that it can be.
 *
 * @param times of the full batch
 * @param besideMs what the own prefill costs more than it costs the others
 * @param time is overwritten
 */
export function describeFirstTokenAtFull(
  work: Work,
  times: IterationTimes,
  full: number,
  wait: Wait,
  besideMs: number,
  time: ShiftedGamma,
): void {
  const { fixedMs, decodeStepMs, prefillMs, prefillCv2, outputTokens } = work;
  const { chunks } = times;
  const own = prefillMs + besideMs;
  const others = (2 * full - 1) / (chunks + outputTokens);
  const ownVariance = own * own * prefillCv2;
  time.mean = wait.meanMs + times.prefillMs + times.firstStepMs + besideMs;
  time.variance = wait.variance + ownVariance + others * meanSquare(work) + (chunks - 1) * times.variance;
  const leastOwnMs = Math.max(0, 1 - Math.sqrt(prefillCv2)) * own;
  const leastMs = leastOwnMs + 2 * (fixedMs + (full - 1) * decodeStepMs) + decodeStepMs;
  time.least = Math.min(MOST_LEAST * time.mean, leastMs);
}
