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
