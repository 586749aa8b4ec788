import type { MeasuredRate } from '../schemas/model.ts';

/**
 * Measured rates on the grid of the sizes that occur. Between sizes the time that a request takes of a replica (the inverse of the
 * rate) is interpolated, linear in either length; nothing is said of a size outside, or where a corner is not measured.
 */
export class ThroughputTable {
  readonly #inputs: readonly number[];
  readonly #outputs: readonly number[];
  /** Seconds of a replica for a request, by input, then by output; NaN: not measured; Infinity: not servable. */
  readonly #seconds: readonly Float64Array[];

  constructor(rates: readonly MeasuredRate[]) {
    this.#inputs = ticks(rates.map(({ inputTokens }) => inputTokens));
    this.#outputs = ticks(rates.map(({ outputTokens }) => outputTokens));
    this.#seconds = this.#inputs.map(() => new Float64Array(this.#outputs.length).fill(Number.NaN));
    for (const { inputTokens, outputTokens, requestsPerSec } of rates) {
      const [row, column] = [this.#inputs.indexOf(inputTokens), this.#outputs.indexOf(outputTokens)];
      this.#seconds[row][column] = 1 / requestsPerSec;
    }
  }

  /** Requests/s of one replica; 0: this size is not servable, or nothing is known of it. */
  rate(inputTokens: number, outputTokens: number): number {
    let seconds = 0;
    for (const [row, ofRow] of weights(this.#inputs, inputTokens)) {
      for (const [column, ofColumn] of weights(this.#outputs, outputTokens)) {
        seconds += ofRow * ofColumn * this.#seconds[row][column];
      }
    }
    return seconds > 0 ? 1 / seconds : 0;
  }
}

function ticks(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

/** The ticks next to a value, with their weights; none: it lies outside. */
function weights(values: readonly number[], value: number): [index: number, weight: number][] {
  const above = values.findIndex((tick) => tick >= value);
  if (above < 0) return [];
  if (values[above] === value) return [[above, 1]];
  if (above === 0) return [];
  const weight = (value - values[above - 1]) / (values[above] - values[above - 1]);
  return [
    [above - 1, 1 - weight],
    [above, weight],
  ];
}
