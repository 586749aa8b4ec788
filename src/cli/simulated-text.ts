import {
  aimedAt,
  type PlanSimulated,
  type ServerSimulated,
  type SimulatedLatency,
  type StationSimulated,
} from '../schemas/simulation-answer.ts';
import { figure, table } from './table.ts';

const PERCENTILES = ['p50', 'p90', 'p95', 'p99'] as const;
const ROWS = [
  ['TTFT ms', 'ttftMs'],
  ['ITL ms', 'itlMs'],
  ['ITL of a request ms', 'itlOfRequestMs'],
  ['wait ms', 'waitMs'],
  ['response ms', 'responseMs'],
] as const;

const STOPPED = {
  interval: 'the intervals are narrow enough',
  budget: 'the limit of requests, seconds or iterations was reached',
  'end-of-arrivals': 'no more requests came',
} as const;

/** What happened to the requests of a station, for people: latencies with half the width of their 95 % intervals, then the rest. */
export function stationText(simulated: StationSimulated): string {
  const rows = ROWS.map(([name, field]) => [name, ...cellsOf(simulated[field])]);
  const { completions, requests, losses, lossFraction, throughputPerSec, preemptions, halfWidths } =
    simulated;
  const share = percent(lossFraction, halfWidths.lossFraction);
  const throughput = withWidth(throughputPerSec, halfWidths.throughputPerSec);
  const utilization = percent(simulated.utilizationFraction, halfWidths.utilizationFraction);
  const preempted = preemptions > 0 ? ` ${preemptions} preemptions.` : '';
  return [
    table(['', 'mean', ...PERCENTILES], rows, [1, 2, 3, 4, 5]),
    '',
    `${simulated.status === 'stable' ? 'Stable' : 'Overloaded'}: ${completions} of ${requests} requests completed, ${throughput}/s; ${losses} lost (${share}).${preempted}`,
    `Utilization ${utilization}. Stopped after ${figure(simulated.simulatedSec)} simulated s because ${STOPPED[simulated.stoppedBecause]}; seed ${simulated.seed}.`,
  ].join('\n');
}

function cellsOf(latency: SimulatedLatency | null): string[] {
  if (!latency) return ['unbounded', ...PERCENTILES.map(() => '–')];
  return [
    withWidth(latency.mean, latency.halfWidth),
    ...PERCENTILES.map((name) => withWidth(latency[name], latency.halfWidths[name])),
  ];
}

function withWidth(value: number | null, halfWidth: number | null): string {
  return halfWidth === null ? figure(value) : `${figure(value)} ± ${figure(halfWidth)}`;
}

function percent(fraction: number | null, halfWidth: number | null = null): string {
  if (fraction === null) return '–';
  return `${withWidth(100 * fraction, halfWidth === null ? null : 100 * halfWidth)} %`;
}

const HEAD = [
  'server',
  'requests/s',
  'TTFT ms / target',
  'predicted',
  'p95',
  'p99',
  'ITL ms / target',
  'predicted',
  'p95',
  'p99',
  'lost',
  'utilization',
  'within',
];

/** Every server of a plan, for people: simulated, predicted, aimed at. */
export function planText({ servers }: PlanSimulated): string {
  const rows = servers.map((server) =>
    server.simulated ? rowOf(server, server.simulated) : skippedRow(server),
  );
  const judged = servers.filter(({ withinTargets }) => withinTargets !== null);
  const within = judged.filter(({ withinTargets }) => withinTargets).length;
  const right = HEAD.flatMap((_, i) => (i > 0 && i < HEAD.length - 1 ? [i] : []));
  const ending = judged.length === 1 ? 'server is' : 'servers are';
  const cut = servers.filter(({ simulated }) => simulated?.stoppedBecause === 'budget').length;
  const wide =
    cut === 0
      ? ''
      : `\n${cut} ended at the limit of requests or iterations, their intervals wider than asked for.`;
  return `${table(HEAD, rows, right)}\n\n${within} of ${judged.length} ${ending} within the targets.${wide}`;
}

function rowOf(server: ServerSimulated, simulated: StationSimulated): string[] {
  const { predicted, targets } = server;
  const latency = (field: 'ttftMs' | 'itlMs') => {
    const seen = simulated[field];
    const target = targets[field] === null ? '' : ` / ${figure(targets[field])}`;
    const share = field === 'ttftMs' ? targets.ttftPercentile : targets.itlPercentile;
    const expected = share === null ? predicted?.[field] : predicted?.[AT_PERCENTILE[field]];
    return [seenOf(seen, share) + target, figure(expected), figure(seen?.p95), figure(seen?.p99)];
  };
  const { e2eMs } = targets;
  const response =
    e2eMs === null ? '' : `, response ${seenOf(simulated.responseMs, null)} / ${figure(e2eMs)}`;
  return [
    server.name,
    figure(server.requestsPerSec),
    ...latency('ttftMs'),
    ...latency('itlMs'),
    percent(simulated.lossFraction),
    percent(simulated.utilizationFraction),
    (server.withinTargets ? 'yes' : simulated.status === 'overloaded' ? 'overloaded' : 'no') + response,
  ];
}

const AT_PERCENTILE = { ttftMs: 'ttftAtPercentileMs', itlMs: 'itlAtPercentileMs' } as const;

/** What a target is for: the mean, or a percentile, with its name. */
function seenOf(latency: SimulatedLatency | null, share: number | null): string {
  if (!latency) return 'unbounded';
  if (share === null) return withWidth(latency.mean, latency.halfWidth);
  return `${figure(aimedAt(latency, share))} p${figure(100 * share)}`;
}

function skippedRow({ name, requestsPerSec, skipped }: ServerSimulated): string[] {
  const blanks = HEAD.slice(3).map(() => '');
  return [name, figure(requestsPerSec), '–', ...blanks.slice(1), skipped?.text ?? ''];
}
