import type { LinearLaw } from './laws/linear.ts';
import type { QueueMetrics } from './queue-model.ts';

/**
 * Writes the latencies of a request that sees a batch of `batch` while it is served, and what follows from Little's law; wait,
 * loss and throughput stand in `metrics` already (the throughput in requests/s).
 *
 * @param batch requests in service, the request itself among them
 * @param others those that it finds, for the terms of the first token
 * @param timeInServiceMs prefill and decode under α, β and γ alone
 */
export function writeLatencies(
  metrics: QueueMetrics,
  law: LinearLaw,
  chunks: number,
  batch: number,
  others: number,
  timeInServiceMs: number,
): void {
  const prefillMs = law.prefillMs(batch, chunks);
  metrics.prefillMs = prefillMs;
  metrics.itlMs = (timeInServiceMs - prefillMs) / law.outputTokens;
  metrics.ttftMs = metrics.waitMs + prefillMs + metrics.itlMs;
  metrics.responseMs = metrics.waitMs + timeInServiceMs;
  metrics.inService = (metrics.throughputPerSec / 1000) * timeInServiceMs;
  metrics.segment = chunks;
  if (law.hasFirstTokenTerms) {
    if (law.hasOwnPrefill) metrics.prefillMs = law.ownPrefillMs(others, chunks);
    const laterMs = law.beforePrefillMs(others, chunks) + metrics.prefillMs - prefillMs;
    metrics.ttftMs += laterMs;
    metrics.responseMs += laterMs;
  }
}
