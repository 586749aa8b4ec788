/** Values, and sums of them, that are no farther apart than this, relative to them, are equal. */
const ROUNDING = 1e-9;

/** Whether a difference is but rounding of what it is told of. */
export function isRounding(difference: number, of: number): boolean {
  return Math.abs(difference) <= ROUNDING * Math.max(1, Math.abs(of));
}
