/**
 * The states n ≤ N of a birth–death chain: n requests in the batch, none waiting. `weigh` finds the weights of these states
 * for one birth rate, relative to one another and in no particular unit.
 */
export interface BatchStates {
  /**
   * @param lambda birth rate > 0 (1/ms)
   * @param weights is overwritten
   */
  weigh(lambda: number, weights: BatchWeights): void;

  /**
   * The batch n < N that states of a total weight of `above` lie above, N not counted. Between whole batches the weight of a state is
   * spread evenly from the batch below to its own; the empty batch is empty.
   *
   * @param weights as found at this rate; `above` has their unit
   */
  batchUnder(lambda: number, weights: BatchWeights, above: number): number;
}

/** A scratch object that its owner reuses. */
export interface BatchWeights {
  /** Σ w_n over n < N. */
  below: number;
  /** Σ n·w_n over n < N. */
  belowInService: number;
  /** w_N */
  full: number;
  /** ln w_N where that underflows; NaN: take it from w_N. */
  logFull: number;
}

/** ln w_N */
export function logFullOf({ full, logFull }: BatchWeights): number {
  return Number.isNaN(logFull) ? Math.log(full) : logFull;
}

export function newWeights(): BatchWeights {
  return { below: Number.NaN, belowInService: Number.NaN, full: Number.NaN, logFull: Number.NaN };
}

/** States whose share of every sum is below this are skipped. */
export const NEGLIGIBLE = 1e-17;
