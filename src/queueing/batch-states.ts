/**
 * The states n ≤ N of a birth–death chain: n requests in the batch, none waiting. `weigh` sets the weights of these states
 * for one birth rate, relative to one another and in no particular unit.
 */
export interface BatchStates {
  /**
   * @param lambda birth rate > 0 (1/ms)
   * @param reach what a unit of weight at N adds to the sums over the states beyond N: decides what is negligible
   */
  weigh(lambda: number, reach: number): void;
  /** Σ w_n over n < N. */
  readonly below: number;
  /** Σ n·w_n over n < N. */
  readonly belowInService: number;
  /** w_N */
  readonly weightFull: number;
  /** ln w_N: tells it apart from 0 where it underflows. */
  readonly logWeightFull: number;
}

/** States whose share of every sum is below this are skipped. */
export const NEGLIGIBLE = 1e-17;
