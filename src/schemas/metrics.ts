import { type Static, Type } from '#typebox';
import { Extrapolation } from './extrapolation.ts';
import { closed, Nullable, OrNull } from './quantities.ts';

export const LoadStatus = Type.Union([Type.Literal('stable'), Type.Literal('overloaded')], {
  description: '`overloaded` above the highest stable rate (99.9 % of the full-batch service rate).',
});
export type LoadStatus = Static<typeof LoadStatus>;

export const LatencyPercentiles = Type.Object(
  {
    p50: Type.Number({ description: 'Half of them are shorter.' }),
    p90: Type.Number({ description: '90 % of them are shorter.' }),
    p95: Type.Number({ description: '95 % of them are shorter.' }),
    p99: Type.Number({ description: '99 % of them are shorter.' }),
  },
  closed('LatencyPercentiles', 'Percentiles of a latency (ms).'),
);
export type LatencyPercentiles = Static<typeof LatencyPercentiles>;

export const Point = Type.Object(
  {
    requestsPerSec: Type.Number({ description: 'Offered rate (requests/s).' }),
    status: LoadStatus,
    throughputPerSec: Type.Number({ description: 'Requests completed per second.' }),
    lossFraction: Type.Number({ description: 'Share of requests that a full waiting room turns away.' }),
    waitMs: OrNull(
      'Mean time in the waiting room; null: grows without bound, or the queue model does not tell.',
    ),
    prefillMs: OrNull('Mean time of the prefill; null: the queue model does not tell.'),
    ttftMs: OrNull(
      'Mean time to first token: wait, prefill and first decode step; null: grows without bound, or the queue model does not tell.',
    ),
    itlMs: OrNull('Mean inter-token latency; null: the queue model does not tell.'),
    responseMs: OrNull(
      'Mean time from arrival to the last token; null: grows without bound, or the queue model does not tell.',
    ),
    ttftPercentilesMs: Type.Optional(
      Nullable(
        LatencyPercentiles,
        'Of the time to first token, over requests; null: grows without bound, or the queue model does not tell.',
      ),
    ),
    itlPercentilesMs: Type.Optional(
      Nullable(
        LatencyPercentiles,
        'Of the inter-token latency, over the gaps between tokens; null: the queue model does not tell.',
      ),
    ),
    inService: Type.Number({ description: 'Mean requests in the batch.' }),
    utilizationFraction: Type.Number({ description: '`inService` over the batch limit.' }),
    extrapolation: Type.Optional(Extrapolation),
  },
  closed('Point', 'Metrics of one replica at one rate.'),
);
export type Point = Static<typeof Point>;
