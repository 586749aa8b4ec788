import { analyze, ratesOf } from '../queueing/analysis.ts';
import { searchBatchLimit } from '../queueing/concurrency.ts';
import { newMetrics, type Queue } from '../queueing/queue-model.ts';
import { sizeRate } from '../queueing/sizing.ts';
import { chosen, type Registry } from '../registry.ts';
import type { Targets } from '../schemas/fleet.ts';
import type {
  Analysis,
  AnalyzeRequest,
  Concurrency,
  ConcurrencyRequest,
  SizeRequest,
  Sizing,
  Station,
} from '../schemas/station.ts';
import type { StrategyChoice } from '../schemas/strategy.ts';
import { DEFAULT_QUEUE_MODEL } from './optimize-request.ts';

// The answers about one station. The requests are valid.

/** Metrics of a station at every rate that the request names. */
export function analyzeRequest(
  { station, requestsPerSec, queueModel }: AnalyzeRequest,
  registry: Registry,
): Analysis {
  const { queue, name } = prepare(station, queueModel, registry);
  const scratch = newMetrics();
  return {
    queueModel: { name },
    maxRequestsPerSec: queue.maxRequestsPerSec,
    points: ratesOf(requestsPerSec).map((rate) => analyze(queue, rate, scratch)),
  };
}

/** The highest rate within all targets, and within each alone; infeasible is an answer. */
export function sizeRequest(
  { station, targets, requestsPerSec, queueModel }: SizeRequest,
  registry: Registry,
): Sizing {
  const { queue, name } = prepare(station, queueModel, registry);
  const scratch = newMetrics();
  if (queue.maxRequestsPerSec === 0) {
    return { queueModel: { name }, ...INFEASIBLE_SIZING, binding: null, reason: UNMEASURED, best: null };
  }
  const sized = sizeRate(queue, targets, scratch);
  if (!sized.feasible) {
    return {
      queueModel: { name },
      ...INFEASIBLE_SIZING,
      binding: sized.binding,
      ...unreachable(queue, targets),
    };
  }
  const at = analyze(queue, sized.requestsPerSec, scratch);
  const rateOf = (target: Targets) => {
    const alone = sizeRate(queue, target, scratch);
    return alone.feasible ? alone.requestsPerSec : null;
  };
  const { ttftMs = 0, itlMs = 0, minTokensPerSec = 0 } = targets;
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
      minTokensPerSec: rateOf({ minTokensPerSec }),
    },
    at,
    replicas: planned === undefined ? null : Math.ceil(planned / at.throughputPerSec),
    reason: null,
    best: null,
  };
}

/** A small batch limit below the station's own. */
export function concurrencyRequest(
  { station, targets, queueModel }: ConcurrencyRequest,
  registry: Registry,
): Concurrency {
  const { queue, name } = prepare(station, queueModel, registry);
  const scratch = newMetrics();
  const found = searchBatchLimit(queue, targets, scratch);
  if (!found) {
    const { reason } = queue.maxRequestsPerSec === 0 ? { reason: UNMEASURED } : unreachable(queue, targets);
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
  const sized = sizeRate(limited, targets, scratch);
  const at = sized.feasible ? analyze(limited, sized.requestsPerSec, scratch) : null;
  return { queueModel: { name }, feasible: true, ...found, at, reason: null };
}

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

function prepare(station: Station, choice: StrategyChoice | undefined, registry: Registry) {
  const { strategy, options } = chosen(registry.queueModels, choice, DEFAULT_QUEUE_MODEL);
  return { queue: strategy.prepare(station, options), name: strategy.name };
}

/** Which targets an all but empty replica misses, and what it reaches. */
function unreachable(queue: Queue, targets: Targets): Pick<Sizing, 'reason' | 'best'> {
  const { ttftMs, itlMs } = analyze(queue, queue.minRequestsPerSec);
  const best = {
    ...(targets.ttftMs && ttftMs !== null && ttftMs > targets.ttftMs && { ttftMs }),
    ...(targets.itlMs && itlMs !== null && itlMs > targets.itlMs && { itlMs }),
  };
  const parts = Object.entries(best).map(
    ([target, value]) =>
      `${target} is ${value.toPrecision(4)} with no load, the target is ${targets[target as 'ttftMs' | 'itlMs']}`,
  );
  const text = parts.length > 0 ? `${parts.join('; ')}.` : 'No rate meets all targets at once.';
  return { reason: { code: 'targets-unreachable', text }, best };
}
