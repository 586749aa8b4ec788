/** Numbers in the order in which they came, in one growing block of memory. */
export class Series {
  #values = new Float64Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const values = new Float64Array(2 * this.#length);
      values.set(this.#values);
      this.#values = values;
    }
    this.#values[this.#length++] = value;
  }

  /** Of those from … to (exclusive) that are no NaN; NaN: there are none. */
  mean(from = 0, to = this.#length): number {
    let sum = 0;
    let count = 0;
    for (let i = from; i < to; i++) {
      const value = this.#values[i];
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    return sum / count;
  }

  /** A copy of those from … to (exclusive), those that are NaN left out, in rising order. */
  sorted(from = 0, to = this.#length): Float64Array {
    return this.#values
      .slice(from, Math.min(to, this.#length))
      .filter((value) => !Number.isNaN(value))
      .sort();
  }
}

/** The least of the rising values that a share `p` of them does not exceed; NaN: there are none. */
export function quantileOf(rising: Float64Array, p: number): number {
  return rising.length === 0 ? Number.NaN : rising[Math.max(0, Math.ceil(p * rising.length) - 1)];
}

/** NaN: there are none. */
export function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
