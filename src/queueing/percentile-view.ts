import type { Targets } from '../schemas/fleet.ts';
import type { Queue } from './queue-model.ts';

/** Whether a latency is to hold at a percentile. */
export function namesPercentile(targets: Targets): boolean {
  const { ttftPercentile, itlPercentile } = targets;
  return Boolean((ttftPercentile && targets.ttftMs) || (itlPercentile && targets.itlMs));
}

/** The station as its targets look at it: at their percentiles; itself where they name none, or it tells no latencies. */
export function asTargeted(queue: Queue, targets: Targets): Queue {
  if (!namesPercentile(targets) || !queue.atPercentiles) return queue;
  const { ttftMs, itlMs, ttftPercentile, itlPercentile } = targets;
  return queue.atPercentiles({
    ttft: (ttftMs && ttftPercentile) || undefined,
    itl: (itlMs && itlPercentile) || undefined,
  });
}
