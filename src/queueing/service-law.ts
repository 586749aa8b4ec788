/** Token budget of an iteration where none is given. */
export const DEFAULT_MAX_BATCH_TOKENS = 8192;

/** Highest stable rate as a share of the full-batch service rate. */
export const STABILITY_LIMIT = 0.999;

/**
 * How long a batch of equal requests takes with chunked prefill: m output tokens each, the prompt in c chunks, c + m iterations in all.
 * Every law is the same in its chunks and differs in how an iteration grows with what it does.
 */
export interface ServiceLaw {
  /** Time of an iteration that computes nothing (ms). */
  readonly alphaMs: number;
  readonly outputTokens: number;
  /** Whether there are terms for the first token beside the law itself: own prefill cost, overhead, residual. */
  readonly hasFirstTokenTerms: boolean;
  /** c(B): the fewest chunks whose largest batch is at least B. */
  chunks(batchSize: number): number;
  /** The largest batch whose requests are prefilled in so many chunks. */
  largestBatch(chunks: number): number;
  /** τ(B): time in service (ms) at a constant batch of B. */
  timeInServiceMs(batchSize: number, chunks?: number): number;
  /** Iteration (ms) that a request sees in a decode step of its own, in a batch of B with it. */
  decodeIterationMs(batchSize: number, chunks: number): number;
  /** Prefill (ms) in a mean batch of B with the request itself, which the time in service has in it; does not fall with B ≥ 0. */
  prefillMs(batchSize: number, chunks: number): number;
  /** Prefill (ms) that a request sees which finds `others` in the batch: the same, or with the own cost of a prompt token where that is known. */
  ownPrefillMs(others: number, chunks: number): number;
  /** What a request takes beside the batch before its prefill. */
  readonly overheadMs: number;
  /** What its own prefill costs it more than it costs the others, ms; may be below 0. */
  readonly ownBesideMs: number;
  /** What a request takes before its prefill (ms), outside the queue: its overhead, and the rest of the iteration under way, if there is one. */
  beforePrefillMs(others: number, chunks: number): number;
}
