import { Type } from '#typebox';
import type { MeasuredRate } from '../../schemas/model.ts';
import type { Queue, QueueMetrics, QueueModel, StationToPrepare } from '../queue-model.ts';
import { ThroughputTable } from '../throughput-table.ts';

const options = Type.Object({}, { additionalProperties: false });

/** The profiles of a fleet are looked up for every server and size. */
const tables = new WeakMap<readonly MeasuredRate[], ThroughputTable>();

function tableOf(throughput: readonly MeasuredRate[]): ThroughputTable {
  const known = tables.get(throughput);
  if (known) return known;
  const table = new ThroughputTable(throughput);
  tables.set(throughput, table);
  return table;
}

/** A replica that serves up to its measured rate within its targets; of latencies nothing is known. */
class MeasuredQueue implements Queue {
  readonly maxBatchSize: number;
  readonly minRequestsPerSec: number;
  readonly maxRequestsPerSec: number;
  readonly tellsLatencies = false;
  readonly #losesRequests: boolean;

  constructor(maxRequestsPerSec: number, maxBatchSize: number, losesRequests: boolean) {
    this.maxRequestsPerSec = maxRequestsPerSec;
    this.minRequestsPerSec = maxRequestsPerSec / 1000;
    this.maxBatchSize = maxBatchSize;
    this.#losesRequests = losesRequests;
  }

  evaluate(requestsPerSec: number, metrics: QueueMetrics): void {
    const throughput = Math.min(requestsPerSec, this.maxRequestsPerSec);
    const isBusy = this.maxRequestsPerSec > 0;
    metrics.throughputPerSec = throughput;
    metrics.lossFraction = this.#losesRequests ? 1 - throughput / requestsPerSec : 0;
    metrics.waitMs = Number.NaN;
    metrics.prefillMs = Number.NaN;
    metrics.ttftMs = Number.NaN;
    metrics.itlMs = Number.NaN;
    metrics.responseMs = Number.NaN;
    metrics.inService = isBusy ? (this.maxBatchSize * throughput) / this.maxRequestsPerSec : 0;
    metrics.segment = 0;
  }

  withMaxBatchSize(maxBatchSize: number): Queue {
    return new MeasuredQueue(this.maxRequestsPerSec, maxBatchSize, this.#losesRequests);
  }
}

/** Of several sizes 1 / Σ (share / rate): each takes its part of the replica's time. */
function rateOf({ throughput = [], sizes, inputTokens, outputTokens }: StationToPrepare): number {
  const table = tableOf(throughput);
  if (!sizes) return table.rate(inputTokens, outputTokens);
  const seconds = sizes.reduce(
    (sum, size) => sum + size.share / table.rate(size.inputTokens, size.outputTokens),
    0,
  );
  return 1 / seconds;
}

export default {
  name: 'measured',
  summary:
    'Rates that were measured within the targets, by request size: profiles with `throughput`, as those of Mélange and AIBrix. Latencies are not told.',
  options,
  isLight: true,
  assumes:
    'Rates that were measured within the targets that are asked for, and sizes within those that were measured.',
  cost: 'A tenth of a microsecond.',
  reads: 'throughput',
  prepare: (station: StationToPrepare): Queue =>
    new MeasuredQueue(rateOf(station), station.maxBatchSize, station.maxQueueLength !== undefined),
} satisfies QueueModel<typeof options>;
