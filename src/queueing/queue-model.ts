import type { Static, TSchema } from '#typebox';
import type { StationStrategy } from '../schemas/plug-in.ts';
import type { Station } from '../schemas/station.ts';
import type { Bounds } from './latency-bounds.ts';

/**
 * A queue model turns a station (a replica, its limits, its mean request) into latencies at any rate.
 * It is total: defined for every rate above 0, overload included.
 */
export interface QueueModel<Options extends TSchema = TSchema> extends StationStrategy<Options> {
  /** What must hold for it to be right, in a sentence. */
  readonly assumes?: string;
  /** What an evaluation costs, in a few words. */
  readonly cost?: string;
  /** Its TTFT has in it what an arrival waits for the iteration under way. Absent: it leaves that out. */
  readonly knowsResidual?: boolean;
  /** A latency that does not fall with the rate may fall by this share of it all the same, as it is approximated. Absent: 0. */
  readonly roughnessFraction?: number;
  /** Does the work that all rates share. The station has what the model reads; service-time parameters are not all zero. */
  prepare(station: StationToPrepare, options: Static<Options>): Queue;
}

export interface StationToPrepare extends Station {
  /** The sizes behind the mean request, for a model that takes them apart; shares need not add up to 1. Absent: not known. */
  readonly sizes?: readonly SizeShare[];
}

export interface SizeShare {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly share: number;
}

/** A station made ready for evaluation at many rates. */
export interface Queue {
  readonly maxBatchSize: number;
  /** Where sizing starts: a rate at which the station is all but empty (requests/s). */
  readonly minRequestsPerSec: number;
  /** Highest stable rate (requests/s); above it the status is `overloaded`. 0: nothing is known of such requests. */
  readonly maxRequestsPerSec: number;
  /** false: all latencies are NaN; its rates were found within the targets. Absent: it tells them. */
  readonly tellsLatencies?: boolean;
  /**
   * TTFT, ITL and response time are continuous in the rate up to the highest stable one and do not fall with it: a search for a rate need
   * not look at both ends first. Absent: not known.
   */
  readonly rises?: boolean;
  /** Writes the metrics at a rate > 0 into `metrics`; allocates nothing. */
  evaluate(requestsPerSec: number, metrics: QueueMetrics): void;
  /** The same station under a lower batch limit, sharing what was prepared. */
  withMaxBatchSize(maxBatchSize: number): Queue;
  /**
   * The same station, but `ttftMs` and `itlMs` are what the given shares of requests, and of gaps between tokens, do not exceed.
   * Absent: the model knows means alone.
   */
  atPercentiles?(percentiles: Percentiles): Queue;
  /**
   * The same station for a search within bounds, which need only know on which side of its bound a latency is: what is told in the place of
   * a percentile is on the same side, and comes without looking for a quantile. Absent, or the queue itself: nothing is cheaper.
   */
  against?(bounds: Bounds): Queue;
  /** Closed-form estimates that searches start from; a model without them is searched over the whole range. */
  readonly estimates?: QueueEstimates;
}

/** Each 0.5 … 0.999; absent: the mean. */
export interface Percentiles {
  readonly ttft?: number;
  readonly itl?: number;
}

export interface QueueEstimates {
  /** Largest batch in 1 … ceiling whose iteration time stays within the ITL target (ms); 1 when none does. */
  batchSizeForItl(itlMs: number, ceiling: number): number;
  /** Largest batch in 1 … ceiling whose prefill stays within the TTFT target (ms); 1 when none does. */
  batchSizeForTtft(ttftMs: number, ceiling: number): number;
  /** Rate at which about the ITL is reached (requests/s); NaN: no estimate. */
  rateForItlPerSec(itlMs: number): number;
  /** Rate at which about the TTFT is reached (requests/s); NaN: no estimate. */
  rateForTtftPerSec(ttftMs: number): number;
  /** Rate at which about the mean response time is reached (requests/s); NaN or absent: no estimate. */
  rateForResponsePerSec?(responseMs: number): number;
}

/**
 * Metrics of one replica at one rate; a scratch object that its owner reuses.
 * NaN in `waitMs`, `ttftMs` and `responseMs` says: grows without bound; in any latency: the model does not tell it.
 * Of means TTFT is wait, prefill and ITL; where the first step is shorter than the mean one by more than the prefill takes, that is 0.
 */
export interface QueueMetrics {
  throughputPerSec: number;
  lossFraction: number;
  waitMs: number;
  prefillMs: number;
  ttftMs: number;
  itlMs: number;
  responseMs: number;
  inService: number;
  /**
   * Where this stays the same, the latencies are continuous in the rate and rise with it (ITL from a batch limit of 4 and an
   * output well above the prefill's chunks on); a new value marks a jump.
   */
  segment: number;
}

/** A scratch object for `evaluate`, to be used again and again. */
export function newMetrics(): QueueMetrics {
  return {
    throughputPerSec: Number.NaN,
    lossFraction: Number.NaN,
    waitMs: Number.NaN,
    prefillMs: Number.NaN,
    ttftMs: Number.NaN,
    itlMs: Number.NaN,
    responseMs: Number.NaN,
    inService: Number.NaN,
    segment: 0,
  };
}
