/** A request on its way through a replica. Times are milliseconds since the start of the simulation; NaN: not yet. */
export class SimulatedRequest {
  readonly arrivalMs: number;
  readonly inputTokens: number;
  /** Of them, those that the prefix cache holds. */
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** From the arrival to the end of the iteration that was under way; 0 where there was none. */
  residualMs = 0;
  /** When it joined the batch first. */
  admittedMs = Number.NaN;
  firstTokenMs = Number.NaN;
  lastTokenMs = Number.NaN;
  /** Tokens written before it was preempted last. */
  writtenTokens = 0;
  /** Context tokens that its prefill has put into the KV cache so far. */
  prefilledTokens = 0;
  /** Number of the iteration of its first decode step since it joined the batch last; -1: not decoding. */
  firstStep = -1;
  preemptions = 0;

  constructor(arrivalMs: number, inputTokens: number, outputTokens: number, cachedInputTokens = 0) {
    this.arrivalMs = arrivalMs;
    this.inputTokens = inputTokens;
    this.outputTokens = outputTokens;
    this.cachedInputTokens = cachedInputTokens;
  }

  /** Context to be prefilled: the prompt, and after a preemption what had been written. */
  get contextTokens(): number {
    return this.inputTokens + this.writtenTokens;
  }

  /** Waiting for a place in the batch, the residual of the iteration under way left out. */
  get waitMs(): number {
    return this.admittedMs - this.arrivalMs - this.residualMs;
  }

  get ttftMs(): number {
    return this.firstTokenMs - this.arrivalMs;
  }

  get responseMs(): number {
    return this.lastTokenMs - this.arrivalMs;
  }

  /** Mean gap between its tokens; NaN: it has one token. */
  get itlMs(): number {
    return this.outputTokens > 1
      ? (this.lastTokenMs - this.firstTokenMs) / (this.outputTokens - 1)
      : Number.NaN;
  }
}
