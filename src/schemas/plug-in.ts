import type { TSchema } from '#typebox';

/** What every pluggable strategy tells about itself; its file default-exports it. */
export interface Strategy<Options extends TSchema = TSchema> {
  /** The name that requests use; also the file's. */
  readonly name: string;
  /** One sentence for the list of strategies. */
  readonly summary: string;
  /** JSON schema of the options; each option has a default, so that `{}` is valid. */
  readonly options: Options;
  /**
   * Its time is small and grows no faster than the problem: the service solves small problems with it in place. Absent: no such
   * promise, and each request that names it goes to a worker thread.
   */
  readonly isLight?: boolean;
}

/** A strategy that works with stations. */
export interface StationStrategy<Options extends TSchema = TSchema> extends Strategy<Options> {
  /** What of a profile it works with; absent: service-time parameters. */
  readonly reads?: 'serviceTime' | 'throughput';
  /** It simulates: what is held against simulation is not it, and nothing that evaluates it thousands of times ends. Absent: formulas. */
  readonly isSimulation?: boolean;
  /** Whether it can tell percentiles of latencies; absent: means alone. */
  readonly tellsPercentiles?: boolean;
}
