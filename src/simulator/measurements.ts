import { LogHistogram } from '../numerics/log-histogram.ts';
import { meanOf, quantileOf, Series } from '../numerics/series.ts';
import {
  type Estimate,
  FINE_BATCHES,
  type Grouping,
  groupingOf,
  halfWidthOf,
  type Stretch,
} from './batches.ts';
import { type Distribution, distribution, figuresOf } from './distribution.ts';
import { type Flow, flowOfAll, type Milestone, Milestones } from './flow.ts';
import { LevelOverTime } from './level-over-time.ts';
import type { Observer } from './observer.ts';
import type { SimulatedRequest } from './request.ts';

export interface Measured {
  readonly ttftMs: Distribution;
  /** Over all gaps between tokens. */
  readonly itlMs: Distribution;
  /** Over the mean gaps of requests. */
  readonly itlOfRequestMs: Distribution;
  readonly waitMs: Distribution;
  readonly responseMs: Distribution;
  readonly residualMs: Estimate;
  /** Requests that these figures are from. */
  readonly requests: number;
}

/** The first batches are of so many requests: there is an interval from half a thousand completed ones on. */
const FIRST_BATCH = 16;

/** A run that ends when its intervals are narrow has completed so many requests: before, they are narrow by chance. */
const LEAST_REQUESTS = 2000;

/** Latencies of completed requests, and of the gaps between their tokens, in batches of as many requests. */
export class Measurements implements Observer {
  completions = 0;
  losses = 0;
  preemptions = 0;
  iterations = 0;
  isSpent = false;
  /** Requests in service over time. */
  readonly inBatch = new LevelOverTime();
  readonly #isStationary: boolean;
  readonly #mostIterations: number;
  readonly #ttftMs = new Series();
  readonly #waitMs = new Series();
  readonly #residualMs = new Series();
  readonly #itlMs = new Series();
  readonly #responseMs = new Series();
  readonly #milestones = new Milestones();
  /** Of each fine batch; the last is under way. */
  #gaps: LogHistogram[] = [new LogHistogram()];
  #batchSize = FIRST_BATCH;
  #left = FIRST_BATCH;

  /**
   * @param isStationary the load and the replicas stay the same: there is a start to leave out, and intervals can be told
   * @param mostIterations after which replicas are to stop
   */
  constructor(isStationary: boolean, mostIterations = Number.POSITIVE_INFINITY) {
    this.#isStationary = isStationary;
    this.#mostIterations = mostIterations;
  }

