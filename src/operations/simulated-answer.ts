import type { SimulatedLatency, StationSimulated } from '../schemas/simulation-answer.ts';
import { CURVE, type Distribution } from '../simulator/distribution.ts';
import type { Simulated } from '../simulator/simulator.ts';

/** Losses from which a line with a limit is overloaded: a long one loses so much as soon as 1 % too much comes. */
const MOST_LOST_FRACTION = 0.01;

/**
 * What a simulation saw, as it is answered: what is not known is null.
 *
 * @param isUnlimited some line has no limit
 * @param further shares whose quantiles were asked for beside those of the curve
 */
export function simulatedOf(
  simulated: Simulated,
  seed: number,
  isUnlimited: boolean,
  further: readonly number[] = [],
): StationSimulated {
  const { overTime, simulatedMs, residualMs, halfWidths } = simulated;
  const places = meanOver(overTime.places, overTime.stepMs, simulatedMs);
  const growsForEver = isUnlimited && simulated.isOverloaded;
  const told = (latency: Distribution) => latencyOf(latency, further);
  const bounded = (latency: Distribution) => (growsForEver ? null : told(latency));
  return {
    stoppedBecause: simulated.stoppedBecause,
    status: simulated.isOverloaded || simulated.lossFraction > MOST_LOST_FRACTION ? 'overloaded' : 'stable',
    requests: simulated.arrivals,
    measuredRequests: simulated.requests,
    completions: simulated.completions,
    losses: simulated.losses,
    preemptions: simulated.preemptions,
    iterations: simulated.iterations,
    ttftMs: bounded(simulated.ttftMs),
    itlMs: told(simulated.itlMs),
    itlOfRequestMs: told(simulated.itlOfRequestMs),
    waitMs: bounded(simulated.waitMs),
    responseMs: bounded(simulated.responseMs),
    residualMs: { mean: known(residualMs.mean), halfWidth: known(residualMs.halfWidth) },
    throughputPerSec: known(simulated.throughputPerSec),
    lossFraction: known(simulated.lossFraction),
    utilizationFraction: known(simulated.inService / places),
    halfWidths: {
      throughputPerSec: known(halfWidths.throughputPerSec),
      lossFraction: known(halfWidths.lossFraction),
      utilizationFraction: known(halfWidths.inService / places),
    },
    utilization: {
      stepSec: overTime.stepMs / 1000,
      values: overTime.inService.map((inService, i) => known(inService / overTime.places[i])),
    },
    seed,
    simulatedSec: simulatedMs / 1000,
  };
}

function latencyOf(latency: Distribution, further: readonly number[]): SimulatedLatency {
  const { mean, p50, p90, p95, p99, halfWidth, halfWidths, curve } = latency;
  return {
    mean: known(mean),
    p50: known(p50),
    p90: known(p90),
    p95: known(p95),
    p99: known(p99),
    halfWidth: known(halfWidth),
    halfWidths: {
      p50: known(halfWidths.p50),
      p90: known(halfWidths.p90),
      p95: known(halfWidths.p95),
      p99: known(halfWidths.p99),
    },
    quantiles: [
      ...CURVE.map((fraction, i) => ({ fraction, ms: curve[i] })),
      ...further.map((fraction, i) => ({ fraction, ms: latency.further[i] })),
    ]
      .filter(({ ms }) => Number.isFinite(ms))
      .sort((a, b) => a.fraction - b.fraction),
  };
}

/** Mean of the levels of stretches, of which the last ends with the run. */
function meanOver(levels: readonly number[], stepMs: number, untilMs: number): number {
  const area = levels.reduce((sum, level, i) => sum + level * Math.min(stepMs, untilMs - i * stepMs), 0);
  return area / untilMs;
}

function known(value: number | undefined): number | null {
  return Number.isFinite(value) ? value! : null;
}
