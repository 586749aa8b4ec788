import type { BalancerName } from '../schemas/simulation-process.ts';
import { balancer } from './balancer.ts';
import type { Flow } from './flow.ts';
import { LevelOverTime } from './level-over-time.ts';
import { type Measured, Measurements } from './measurements.ts';
import { randomStreams } from './random.ts';
import { type ReplicaKind, ReplicaSet } from './replica-set.ts';
import type { SimulatedRequest } from './request.ts';
import { requestsOf, type Stream } from './requests.ts';

/** A number of replicas of a kind that start, drain or stop at a time. */
export interface Change {
  readonly atMs: number;
  readonly action: 'start' | 'drain' | 'stop';
  readonly kind: ReplicaKind;
  readonly replicas: number;
}

export interface Simulation extends Stream {
  /** What is up at the start. */
  readonly replicas: readonly { readonly kind: ReplicaKind; readonly replicas: number }[];
  /** In the order of time. */
  readonly changes: readonly Change[];
  readonly balancer: BalancerName;
  readonly seed: number;
  readonly budget: Budget;
  /** The run ends when the 95 % confidence intervals of mean TTFT and ITL are within so much of their means; 0: when its budget is spent. */
  readonly precisionFraction: number;
  /** Shares whose quantiles are told beside those of CURVE. */
  readonly furtherQuantiles?: readonly number[];
}

export interface Budget {
  readonly requests: number;
  /** Simulated time. */
  readonly ms: number;
  /** Iterations of all replicas, which are the work of a simulation. Absent: no limit. */
  readonly iterations?: number;
}

export interface Simulated extends Measured {
  readonly stoppedBecause: 'interval' | 'budget' | 'end-of-arrivals';
  /** More arrive than can be served, so that the line grows as long as the run lasts. */
  readonly isOverloaded: boolean;
  readonly simulatedMs: number;
  readonly arrivals: number;
  readonly completions: number;
  readonly losses: number;
  readonly preemptions: number;
  readonly iterations: number;
  // In a steady state of all but the start.
  readonly throughputPerSec: number;
  /** Share of the requests that was lost. */
  readonly lossFraction: number;
  /** Mean requests in service. */
  readonly inService: number;
  /** Half widths of the 95 % confidence intervals of these three; NaN: not known. */
  readonly halfWidths: Readonly<Record<keyof Flow, number>>;
  /** Mean requests in service, and places for them, over stretches of time. */
  readonly overTime: { readonly stepMs: number; readonly inService: number[]; readonly places: number[] };
}

/** Requests between two reports of progress. */
const REPORT_EVERY = 1024;

/**
 * Simulates requests one by one, and the iterations that serve them. The same simulation gives the same result.
 *
 * @param progress called with the share of the budget that is used, 0 … 1
 */
export function simulate(simulation: Simulation, progress?: (share: number) => void): Simulated {
  return new Run(simulation).run(progress);
}

class Run {
  readonly #simulation: Simulation;
  readonly #isStationary: boolean;
  readonly #measurements: Measurements;
  readonly #set: ReplicaSet;
  readonly #next: () => SimulatedRequest | null;
  readonly #places = new LevelOverTime();
  #placesNow = 0;
  #placesSinceMs = 0;
  #changes = 0;
  #arrivals = 0;
  #nowMs = 0;
  /** Requests that waited when half of the budget was used; null: so much is not used yet. */
  #waitingHalfway: number | null = null;

  constructor(simulation: Simulation) {
    const { arrivals, changes } = simulation;
    const [ofTimes, ofInputs, ofOutputs, ofBalancer] = randomStreams(simulation.seed, 4);
    this.#simulation = simulation;
    this.#isStationary = changes.length === 0 && arrivals.kind !== 'rates' && arrivals.kind !== 'trace';
    this.#measurements = new Measurements(this.#isStationary, simulation.budget.iterations);
    this.#set = new ReplicaSet(balancer(simulation.balancer, ofBalancer), this.#measurements);
    this.#next = requestsOf(simulation, ofTimes, ofInputs, ofOutputs);
    for (const { kind, replicas } of simulation.replicas) {
      for (let i = 0; i < replicas; i++) this.#set.start(kind);
    }
    this.#placesNow = this.#set.places;
  }

