/** Batches from … to whose time in service is τ(n) = fixed + perRequest·n. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly fixedMs: number;
  readonly perRequestMs: number;
}

/** A weight beyond this becomes the unit: no step of the sum can overflow. */
const LARGE = 1e6;

/**
 * The batch below the full one that states of a given weight lie above (see BatchStates), found state by state from the full batch down.
 *
 * @param stretches from the full batch down
 * @param logAbove ln of that weight, in units of that of the full batch
 */
export function batchFromFull(stretches: readonly Stretch[], lambda: number, logAbove: number): number {
  let left = logAbove;
  let above = Math.exp(left);
  let weight = 1;
  let passed = 0;
  for (const { from, to, fixedMs, perRequestMs } of stretches) {
    const a = lambda * fixedMs;
    const b = lambda * perRequestMs;
    for (let n = to; n >= from; n--) {
      // w_{n-1} = w_n·μ_n/λ
      weight *= n / (a + b * n);
      if (passed + weight > above) return Math.max(0, n - 1 - Math.max(0, above - passed) / weight);
      passed += weight;
      if (weight > LARGE) {
        passed /= weight;
        left -= Math.log(weight);
        above = Math.exp(left);
        weight = 1;
      }
    }
  }
  return 0;
}
