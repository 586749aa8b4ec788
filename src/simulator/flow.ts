import { type Estimate, type Grouping, halfWidthOf, type Stretch } from './batches.ts';

/** What went through the replicas, per time. */
export interface Flow {
  /** Requests completed. */
  readonly throughputPerSec: Estimate;
  /** Share of the requests that was lost. Its half width is not known where none was. */
  readonly lossFraction: Estimate;
  /** Requests in service. */
  readonly inService: Estimate;
}

/** How far a run had come at a moment, all since its start. */
export interface Milestone {
  readonly atMs: number;
  readonly completions: number;
  readonly losses: number;
  /** Requests in service, integrated over time (ms). */
  readonly serviceMs: number;
}

const START: Milestone = { atMs: 0, completions: 0, losses: 0, serviceMs: 0 };

/** Where fine batches begin and end. */
export class Milestones {
  #passed = [START];

  pass(milestone: Milestone): void {
    this.#passed.push(milestone);
  }

  /** Batches are joined in pairs. */
  join(): void {
    this.#passed = this.#passed.filter((_, i) => i % 2 === 0);
  }

  flow({ counted, groups }: Grouping): Flow {
    const whole = this.#between(counted);
    const parts = groups.map((group) => this.#between(group));
    const estimate = (of: (lap: Milestone) => number, over: (lap: Milestone) => number): Estimate => {
      const mean = of(whole) / over(whole);
      const figures = parts.map((lap) => ({ weight: over(lap), value: of(lap) / over(lap) }));
      return { mean, halfWidth: halfWidthOf(figures, mean) };
    };
    const atMs = (lap: Milestone) => lap.atMs;
    const losses = estimate(
      (lap) => lap.losses,
      (lap) => lap.completions + lap.losses,
    );
    return {
      throughputPerSec: estimate((lap) => 1000 * lap.completions, atMs),
      lossFraction: whole.losses > 0 ? losses : { ...losses, halfWidth: Number.NaN },
      inService: estimate((lap) => lap.serviceMs, atMs),
    };
  }

  #between({ from, to }: Stretch): Milestone {
    const [start, end] = [this.#passed[from], this.#passed[to]];
    return {
      atMs: end.atMs - start.atMs,
      completions: end.completions - start.completions,
      losses: end.losses - start.losses,
      serviceMs: end.serviceMs - start.serviceMs,
    };
  }
}

/** Of a run that has no steady state, or is too short to have one: all of it. */
export function flowOfAll({ atMs, completions, losses, serviceMs }: Milestone, arrivals: number): Flow {
  const seen = (mean: number): Estimate => ({ mean, halfWidth: Number.NaN });
  return {
    throughputPerSec: seen((1000 * completions) / atMs),
    lossFraction: seen(losses / arrivals),
    inService: seen(serviceMs / atMs),
  };
}
