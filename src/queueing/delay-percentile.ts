import { logPoissonPeak } from '../numerics/erlang-loss.ts';

/** Halvings of the bracket: the answer is exact to about 1e-12 of it. */
const HALVINGS = 42;

/** Beyond so many standard deviations a Poisson distribution is taken to end. */
const DEVIATIONS = 9;

/**
 * The wait that a share of the accepted requests does not exceed, first come first served, in units of the mean time between
 * completions of a full batch. Who finds j = 0 … Q - 1 waiting, with weight r^j, waits an Erlang(j + 1) time.
 *
 * @param delayedFraction share of the accepted that wait at all
 * @param excess r - 1; below 0 where the room is unlimited
 * @param room Q; Infinity: unlimited
 */
export function delayPercentile(
  share: number,
  delayedFraction: number,
  excess: number,
  room: number,
): number {
  // P(W > x | waits) that is asked for
  const survival = (1 - share) / delayedFraction;
  if (!(survival < 1)) return 0;
  const logRatio = Math.log1p(excess);
  // In a room without bound the wait is exponential, of rate 1 - r.
  const unlimited = excess < 0 ? Math.log(survival) / excess : Number.POSITIVE_INFINITY;
  if (excess < 0 && room * -logRatio > 40 + unlimited) return unlimited;
  let low = 0;
  // No longer than behind Q - 1 others, the last-but-one place of the room: its normal quantile and more.
  let high = Math.min(unlimited, room + 20 * Math.sqrt(room) + 50);
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (survivalAt(middle, logRatio, room) > survival) low = middle;
    else high = middle;
  }
  return high;
}

/** P(W > x | waits) = Σ_{i < Q} P(i completions by x)·P(at least i wait ahead) */
function survivalAt(x: number, logRatio: number, room: number): number {
  const spread = DEVIATIONS * Math.sqrt(x) + 30;
  const from = Math.max(0, Math.floor(x - spread));
  const to = Math.min(room - 1, Math.ceil(x + spread));
  let probability = poisson(from, x);
  let sum = 0;
  for (let i = from; i <= to; i++) {
    sum += probability * shareBehind(i, logRatio, room);
    probability *= x / (i + 1);
  }
  return sum;
}

/** Σ_{j ≥ i} r^j / Σ_{j ≥ 0} r^j, j < Q */
function shareBehind(i: number, logRatio: number, room: number): number {
  if (Math.abs(logRatio) * room < 1e-12) return 1 - i / room;
  if (logRatio > 0) return Math.expm1((i - room) * logRatio) / Math.expm1(-room * logRatio);
  return (Math.exp(i * logRatio) * Math.expm1((room - i) * logRatio)) / Math.expm1(room * logRatio);
}

function poisson(n: number, mean: number): number {
  if (n === 0) return Math.exp(-mean);
  return Math.exp(logPoissonPeak(n) - n * (mean / n - 1 - Math.log(mean / n)));
}
