import { deterministicWaitShare } from './deterministic-service.ts';

/** Nearer than this to r = 1 (times the length of the line) the closed forms cancel; the limit is exact to the square of it. */
const NEAR_ONE = 1e-3;

/** Place in the line that an accepted arrival takes which finds all in service busy: mean and variance of the number before it. */
export interface Line {
  mean: number;
  variance: number;
}

/**
 * The number 0 … Q - 1 that waits already, with weights r^j.
 *
 * @param ratio r = λ/μ_N > 0
 * @param waitingRoom Q ≥ 1; Infinity needs r < 1
 * @param line is overwritten
 */
export function lineBefore(ratio: number, waitingRoom: number, line: Line): void {
  if (waitingRoom === Number.POSITIVE_INFINITY) {
    line.mean = ratio / (1 - ratio);
    line.variance = ratio / (1 - ratio) ** 2;
    return;
  }
  const log = Math.log(ratio);
  if (Math.abs(log) * waitingRoom < NEAR_ONE) {
    line.mean = (waitingRoom - 1) / 2 + ((waitingRoom * waitingRoom - 1) * log) / 12;
    line.variance = (waitingRoom * waitingRoom - 1) / 12;
    return;
  }
  // Σ j·r^j/Σ r^j = r/(1 - r) - Q·r^Q/(1 - r^Q), counted from the end where the weights are largest.
  const light = Math.min(ratio, 1 / ratio);
  const end = Math.exp(-Math.abs(log) * waitingRoom);
  const mean = light / (1 - light) - (waitingRoom * end) / (1 - end);
  line.mean = ratio <= 1 ? mean : waitingRoom - 1 - mean;
  line.variance = Math.max(
    0,
    light / (1 - light) ** 2 - (waitingRoom * waitingRoom * end) / ((1 - end) * (1 - end)),
  );
}

/** Places in front of a line. */
export interface Places {
  /** N */
  readonly full: number;
  /** μ_N (1/ms) */
  readonly fullRate: number;
  /** Q; Infinity: unlimited. */
  readonly waitingRoom: number;
  /** Coefficient of variation of the gaps between arrivals. */
  readonly arrivalCv: number;
  /** Squared coefficient of variation of the time between two that leave a full batch. */
  readonly serviceCv2: number;
}

/** Of accepted requests. */
export interface Wait {
  /** Share of those that find the batch full … */
  share: number;
  /** … and how long these wait; NaN: without bound. */
  meanMs: number;
  variance: number;
}

const line: Line = { mean: Number.NaN, variance: Number.NaN };

/**
 * Waits for a place. The chain tells the mean over all requests, as if service were exponential.
 *
 * @param utilization λ/μ_N
 * @param chainWaitMs NaN: without bound
 * @param wait is overwritten
 */
export function describeWait(places: Places, utilization: number, chainWaitMs: number, wait: Wait): void {
  const { full, fullRate, waitingRoom, arrivalCv, serviceCv2 } = places;
  if (Number.isNaN(chainWaitMs) || waitingRoom === 0) {
    const none = waitingRoom === 0 ? 0 : Number.NaN;
    wait.share = waitingRoom === 0 ? 0 : 1;
    wait.meanMs = none;
    wait.variance = none;
    return;
  }
  lineBefore(utilization, waitingRoom, line);
  const chainMs = (line.mean + 1) / fullRate;
  // Where the waiting room is all but full, its length decides, not how evenly it fills and empties.
  const open = 1 - Math.min(1, (2 * line.mean) / waitingRoom);
  const arrivalCv2 = arrivalCv * arrivalCv;
  // Under Poisson arrivals between M/M/c and M/D/c by s²; of others at saturation Allen and Cunneen's (a² + s²)/2 over (a² + 1)/2.
  const even = deterministicWaitShare(full, utilization);
  const evened = 1 - (2 * (1 - serviceCv2) * (1 - even)) / (1 + arrivalCv2);
  const lineMs = chainMs * (1 + ((arrivalCv2 - 1) / 2) * open);
  wait.share = Math.min(1, chainWaitMs / lineMs);
  wait.meanMs = wait.share > 0 ? (chainWaitMs / wait.share) * (1 + (evened - 1) * open) : lineMs;
  // Of a long line the mean is told above; of a full room what varies is how its places empty, and how evenly it fills.
  const ofPlaces = open + (1 - open) * serviceCv2;
  const ofLine = open + ((1 - open) * (arrivalCv2 + serviceCv2)) / 2;
  const ms = wait.meanMs / (line.mean + 1);
  wait.variance = ms * ms * ((line.mean + 1) * ofPlaces + line.variance * ofLine);
}
