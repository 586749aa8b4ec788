import type {
  PlanSimulated,
  ServerSimulated,
  SimulatedLatency,
  StationSimulated,
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
  budget: 'what was asked for is used up',
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
    `Utilization ${utilization}. Stopped after ${figure(simulated.simulatedSec)} s because ${STOPPED[simulated.stoppedBecause]}; seed ${simulated.seed}.`,
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
  return `${table(HEAD, rows, right)}\n\n${within} of ${judged.length} ${ending} within the targets.`;
}

function rowOf(server: ServerSimulated, simulated: StationSimulated): string[] {
  const { predicted, targets } = server;
  const latency = (field: 'ttftMs' | 'itlMs') => {
    const seen = simulated[field];
    const mean = seen ? withWidth(seen.mean, seen.halfWidth) : 'unbounded';
    const target = targets[field] === null ? '' : ` / ${figure(targets[field])}`;
    return [mean + target, figure(predicted?.[field]), figure(seen?.p95), figure(seen?.p99)];
  };
  return [
    server.name,
    figure(server.requestsPerSec),
    ...latency('ttftMs'),
    ...latency('itlMs'),
    percent(simulated.lossFraction),
    percent(simulated.utilizationFraction),
    server.withinTargets ? 'yes' : simulated.status === 'overloaded' ? 'overloaded' : 'no',
  ];
}

function skippedRow({ name, requestsPerSec, skipped }: ServerSimulated): string[] {
  const blanks = HEAD.slice(3).map(() => '');
  return [name, figure(requestsPerSec), '–', ...blanks.slice(1), skipped?.text ?? ''];
}
