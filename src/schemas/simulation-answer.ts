import { type Static, Type } from '#typebox';
import { closed, Figure, Nullable, OrNull, Text, Whole } from './quantities.ts';
import { Predicted } from './server-plan.ts';

const percentiles = (what: string) => ({
  p50: OrNull(`${what} the median.`),
  p90: OrNull(`${what} the 90th percentile.`),
  p95: OrNull(`${what} the 95th percentile.`),
  p99: OrNull(`${what} the 99th percentile.`),
});

export const HalfWidths = Type.Object(
  percentiles('Of'),
  closed('HalfWidths', 'Half widths of the 95 % confidence intervals (ms); null: not known.'),
);

export const SimulatedLatency = Type.Object(
  {
    mean: OrNull('The mean.'),
    ...percentiles('It is'),
    halfWidth: OrNull('Half the width of the 95 % confidence interval of the mean; null: not known.'),
    halfWidths: HalfWidths,
    quantiles: Type.Array(
      Type.Object(
        { fraction: Figure('Share of what was seen.'), ms: Figure('What it does not exceed.') },
        closed('Quantile', 'A point of a distribution.'),
      ),
      {
        description:
          'The distribution as a curve, from 1 % to 99.9 %, of a plan with the percentiles of its targets; empty: nothing was seen.',
      },
    ),
  },
  closed(
    'SimulatedLatency',
    'How a latency was distributed (ms). null: nothing was seen of it. Intervals (batch means) are known of a load that stays the same, from some hundred requests on.',
  ),
);
export type SimulatedLatency = Static<typeof SimulatedLatency>;

/** The figure that a target is for: the mean, or the quantile of a share among those that are told; null: not seen. */
export function aimedAt({ mean, quantiles }: SimulatedLatency, percentile?: number | null): number | null {
  if (!percentile) return mean;
  return quantiles.find(({ fraction }) => fraction === percentile)?.ms ?? null;
}

const Latency = (what: string) => Nullable(SimulatedLatency, `${what} null: it grows without bound.`);

export const UtilizationOverTime = Type.Object(
  {
    stepSec: Figure('Length of a stretch (s).'),
    values: Type.Array(OrNull('Mean requests in service over places for them; null: no replica.'), {
      description: 'One for each stretch since the start; the last one may be shorter.',
    }),
  },
  closed('UtilizationOverTime', 'Utilization over stretches of time.'),
);

export const StationSimulated = Type.Object(
  {
    stoppedBecause: Type.Enum(['interval', 'budget', 'end-of-arrivals'], {
      description:
        '`interval`: the confidence intervals were narrow enough; `budget`: the requests, seconds or iterations were used up; `end-of-arrivals`: no more came.',
    }),
    status: Type.Enum(['stable', 'overloaded'], {
      description:
        '`overloaded`: a line that grew as long as the load lasted, or more than 1 % of the requests lost. Of a load or replicas that change only losses tell.',
    }),
    requests: Whole('Requests that arrived.'),
    measuredRequests: Whole('Completed requests that the latencies are from: the start is left out.'),
    completions: Whole('Requests that were completed.'),
    losses: Whole('Requests turned away, or in a replica that stopped.'),
    preemptions: Whole('How often a request gave up its place in a full KV cache.'),
    iterations: Whole('Iterations of all replicas.'),
    ttftMs: Latency('From the arrival to the first token.'),
    itlMs: Nullable(SimulatedLatency, 'Over all gaps between tokens.'),
    itlOfRequestMs: Nullable(SimulatedLatency, 'Over the mean gaps of requests.'),
    waitMs: Latency('In the line, `residualMs` left out.'),
    responseMs: Latency('From the arrival to the last token.'),
    residualMs: Type.Object(
      {
        mean: OrNull('The mean; null: nothing was seen.'),
        halfWidth: OrNull('Half the width of its 95 % confidence interval; null: not known.'),
      },
      closed('SimulatedResidual', 'From the arrival to the end of the iteration under way (ms).'),
    ),
    throughputPerSec: OrNull(
      'Requests completed per second, of a load that stays the same after the start; null: no time passed.',
    ),
    lossFraction: OrNull('Share of the requests that was lost, likewise; null: none arrived.'),
    utilizationFraction: OrNull('Mean requests in service over places for them, likewise; null: no replica.'),
    halfWidths: Type.Object(
      {
        throughputPerSec: OrNull('Of the throughput.'),
        lossFraction: OrNull('Of the share that was lost; null, too: none was.'),
        utilizationFraction: OrNull('Of the utilization.'),
      },
      closed(
        'HalfWidthsOfFlow',
        'Half widths of the 95 % confidence intervals of these three; null: not known.',
      ),
    ),
    utilization: UtilizationOverTime,
    seed: Whole('Of the random draws.'),
    simulatedSec: Figure('Time that was simulated (s).'),
  },
  closed('StationSimulated', 'What happened to the requests of a simulation.'),
);
export type StationSimulated = Static<typeof StationSimulated>;

export const SKIPPED = {
  'no-load': 'There is no load.',
  'load-unknown': 'The load is unknown.',
  'nothing-allocated': 'The plan gives it nothing.',
  'model-unknown': 'A variant that it got has no service-time parameters (yet).',
  'too-many-replicas': 'It has more replicas than a simulation takes.',
} as const;
export type SkippedCode = keyof typeof SKIPPED;

export const ServerSimulated = Type.Object(
  {
    name: Text('Name of the server.'),
    requestsPerSec: OrNull('Its load; null: unknown.'),
    simulated: Nullable(StationSimulated, 'null: `skipped` says why.'),
    skipped: Nullable(
      Type.Object(
        {
          code: Type.Enum(Object.keys(SKIPPED) as SkippedCode[], { description: 'Why, for programs.' }),
          text: Text('Why, for people.'),
        },
        closed('SkippedServer', 'Why a server was not simulated.'),
      ),
      'null: it was simulated.',
    ),
    predicted: Nullable(Predicted, 'What the queue model predicted; null: the plan does not tell.'),
    targets: Type.Object(
      {
        ttftMs: OrNull('null: none.'),
        ttftPercentile: OrNull('Share of the requests that it is for; null: the mean.'),
        itlMs: OrNull('null: none.'),
        itlPercentile: OrNull('Share of the gaps that it is for; null: the mean.'),
        e2eMs: OrNull('For the mean response; null: none.'),
      },
      closed('TargetsOfServer', 'Its service-level objectives; of several classes the strictest.'),
    ),
    withinTargets: Nullable(
      Type.Boolean(),
      'Whether what was simulated is stable and meets the targets, by the mean or the percentile that each is for; null: it was not simulated.',
    ),
  },
  closed('ServerSimulated', 'A server of a plan: simulated, predicted, and aimed at.'),
);
export type ServerSimulated = Static<typeof ServerSimulated>;

export const PlanSimulated = Type.Object(
  {
    servers: Type.Array(ServerSimulated, { description: 'In the order of their names.' }),
  },
  closed('PlanSimulated', 'Every server of a plan under its load, each on its own.'),
);
export type PlanSimulated = Static<typeof PlanSimulated>;

/** A station is answered in the one form, a plan in the other. */
export const SimulateAnswer = Type.Union([StationSimulated, PlanSimulated], {
  $id: 'SimulateAnswer',
  description: 'Of a station or pools what happened; of a plan the same for each server.',
});
export type SimulateAnswer = Static<typeof SimulateAnswer>;
