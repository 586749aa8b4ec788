/** How requests arrived: one after the other, by so many clients, as many as it takes, evenly spaced, or at random. */
export const ARRIVALS = ['synchronous', 'concurrent', 'throughput', 'constant', 'poisson'] as const;
export type Arrivals = (typeof ARRIVALS)[number];

/** How many requests of a run ended in which way; 0 where the report does not count those that failed. */
export interface RequestCounts {
  readonly successful: number;
  readonly errored: number;
  readonly incomplete: number;
}

/** A latency over the successful requests of a run (ms). */
export interface LatencyMs {
  readonly mean: number;
  readonly median: number;
  readonly stdDev: number | null;
}

/** As `LatencyMs`. */
export interface FirstTokenMs {
  /**
   * null: not known. GuideLLM up to 0.3 takes a first token that it missed for one of 1970, and that one request makes the mean of
   * thousands negative (-1e8 ms), and the deviation absurd. The median holds.
   */
  readonly mean: number | null;
  readonly median: number;
  readonly stdDev: number | null;
}

interface AnyRun {
  /** As the benchmark calls it: "synchronous", "constant@0.87". */
  readonly name: string;
  /** The rate that was asked for (requests/s), where there was one. */
  readonly targetRequestsPerSec: number | null;
  readonly requests: RequestCounts;
  /** How long was measured (s). */
  readonly durationSec: number | null;
}

/** One run of a benchmark at one load. Every number that is not null is finite and positive; a standard deviation may be 0. */
export interface BenchmarkRun extends AnyRun {
  readonly arrivals: Arrivals;
  /** Mean rate of successful requests (requests/s). */
  readonly requestsPerSec: number;
  /** Mean prompt tokens of successful requests. */
  readonly inputTokens: number;
  /** Mean output tokens of successful requests. */
  readonly outputTokens: number;
  readonly inputTokensStdDev: number | null;
  readonly outputTokensStdDev: number | null;
  /** Mean requests in flight, of those that succeeded. */
  readonly concurrency: number | null;
  readonly ttftMs: FirstTokenMs;
  /** Between one output token and the next; the first token is not in it. */
  readonly itlMs: LatencyMs;
  readonly unusable: null;
}

/** A run that measured nothing that can be worked with. Its figures are left out, so that nobody takes them for measured. */
export interface UnusableRun extends AnyRun {
  /** null: none of the known ones. */
  readonly arrivals: Arrivals | null;
  /** Why, in words that go on after the name of the run: "no request succeeded". */
  readonly unusable: string;
}
