/** Requests of a stretch of time: how many, and their mean tokens; NaN: there are none. */
export interface Offered {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A request that a server is to be offered. */
export interface Arrival {
  readonly atMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Which of the classes of its server it belongs to. */
  readonly classIndex: number;
}

/** All requests that a server is offered, in the order of time. Sums are kept, so that any stretch is told at once. */
export class Workload {
  readonly arrivals: readonly Arrival[];
  /** Tokens of all requests before the i-th. */
  readonly #inputs: Float64Array;
  readonly #outputs: Float64Array;

  constructor(arrivals: readonly Arrival[]) {
    this.arrivals = arrivals;
    this.#inputs = new Float64Array(arrivals.length + 1);
    this.#outputs = new Float64Array(arrivals.length + 1);
    for (const [i, { inputTokens, outputTokens }] of arrivals.entries()) {
      this.#inputs[i + 1] = this.#inputs[i] + inputTokens;
      this.#outputs[i + 1] = this.#outputs[i] + outputTokens;
    }
  }

  /** What arrives from a time on until before another (ms). */
  between(fromMs: number, toMs: number): Offered {
    const from = this.#before(fromMs);
    const to = Math.max(from, this.#before(toMs));
    const requests = to - from;
    return {
      requests,
      inputTokens: (this.#inputs[to] - this.#inputs[from]) / requests,
      outputTokens: (this.#outputs[to] - this.#outputs[from]) / requests,
    };
  }

  /** How many arrive before a time. */
  #before(atMs: number): number {
    let low = 0;
    let high = this.arrivals.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.arrivals[middle].atMs < atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
