import type { Targets } from '../schemas/fleet.ts';
import type { Queue, QueueMetrics } from './queue-model.ts';
import { type SizedRate, sizeRate } from './sizing.ts';

/** Sized throughput may fall this far below that at the ceiling: half of 2 %. */
const TOLERATED_LOSS = 0.01;

export interface BatchLimit {
  readonly maxBatchSize: number;
  /** Sized throughput at that limit (requests/s). */
  readonly throughputPerSec: number;
  /** Sized throughput at the ceiling (requests/s). */
  readonly ceilingThroughputPerSec: number;
}

/** A batch limit with what was found there. */
export interface FoundBatchLimit {
  readonly queue: Queue;
  readonly sized: SizedRate;
  readonly throughputPerSec: number;
  readonly ceilingThroughputPerSec: number;
}

/**
 * A small batch limit whose sized throughput is within 1 % of that at the ceiling, the batch limit of `queue`; null when
 * the targets are unreachable. Sized throughput is not monotone in the limit, so it need not be the smallest.
 */
export function searchBatchLimit(queue: Queue, targets: Targets, scratch: QueueMetrics): BatchLimit | null {
  const found = findBatchLimit(queue, targets, scratch);
  if (!found) return null;
  const { throughputPerSec, ceilingThroughputPerSec } = found;
  return { maxBatchSize: found.queue.maxBatchSize, throughputPerSec, ceilingThroughputPerSec };
}

/** The same, with the queue under that limit and its sizing. */
export function findBatchLimit(
  queue: Queue,
  targets: Targets,
  scratch: QueueMetrics,
): FoundBatchLimit | null {
  const ceiling = queue.maxBatchSize;
  const at = (maxBatchSize: number, ceilingThroughputPerSec: number): FoundBatchLimit => {
    const limited = queue.withMaxBatchSize(maxBatchSize);
    const sized = sizeRate(limited, targets, scratch);
    const throughputPerSec = sized.feasible ? scratch.throughputPerSec : 0;
    return { queue: limited, sized, throughputPerSec, ceilingThroughputPerSec };
  };

  const { throughputPerSec: atCeiling, ...rest } = at(ceiling, Number.NaN);
  if (atCeiling === 0) return null;
  const enough = (1 - TOLERATED_LOSS) * atCeiling;

  let { low, high } = bracket(queue, targets);
  let found: FoundBatchLimit = { ...rest, throughputPerSec: atCeiling, ceilingThroughputPerSec: atCeiling };
  const reaches = (maxBatchSize: number) => {
    const limited = at(maxBatchSize, atCeiling);
    if (limited.throughputPerSec < enough) return false;
    found = limited;
    return true;
  };
  if (low === high || reaches(low)) high = low;
  else if (high < ceiling && !reaches(high)) high = ceiling;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (reaches(middle)) high = middle;
    else low = middle;
  }
  return found;
}

/** Where the closed forms expect the batch limit, as the reference takes it: an unset target gives 1. */
function bracket(queue: Queue, targets: Targets): { low: number; high: number } {
  const ceiling = queue.maxBatchSize;
  const { estimates } = queue;
  // What does not depend on the limit needs no search.
  if (queue.tellsLatencies === false) return { low: ceiling, high: ceiling };
  if (!estimates) return { low: 1, high: ceiling };
  const itl = targets.itlMs ? estimates.batchSizeForItl(targets.itlMs, ceiling) : 1;
  const ttft = targets.ttftMs ? estimates.batchSizeForTtft(targets.ttftMs, ceiling) : 1;
  return { low: Math.min(itl, ttft), high: Math.min(ceiling, 3 * Math.max(itl, ttft)) };
}