  run(progress?: (share: number) => void): Simulated {
    const { budget, precisionFraction } = this.#simulation;
    const measurements = this.#measurements;
    let stoppedBecause: Simulated['stoppedBecause'] = 'budget';
    while (this.#arrivals < budget.requests) {
      const request = this.#next();
      if (request === null) {
        stoppedBecause = 'end-of-arrivals';
        break;
      }
      const untilMs = Math.min(request.arrivalMs, budget.ms);
      this.#changeUntil(untilMs);
      this.#goTo(untilMs);
      if (request.arrivalMs > budget.ms || measurements.isSpent) break;
      this.#set.offer(request);
      this.#arrivals++;
      const used = this.#usedShare();
      if (used >= 0.5) this.#waitingHalfway ??= this.#set.waiting;
      if (progress && this.#arrivals % REPORT_EVERY === 0) progress(Math.min(1, used));
      if (
        precisionFraction > 0 &&
        measurements.isDue &&
        measurements.relativeHalfWidth <= precisionFraction
      ) {
        stoppedBecause = 'interval';
        break;
      }
    }
    // A steady state is cut off anywhere; what has a beginning and an end is seen to its end.
    if (!this.#isStationary) this.#finish();
    progress?.(1);
    return this.#result(measurements.isSpent ? 'budget' : stoppedBecause);
  }

  #usedShare(): number {
    const { requests, ms, iterations = Number.POSITIVE_INFINITY } = this.#simulation.budget;
    return Math.max(this.#arrivals / requests, this.#nowMs / ms, this.#measurements.iterations / iterations);
  }

  #goTo(timeMs: number): void {
    this.#set.advance(timeMs);
    this.#nowMs = this.#measurements.isSpent ? this.#reachedMs : timeMs;
    if (this.#set.places !== this.#placesNow) this.#settlePlaces();
  }

  #settlePlaces(): void {
    this.#places.add(this.#placesSinceMs, this.#nowMs, this.#placesNow);
    this.#placesSinceMs = this.#nowMs;
    this.#placesNow = this.#set.places;
  }

  #changeUntil(untilMs: number): void {
    const { changes } = this.#simulation;
    for (let change = changes[this.#changes]; change && change.atMs <= untilMs; ) {
      this.#goTo(change.atMs);
      for (let i = 0; i < change.replicas; i++) this.#set[change.action](change.kind);
      if (this.#set.places !== this.#placesNow) this.#settlePlaces();
      change = changes[++this.#changes];
    }
  }

  #finish(): void {
    this.#changeUntil(this.#simulation.budget.ms);
    this.#set.advance(Number.POSITIVE_INFINITY);
    this.#nowMs = this.#reachedMs;
  }

  get #reachedMs(): number {
    return Math.max(this.#nowMs, this.#measurements.inBatch.untilMs);
  }

  #result(stoppedBecause: Simulated['stoppedBecause']): Simulated {
    const { completions, losses, preemptions, iterations, inBatch } = this.#measurements;
    const nowMs = this.#nowMs;
    const { throughputPerSec, lossFraction, inService } = this.#measurements.flow(nowMs, this.#arrivals);
    this.#settlePlaces();
    const stepMs = Math.max(inBatch.widthMs, this.#places.widthMs);
    return {
      ...this.#measurements.measured(this.#simulation.furtherQuantiles),
      stoppedBecause,
      isOverloaded: this.#isOverloaded(),
      simulatedMs: nowMs,
      arrivals: this.#arrivals,
      completions,
      losses,
      preemptions,
      iterations,
      throughputPerSec: throughputPerSec.mean,
      lossFraction: lossFraction.mean,
      inService: inService.mean,
      halfWidths: {
        throughputPerSec: throughputPerSec.halfWidth,
        lossFraction: lossFraction.halfWidth,
        inService: inService.halfWidth,
      },
      overTime: {
        stepMs,
        inService: inBatch.levels(nowMs, stepMs),
        places: this.#places.levels(nowMs, stepMs),
      },
    };
  }

  /** A line that has grown by half since halfway, and is longer than chance makes it, which is about the square root of what came. */
  #isOverloaded(): boolean {
    const { waiting } = this.#set;
    return (
      this.#isStationary &&
      waiting > 1.5 * (this.#waitingHalfway ?? 0) &&
      waiting > Math.max(0.01 * this.#arrivals, 4 * Math.sqrt(this.#arrivals))
    );
  }
}
