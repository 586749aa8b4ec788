import { normalQuantile } from '../numerics/normal-quantile.ts';
import type { Targets } from '../schemas/fleet.ts';
import type { ServiceTime } from '../schemas/model.ts';
import { LEAST_PARAMETER } from '../schemas/station-meaning.ts';
import { PARAMETERS } from './log-covariance.ts';
import type { Queue, QueueMetrics } from './queue-model.ts';

// Parameters at the unfavourable end of what is known of them. Pushing each to its own end would be far too pessimistic: their errors
// are correlated, and what several of them make up together is known better than each. So they are moved together, in the one
// direction in which what matters grows most for their covariance P: with g the gradient of ln(what matters) by the logarithms x of the
// parameters, x + z·P·g/√(gᵀPg). That is the point of the ellipsoid of z standard errors at which ln(what matters) is largest, to first
// order (Hasofer and Lind, Exact and Invariant Second-Moment Code Format, 1974). The latencies are sums of products of the parameters,
// hence all but convex in x: what grows at the start of that way grows all along it, and more confidence never allows a higher rate.

const ORDER = PARAMETERS.length;

/** What the interface takes: a parameter that nothing is known of ends there, not at Infinity. */
const MOST_PARAMETER = 1e6;

/** How far a parameter is moved for the gradient (relative): so little that a jump of the latencies is hardly ever on the way … */
const STEP = 1e-5;
/** … looked at a little below the highest rate, which may be just at a jump, or at the limit of what is stable. */
const BELOW = 0.999;

/** Where the latencies may jump, the way to the end is looked at in steps of so many standard errors, and no further apart. */
const DEPTH_STEP = 0.25;

/** How many standard errors are to be covered, one-sided. 0.5: none. */
export function deviationsOf(confidence: number): number {
  return normalQuantile(confidence);
}

/** A replica with the parameters as they are, at its highest rate within the targets. */
export interface LikelyReplica {
  readonly queue: Queue;
  readonly requestsPerSec: number;
  readonly targets: Targets;
}

/** Parameters at an unfavourable end, with the queue that they make. */
export interface UnfavourableEnd {
  readonly serviceTime: ServiceTime;
  readonly queue: Queue;
}

/**
 * How far out to look. Where the latencies rise with no jump the end is the worst of the way; else more confidence must not step over a
 * jump to where less of it would be sized higher: all of the steps up to it count, and the last is at the end or beyond.
 */
function depthsOf({ rises }: Queue, deviations: number): number[] {
  if (rises) return [deviations];
  return Array.from({ length: Math.ceil(deviations / DEPTH_STEP) }, (_, i) => (i + 1) * DEPTH_STEP);
}

/**
 * The unfavourable ends for each latency that has a target, and for the highest stable rate.
 *
 * @param prepare the same replica with other parameters
 */
export function unfavourable(
  { queue, requestsPerSec, targets }: LikelyReplica,
  serviceTime: ServiceTime,
  covariance: Float64Array,
  deviations: number,
  prepare: (serviceTime: ServiceTime) => Queue,
  scratch: QueueMetrics,
): UnfavourableEnd[] {
  const rate = BELOW * requestsPerSec;
  const here = logarithmsAt(queue, rate, scratch);
  const slopes = PARAMETERS.map((name) => {
    if (serviceTime[name] === 0) return { ttft: 0, itl: 0, response: 0, load: 0 };
    const slower = prepare({ ...serviceTime, [name]: serviceTime[name] * (1 + STEP) });
    const there = logarithmsAt(slower, rate, scratch);
    return {
      ttft: there.ttft - here.ttft,
      itl: there.itl - here.itl,
      response: there.response - here.response,
      load: there.load - here.load,
    };
  });
  const matters = [
    ...(targets.ttftMs ? (['ttft'] as const) : []),
    ...(targets.itlMs ? (['itl'] as const) : []),
    ...(targets.e2eMs ? (['response'] as const) : []),
    'load' as const,
  ];
  return matters.flatMap((what) => {
    const direction = steepest(
      covariance,
      slopes.map((slope) => slope[what]),
    );
    if (!direction) return [];
    return depthsOf(queue, deviations).map((depth) => {
      const moved = movedAlong(direction, depth, serviceTime);
      return { serviceTime: moved, queue: prepare(moved) };
    });
  });
}

function movedAlong(direction: readonly number[], depth: number, serviceTime: ServiceTime): ServiceTime {
  const moved = { ...serviceTime };
  for (const [i, name] of PARAMETERS.entries()) {
    const there = moved[name] * Math.exp(depth * direction[i]);
    if (moved[name] > 0) moved[name] = Math.min(MOST_PARAMETER, Math.max(LEAST_PARAMETER, there));
  }
  return moved;
}

/** Logarithms of the latencies at a rate, and of the utilization that it means. */
function logarithmsAt(queue: Queue, requestsPerSec: number, scratch: QueueMetrics) {
  queue.evaluate(requestsPerSec, scratch);
  return {
    ttft: Math.log(scratch.ttftMs),
    itl: Math.log(scratch.itlMs),
    response: Math.log(scratch.responseMs),
    load: -Math.log(queue.maxRequestsPerSec),
  };
}

/** P·g/√(gᵀPg); null: what matters does not depend on what is uncertain. */
function steepest(covariance: Float64Array, gradient: readonly number[]): number[] | null {
  const along = gradient.map((_, i) =>
    gradient.reduce((sum, slope, j) => sum + covariance[i * ORDER + j] * slope, 0),
  );
  const variance = gradient.reduce((sum, slope, i) => sum + slope * along[i], 0);
  return variance > 0 ? along.map((value) => value / Math.sqrt(variance)) : null;
}