  iterated(startMs: number, durationMs: number, inBatch: number): void {
    this.inBatch.add(startMs, startMs + durationMs, inBatch);
    if (++this.iterations >= this.#mostIterations) this.isSpent = true;
  }

  gaps(gapMs: number, count: number): void {
    this.#gaps[this.#gaps.length - 1].add(gapMs, count);
  }

  preempted(): void {
    this.preemptions++;
  }

  lost(): void {
    this.losses++;
  }

  completed(request: SimulatedRequest): void {
    this.completions++;
    this.#ttftMs.push(request.ttftMs);
    this.#waitMs.push(request.waitMs);
    this.#residualMs.push(request.residualMs);
    this.#itlMs.push(request.itlMs);
    this.#responseMs.push(request.responseMs);
    if (--this.#left === 0) this.#nextBatch();
  }

  #nextBatch(): void {
    this.#milestones.pass(this.#reached(this.inBatch.untilMs));
    if (this.#gaps.length === 2 * FINE_BATCHES) {
      for (let i = 0; i < FINE_BATCHES; i++) {
        const pair = this.#gaps[2 * i];
        pair.merge(this.#gaps[2 * i + 1]);
        this.#gaps[i] = pair;
      }
      this.#gaps.length = FINE_BATCHES;
      this.#milestones.join();
      this.#batchSize *= 2;
    }
    this.#gaps.push(new LogHistogram());
    this.#left = this.#batchSize;
  }

  /** Whether a new fine batch has just begun, and there are enough for intervals: a moment to look. */
  get isDue(): boolean {
    return this.#left === this.#batchSize && this.completions >= LEAST_REQUESTS;
  }

  /** Of TTFT and ITL the wider half width of the mean, as a share of it; NaN: not known. */
  get relativeHalfWidth(): number {
    const grouping = this.#grouping();
    const ttft = this.#seriesEstimate(this.#ttftMs, grouping);
    const itl = this.#meanEstimate(grouping, (stretch) => this.#gapMean(stretch));
    // Requests of one token each have no gaps.
    const ofItl = Number.isNaN(itl.mean) ? 0 : itl.halfWidth / itl.mean;
    return Math.max(ttft.halfWidth / ttft.mean, ofItl);
  }

  /** @param further shares whose quantiles are told beside those of CURVE */
  measured(further: readonly number[] = []): Measured {
    const grouping = this.#grouping();
    const { from, to } = this.#requestsOf(grouping.counted);
    return {
      ttftMs: this.#distribution(this.#ttftMs, grouping, further),
      itlMs: this.#gapDistribution(grouping, further),
      itlOfRequestMs: this.#distribution(this.#itlMs, grouping, further),
      waitMs: this.#distribution(this.#waitMs, grouping, further),
      responseMs: this.#distribution(this.#responseMs, grouping, further),
      residualMs: this.#seriesEstimate(this.#residualMs, grouping),
      requests: to - from,
    };
  }

  /** @param nowMs how far the run has come */
  flow(nowMs: number, arrivals: number): Flow {
    return this.#isSteady
      ? this.#milestones.flow(this.#grouping())
      : flowOfAll(this.#reached(nowMs), arrivals);
  }

  #reached(atMs: number): Milestone {
    return { atMs, completions: this.completions, losses: this.losses, serviceMs: this.inBatch.area };
  }

  /** Whether there is a start to leave out: a run that is too short for that, or is to be seen whole, counts to its very end. */
  get #isSteady(): boolean {
    return this.#isStationary && this.#gaps.length - 1 > FINE_BATCHES / 4;
  }

  #grouping(): Grouping {
    const isSteady = this.#isSteady;
    return groupingOf(isSteady ? this.#gaps.length - 1 : this.#gaps.length, isSteady);
  }

  #requestsOf({ from, to }: Stretch): Stretch {
    const size = this.#batchSize;
    return { from: from * size, to: Math.min(to * size, this.completions) };
  }

  #distribution(series: Series, { counted, groups }: Grouping, further: readonly number[]): Distribution {
    const ofStretch = (stretch: Stretch) => {
      const { from, to } = this.#requestsOf(stretch);
      return series.sorted(from, to);
    };
    return distribution(ofStretch(counted), groups, groups.map(ofStretch), further, meanOf, quantileOf);
  }

  #gapDistribution({ counted, groups }: Grouping, further: readonly number[]): Distribution {
    const gapsOf = (stretch: Stretch) => this.#gapsOf(stretch);
    return distribution(
      gapsOf(counted),
      groups,
      groups.map(gapsOf),
      further,
      (gaps) => gaps.mean,
      (gaps, p) => gaps.quantile(p),
    );
  }

  #gapsOf({ from, to }: Stretch): LogHistogram {
    const all = new LogHistogram();
    for (const gaps of this.#gaps.slice(from, to)) all.merge(gaps);
    return all;
  }

  #gapMean({ from, to }: Stretch): number {
    let sum = 0;
    let weight = 0;
    for (const gaps of this.#gaps.slice(from, to)) {
      if (gaps.weight === 0) continue;
      sum += gaps.mean * gaps.weight;
      weight += gaps.weight;
    }
    return sum / weight;
  }

  #meanEstimate({ counted, groups }: Grouping, meanOfStretch: (stretch: Stretch) => number): Estimate {
    const mean = meanOfStretch(counted);
    return { mean, halfWidth: halfWidthOf(figuresOf(groups, groups.map(meanOfStretch)), mean) };
  }

  #seriesEstimate(series: Series, grouping: Grouping): Estimate {
    return this.#meanEstimate(grouping, (stretch) => {
      const { from, to } = this.#requestsOf(stretch);
      return series.mean(from, to);
    });
  }
}
