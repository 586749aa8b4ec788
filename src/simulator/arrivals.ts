import { randomExponential, randomGamma } from 'd3-random';
import type { DrawnArrivals } from '../schemas/simulation-process.ts';
import type { Uniform } from './random.ts';

/** When the next request arrives (ms since the start); Infinity: no more do. Times do not fall. */
export type ArrivalTimes = () => number;

/** Arrivals whose gaps have a variation: 0 constant, 1 Poisson arrivals, else gamma distributed. */
export function arrivalsOfCv(cv: number): DrawnArrivals {
  if (cv === 0) return { kind: 'constant' };
  return cv === 1 ? { kind: 'poisson' } : { kind: 'gamma', cv };
}

/**
 * A renewal process: gaps of mean 1 of some distribution, stretched by the rate of the time, which is how a piecewise rate keeps the
 * variability of its arrivals (Çinlar 1975, §4.7, the change of clock).
 *
 * @param requestsPerSec mean rate, for processes that have no rates of their own
 */
export function arrivalTimes(
  arrivals: DrawnArrivals,
  requestsPerSec: number,
  uniform: Uniform,
): ArrivalTimes {
  if (arrivals.kind === 'rates') {
    const gap = unitGap(arrivals.cv ?? 1, uniform);
    return piecewise(
      arrivals.rates.map(({ fromSec, requestsPerSec: rate }) => ({
        fromMs: fromSec * 1000,
        perMs: rate / 1000,
      })),
      gap,
    );
  }
  const cv = arrivals.kind === 'gamma' ? arrivals.cv : arrivals.kind === 'constant' ? 0 : 1;
  const gap = unitGap(cv, uniform);
  const meanMs = 1000 / requestsPerSec;
  let now = 0;
  return () => {
    now += meanMs * gap();
    return now;
  };
}

/** Gaps of mean 1 and a coefficient of variation; gamma-distributed, whose limits are constant (0) and exponential (1) gaps. */
function unitGap(cv: number, uniform: Uniform): () => number {
  if (cv === 0) return () => 1;
  if (cv === 1) return randomExponential.source(uniform)(1);
  return randomGamma.source(uniform)(1 / (cv * cv), cv * cv);
}

function piecewise(
  rates: readonly { readonly fromMs: number; readonly perMs: number }[],
  gap: () => number,
): ArrivalTimes {
  let piece = 0;
  let now = rates[0].fromMs;
  return () => {
    let left = gap();
    for (;;) {
      const { perMs } = rates[piece];
      const endMs = rates[piece + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
      const inPiece = perMs * (endMs - now);
      // A last rate of 0 leaves 0 · Infinity: no more arrive.
      if (left < inPiece) {
        now += left / perMs;
        return now;
      }
      if (piece + 1 === rates.length) return Number.POSITIVE_INFINITY;
      left -= inPiece;
      now = endMs;
      piece++;
    }
  };
}
