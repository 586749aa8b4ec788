import { Type } from '#typebox';
import type { Queue, QueueModel } from '../../src/queueing/queue-model.ts';
import type { Station } from '../../src/schemas/station.ts';

/**
 * A queue model for sums done by hand. A request takes alphaMs · outputTokens, whatever runs with it; so a replica has a
 * highest rate of 1000 · maxBatchSize / (alphaMs · outputTokens). ITL is alphaMs, the prefill takes betaMsPerToken a token.
 */
export const fixedRate = {
  name: 'fixed-rate',
  summary: 'Service times that do not depend on the batch.',
  options: Type.Object({}, { additionalProperties: false }),
  prepare: queueOf,
} satisfies QueueModel;

function queueOf(station: Station): Queue {
  const { maxBatchSize, inputTokens, outputTokens, maxQueueLength } = station;
  const serviceTime = station.serviceTime!;
  const serviceSec = (serviceTime.alphaMs * outputTokens) / 1000;
  const highest = maxBatchSize / serviceSec;
  return {
    maxBatchSize,
    minRequestsPerSec: highest / 1000,
    maxRequestsPerSec: highest,
    evaluate(requestsPerSec, metrics) {
      const overloaded = requestsPerSec > highest;
      metrics.throughputPerSec = Math.min(requestsPerSec, highest);
      metrics.lossFraction = maxQueueLength === undefined ? 0 : 1 - metrics.throughputPerSec / requestsPerSec;
      metrics.waitMs = overloaded && maxQueueLength === undefined ? Number.NaN : 0;
      metrics.prefillMs = serviceTime.betaMsPerToken * inputTokens;
      metrics.itlMs = serviceTime.alphaMs;
      metrics.ttftMs = metrics.waitMs + metrics.prefillMs + metrics.itlMs;
      metrics.responseMs = metrics.waitMs + metrics.prefillMs + 1000 * serviceSec;
      metrics.inService = metrics.throughputPerSec * serviceSec;
      metrics.segment = 0;
    },
    withMaxBatchSize: (limit) => queueOf({ ...station, maxBatchSize: limit }),
  };
}
