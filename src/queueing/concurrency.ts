import type { Targets } from '../schemas/fleet.ts';
import type { Queue, QueueMetrics } from './queue-model.ts';
import { sizeRate } from './sizing.ts';

/** Sized throughput may fall this far below that at the ceiling: half of 2 %. */
const TOLERATED_LOSS = 0.01;

export interface BatchLimit {
  readonly maxBatchSize: number;
  /** Sized throughput at that limit (requests/s). */
  readonly throughputPerSec: number;
  /** Sized throughput at the ceiling (requests/s). */
  readonly ceilingThroughputPerSec: number;
}

/**
 * A small batch limit whose sized throughput is within 1 % of that at the ceiling, the batch limit of `queue`; null when
 * the targets are unreachable. Sized throughput is not monotone in the limit, so it need not be the smallest.
 */
export function searchBatchLimit(queue: Queue, targets: Targets, scratch: QueueMetrics): BatchLimit | null {
  const ceiling = queue.maxBatchSize;
  const throughputAt = (maxBatchSize: number) =>
    sizeRate(queue.withMaxBatchSize(maxBatchSize), targets, scratch).feasible ? scratch.throughputPerSec : 0;

  const ceilingThroughputPerSec = throughputAt(ceiling);
  if (ceilingThroughputPerSec === 0) return null;
  const enough = (1 - TOLERATED_LOSS) * ceilingThroughputPerSec;

  let { low, high } = bracket(queue, targets);
  let found = { maxBatchSize: ceiling, throughputPerSec: ceilingThroughputPerSec };
  const reaches = (maxBatchSize: number) => {
    const throughputPerSec = throughputAt(maxBatchSize);
    if (throughputPerSec < enough) return false;
    found = { maxBatchSize, throughputPerSec };
    return true;
  };
  if (low === high || reaches(low)) high = low;
  else if (high < ceiling && !reaches(high)) high = ceiling;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (reaches(middle)) high = middle;
    else low = middle;
  }
  return { ...found, ceilingThroughputPerSec };
}

/** Where the closed forms expect the batch limit, as the reference takes it: an unset target gives 1. */
function bracket(queue: Queue, targets: Targets): { low: number; high: number } {
  const ceiling = queue.maxBatchSize;
  const { estimates } = queue;
  if (!estimates) return { low: 1, high: ceiling };
  const itl = targets.itlMs ? estimates.batchSizeForItl(targets.itlMs, ceiling) : 1;
  const ttft = targets.ttftMs ? estimates.batchSizeForTtft(targets.ttftMs, ceiling) : 1;
  return { low: Math.min(itl, ttft), high: Math.min(ceiling, 3 * Math.max(itl, ttft)) };
}
