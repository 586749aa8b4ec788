import { wholeReplicas } from '../optimizer/demand.ts';
import { analyze, ratesOf, withPercentiles } from '../queueing/analysis.ts';
import { searchBatchLimit } from '../queueing/concurrency.ts';
import { extrapolationOf } from '../queueing/extrapolation.ts';
import { LATENCY_OF } from '../queueing/latency-bounds.ts';
import { asTargeted } from '../queueing/percentile-view.ts';
import { newMetrics, type Queue, type QueueMetrics } from '../queueing/queue-model.ts';
import { sizeRate } from '../queueing/sizing.ts';
import type { Registry } from '../registry.ts';
import type { Targets } from '../schemas/fleet.ts';
import type { Point } from '../schemas/metrics.ts';
import type {
  Analysis,
  AnalyzeRequest,
  Concurrency,
  ConcurrencyRequest,
  LatencyTarget,
  SizeRequest,
  Sizing,
  Station,
} from '../schemas/station.ts';
import type { StrategyChoice } from '../schemas/strategy.ts';
import { queueModelFor } from './queue-model-choice.ts';

// The answers about one station. The requests are valid.

/** Metrics of a station at every rate that the request names. */
export function analyzeRequest(
  { station, requestsPerSec, queueModel }: AnalyzeRequest,
  registry: Registry,
): Analysis {
  const { queue, name, extrapolated } = prepare(station, queueModel, [], registry);
  return {
    queueModel: { name },
    maxRequestsPerSec: queue.maxRequestsPerSec,
    points: pointsAt(queue, ratesOf(requestsPerSec), extrapolated, newMetrics()),
  };
}

/** The highest rate within all targets, and within each alone; infeasible is an answer. */
export function sizeRequest(
  { station, targets, requestsPerSec, queueModel }: SizeRequest,
  registry: Registry,
): Sizing {
  const { queue, name, extrapolated } = prepare(station, queueModel, [targets], registry);
  const scratch = newMetrics();
  if (queue.maxRequestsPerSec === 0) {
    return { queueModel: { name }, ...INFEASIBLE_SIZING, binding: null, reason: UNMEASURED, best: null };
  }
  const targeted = asTargeted(queue, targets);
  const sized = sizeRate(targeted, targets, scratch);
  if (!sized.feasible) {
    return {
      queueModel: { name },
      ...INFEASIBLE_SIZING,
      binding: sized.binding,
      ...unreachable(targeted, targets),
    };
  }
  const [at] = pointsAt(queue, [sized.requestsPerSec], extrapolated, scratch);
  const rateOf = (target: Targets) => {
    const alone = sizeRate(targeted, target, scratch);
    return alone.feasible ? alone.requestsPerSec : null;
  };
  const { ttftMs = 0, itlMs = 0, e2eMs = 0, minTokensPerSec = 0 } = targets;
  const planned = requestsPerSec && Math.max(requestsPerSec, minTokensPerSec / station.outputTokens);
  return {
    queueModel: { name },
    feasible: true,
    requestsPerSec: sized.requestsPerSec,
    throughputPerSec: at.throughputPerSec,
    binding: sized.binding,
    rateByTarget: {
      ttftMs: rateOf({ ttftMs }),
      itlMs: rateOf({ itlMs }),
      e2eMs: rateOf({ e2eMs }),
      minTokensPerSec: rateOf({ minTokensPerSec }),
    },
    at,
    replicas: planned === undefined ? null : wholeReplicas(planned / at.throughputPerSec),
    reason: null,
    best: null,
  };
}

/** A small batch limit below the station's own. */
export function concurrencyRequest(
  { station, targets, queueModel }: ConcurrencyRequest,
  registry: Registry,
): Concurrency {
  const { queue, name, extrapolated } = prepare(station, queueModel, [targets], registry);
  const scratch = newMetrics();
  const targeted = asTargeted(queue, targets);
  const found = searchBatchLimit(targeted, targets, scratch);
  if (!found) {
    const { reason } =
      queue.maxRequestsPerSec === 0 ? { reason: UNMEASURED } : unreachable(targeted, targets);
    return {
      queueModel: { name },
      feasible: false,
      maxBatchSize: null,
      throughputPerSec: null,
      ceilingThroughputPerSec: null,
      at: null,
      reason,
    };
  }
  const limited = queue.withMaxBatchSize(found.maxBatchSize);
  const sized = sizeRate(asTargeted(limited, targets), targets, scratch);
  const [at] = sized.feasible ? pointsAt(limited, [sized.requestsPerSec], extrapolated, scratch) : [null];
  return { queueModel: { name }, feasible: true, ...found, at, reason: null };
}

const LATENCY_TARGETS = Object.keys(LATENCY_OF) as LatencyTarget[];

const INFEASIBLE_SIZING = {
  feasible: false,
  requestsPerSec: null,
  throughputPerSec: null,
  rateByTarget: null,
  at: null,
  replicas: null,
};

/** A model of measured rates has none for these requests. */
const UNMEASURED = {
  code: 'size-unmeasured',
  text: 'No rate above 0 was measured for, or on all sides of, requests of this size; none is extrapolated.',
};

function prepare(
  station: Station,
  choice: StrategyChoice | undefined,
  targets: readonly Targets[],
  registry: Registry,
) {
  const { strategy, options } = queueModelFor(choice, targets, registry);
  // Measured rates are never extrapolated.
  const extrapolated = strategy.reads === 'throughput' ? null : station;
  return { queue: strategy.prepare(station, options), name: strategy.name, extrapolated };
}

/** Points as an answer shows them: with percentiles, and how far outside what was observed they are where that is known. */
function pointsAt(
  queue: Queue,
  rates: readonly number[],
  extrapolated: Station | null,
  scratch: QueueMetrics,
): Point[] {
  const points = withPercentiles(
    queue,
    rates.map((rate) => analyze(queue, rate, scratch)),
    scratch,
  );
  if (!extrapolated?.observedRange) return points;
  const { observedRange, inputTokens, outputTokens } = extrapolated;
  return points.map((point) => {
    const { inService } = point;
    const extrapolation = extrapolationOf(observedRange, { inputTokens, outputTokens, inService });
    return { ...point, ...(extrapolation && { extrapolation }) };
  });
}

/** Which targets an all but empty replica misses, and what it reaches. */
function unreachable(queue: Queue, targets: Targets): Pick<Sizing, 'reason' | 'best'> {
  const seen = analyze(queue, queue.minRequestsPerSec);
  const best = Object.fromEntries(
    LATENCY_TARGETS.flatMap((target) => {
      const value = seen[LATENCY_OF[target]];
      return targets[target] && value !== null && value > targets[target] ? [[target, value]] : [];
    }),
  );
  const parts = Object.entries(best).map(
    ([target, value]) =>
      `${target} is ${value.toPrecision(4)} with no load, the target is ${targets[target as LatencyTarget]}`,
  );
  const text = parts.length > 0 ? `${parts.join('; ')}.` : 'No rate meets all targets at once.';
  return { reason: { code: 'targets-unreachable', text }, best };
}
