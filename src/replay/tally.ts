import { quantileOf, Series } from '../numerics/series.ts';
import type { Targets } from '../schemas/fleet.ts';
import type { SimulatedRequest } from '../simulator/request.ts';

/** Latencies of requests (ms); NaN: there are none. */
export interface LatencyFigures {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/** What became of requests: each is met, missed or lost. */
export interface Outcome {
  readonly requests: number;
  readonly met: number;
  /** Served, but too late for one of the targets at least … */
  readonly missed: number;
  /** … for this one, for that one; some for several; … */
  readonly missedTtft: number;
  readonly missedItl: number;
  /** … or for the time to the last token. */
  readonly missedE2e: number;
  /** Turned away, or never served. */
  readonly lost: number;
  /** met / requests; NaN: there are none. */
  readonly attainmentFraction: number;
  readonly ttftMs: LatencyFigures;
  readonly itlMs: LatencyFigures;
}

/** Counts what becomes of the requests of one class of a server. */
export class Tally {
  offered = 0;
  readonly #ttftTarget: number;
  readonly #itlTarget: number;
  readonly #e2eTarget: number;
  readonly #ttftMs = new Series();
  readonly #itlMs = new Series();
  #met = 0;
  #missed = 0;
  #missedTtft = 0;
  #missedItl = 0;
  #missedE2e = 0;
  #lost = 0;

  /** @param targets of which 0, or none, is met by every request that is served */
  constructor({ ttftMs, itlMs, e2eMs }: Targets) {
    this.#ttftTarget = ttftMs || Number.POSITIVE_INFINITY;
    this.#itlTarget = itlMs || Number.POSITIVE_INFINITY;
    this.#e2eTarget = e2eMs || Number.POSITIVE_INFINITY;
  }

  completed({ ttftMs, itlMs, responseMs }: SimulatedRequest): void {
    this.#ttftMs.push(ttftMs);
    this.#itlMs.push(itlMs);
    const isTtftMissed = ttftMs > this.#ttftTarget;
    // A request of one token has no gaps: NaN misses nothing.
    const isItlMissed = itlMs > this.#itlTarget;
    if (isTtftMissed) this.#missedTtft++;
    if (isItlMissed) this.#missedItl++;
    const isE2eMissed = responseMs > this.#e2eTarget;
    if (isE2eMissed) this.#missedE2e++;
    if (isTtftMissed || isItlMissed || isE2eMissed) this.#missed++;
    else this.#met++;
  }

  lost(): void {
    this.#lost++;
  }

  get counts() {
    return {
      requests: this.offered,
      met: this.#met,
      missed: this.#missed,
      missedTtft: this.#missedTtft,
      missedItl: this.#missedItl,
      missedE2e: this.#missedE2e,
      lost: this.#lost,
    };
  }

  get latencies() {
    return { ttftMs: this.#ttftMs, itlMs: this.#itlMs };
  }
}

/** What became of the requests of several tallies together. */
export function outcomeOf(tallies: readonly Tally[]): Outcome {
  const sum = (field: keyof Tally['counts']) =>
    tallies.reduce((total, { counts }) => total + counts[field], 0);
  const requests = sum('requests');
  const met = sum('met');
  return {
    requests,
    met,
    missed: sum('missed'),
    missedTtft: sum('missedTtft'),
    missedItl: sum('missedItl'),
    missedE2e: sum('missedE2e'),
    lost: sum('lost'),
    attainmentFraction: met / requests,
    ttftMs: figuresOf(tallies.map(({ latencies }) => latencies.ttftMs)),
    itlMs: figuresOf(tallies.map(({ latencies }) => latencies.itlMs)),
  };
}

function figuresOf(parts: readonly Series[]): LatencyFigures {
  const all = Float64Array.from(parts.flatMap((part) => [...part.sorted()])).sort();
  const mean = all.reduce((total, value) => total + value, 0) / all.length;
  return { mean, p50: quantileOf(all, 0.5), p90: quantileOf(all, 0.9), p99: quantileOf(all, 0.99) };
}
