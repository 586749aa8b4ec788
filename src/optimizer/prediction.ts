import { boundOf } from '../queueing/latency-bounds.ts';
import { asTargeted, namesPercentile } from '../queueing/percentile-view.ts';
import type { Targets } from '../schemas/fleet.ts';
import type { Predicted } from '../schemas/server-plan.ts';
import type { Serving } from './demand.ts';
import type { Sizer } from './sizer.ts';

/** Shares of load are decided to about this: a replica that is full has the highest rate, not more than it. */
const ROUNDING = 1 + 2e-6;

/** Metrics at what is given: too few replicas show their overload. */
export function predict(
  requestsPerSec: number,
  { queue }: Serving,
  replicas: number,
  targets: Targets,
  sizer: Sizer,
): Predicted | null {
  if (!queue) return null;
  const highest = queue.maxRequestsPerSec;
  const wanted = requestsPerSec / replicas;
  const isEmpty = requestsPerSec === 0;
  const loaded = wanted <= highest * ROUNDING ? Math.min(wanted, highest) : wanted;
  const rate = isEmpty ? queue.minRequestsPerSec / 1000 : loaded;
  const point = sizer.metrics(queue, rate);
  const targeted = namesPercentile(targets) ? sizer.metrics(asTargeted(queue, targets), rate) : null;
  return {
    status: point.status,
    ttftMs: point.ttftMs,
    itlMs: point.itlMs,
    responseMs: point.responseMs,
    ttftAtPercentileMs: targeted && targets.ttftMs && targets.ttftPercentile ? targeted.ttftMs : null,
    itlAtPercentileMs: targeted && targets.itlMs && targets.itlPercentile ? targeted.itlMs : null,
    waitMs: isEmpty ? 0 : point.waitMs,
    throughputPerSec: isEmpty ? 0 : point.throughputPerSec * replicas,
    lossFraction: isEmpty ? 0 : point.lossFraction,
    utilizationFraction: isEmpty ? 0 : point.utilizationFraction,
  };
}

/** What one variant of several does, and how many requests it can hold. */
interface Part {
  readonly predicted: Predicted | null;
  readonly loadFraction: number | null;
  readonly slots: number;
}

/**
 * What the parts come to: latencies and losses by the share of the load that sees them; one overloaded part is an overload. Of
 * percentiles the highest: what each part keeps, all of them together keep.
 */
export function predictedTogether(parts: readonly Part[]): Predicted | null {
  if (parts.length <= 1) return parts[0]?.predicted ?? null;
  // Spare replicas may get nothing.
  const busy = parts.flatMap(({ predicted, loadFraction, slots }) =>
    predicted && loadFraction ? [{ predicted, loadFraction, slots }] : [],
  );
  if (busy.length === 0) return parts[0].predicted;
  const all = busy.reduce((sum, { loadFraction }) => sum + loadFraction, 0);
  const slots = busy.reduce((sum, part) => sum + part.slots, 0);
  const mean = (metric: 'ttftMs' | 'itlMs' | 'responseMs' | 'waitMs' | 'lossFraction') =>
    busy.reduce<number | null>((sum, { predicted, loadFraction }) => {
      const value = predicted[metric];
      return sum === null || value === null ? null : sum + (loadFraction / all) * value;
    }, 0);
  const highest = (metric: 'ttftAtPercentileMs' | 'itlAtPercentileMs') =>
    busy.reduce<number | null>((most, { predicted }) => {
      const value = predicted[metric];
      return most === null || value === null ? null : Math.max(most, value);
    }, 0);
  const isStable = busy.every(({ predicted }) => predicted.status === 'stable');
  return {
    status: isStable ? 'stable' : 'overloaded',
    ttftMs: mean('ttftMs'),
    itlMs: mean('itlMs'),
    responseMs: mean('responseMs'),
    ttftAtPercentileMs: highest('ttftAtPercentileMs'),
    itlAtPercentileMs: highest('itlAtPercentileMs'),
    waitMs: mean('waitMs'),
    throughputPerSec: busy.reduce((sum, { predicted }) => sum + predicted.throughputPerSec, 0),
    lossFraction: mean('lossFraction')!,
    utilizationFraction: busy.reduce(
      (sum, part) => sum + (part.slots / slots) * part.predicted.utilizationFraction,
      0,
    ),
  };
}

/** The TTFT that the target is about: at its percentile, else the mean. */
export function ttftFor({ ttftPercentile }: Targets, predicted: Predicted): number | null {
  return ttftPercentile ? predicted.ttftAtPercentileMs : predicted.ttftMs;
}

/** The ITL that the target is about. */
export function itlFor({ itlPercentile }: Targets, predicted: Predicted): number | null {
  return itlPercentile ? predicted.itlAtPercentileMs : predicted.itlMs;
}

export function isWithin(predicted: Predicted, targets: Targets): boolean {
  const { status, ttftMs, itlMs, responseMs } = predicted;
  // Latencies that are not told were within the targets when the rates were measured.
  const waitsForEver = ttftMs === null && itlMs !== null && Boolean(targets.ttftMs || targets.e2eMs);
  return (
    status === 'stable' &&
    !waitsForEver &&
    (ttftFor(targets, predicted) ?? 0) <= boundOf(targets.ttftMs) &&
    (itlFor(targets, predicted) ?? 0) <= boundOf(targets.itlMs) &&
    (responseMs ?? 0) <= boundOf(targets.e2eMs)
  );
}
