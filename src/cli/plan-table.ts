import { resolveServers } from '../optimizer/catalog.ts';
import { itlFor, ttftFor } from '../optimizer/prediction.ts';
import type { Targets } from '../schemas/fleet.ts';
import type { OptimizeRequest, Plan } from '../schemas/plan.ts';
import type { ServerPlan } from '../schemas/server-plan.ts';
import { outsideTexts } from './extrapolation-text.ts';
import { figure, table } from './table.ts';

const HEAD = [
  'server',
  'accelerator',
  'replicas',
  'batch',
  'TTFT ms / target',
  'ITL ms / target',
  'cost/h',
  'change',
  'why',
];
const RIGHT_ALIGNED = [2, 3, 4, 5, 6];
/** Columns that move below the table when the terminal is too narrow for them. */
const LAST_COLUMNS = 2;

/**
 * A plan as a person reads it: a line per server in the order of priority, then what is short, the totals and the cards.
 *
 * @param width columns of the terminal; Infinity where there is none
 */
export function planTable(plan: Plan, fleet: OptimizeRequest, width: number): string {
  const resolved = new Map(resolveServers(fleet).map((entry) => [entry.server.name, entry]));
  const servers = plan.servers.toSorted(
    (a, b) => resolved.get(a.name)!.priority - resolved.get(b.name)!.priority,
  );
  const rows = servers.map((server) => rowOf(server, resolved.get(server.name)!.targets));
  return [
    ...serverTable(rows, width),
    ...shortfalls(servers),
    ...outsideMeasured(servers),
    totals(plan),
    cards(plan),
    ...explanation(plan),
  ].join('\n\n');
}

function serverTable(rows: readonly string[][], width: number): string[] {
  const whole = table(HEAD, rows, RIGHT_ALIGNED);
  if (Math.max(...whole.split('\n').map((line) => line.length)) <= width) return [whole];
  const narrow = table(
    HEAD.slice(0, -LAST_COLUMNS),
    rows.map((row) => row.slice(0, -LAST_COLUMNS)),
    RIGHT_ALIGNED,
  );
  const rest = rows.map((row) => `  ${row[0]}: ${row.slice(-LAST_COLUMNS).join('; ')}`);
  return [narrow, ['Change and why:', ...rest].join('\n')];
}

function rowOf(server: ServerPlan, targets: Targets): string[] {
  const { ttftMs, itlMs, ttftPercentile, itlPercentile } = targets;
  const list = (cell: (allocation: ServerPlan['allocations'][number]) => string) =>
    server.allocations.map(cell).join('\n') || '–';
  return [
    server.name,
    list(({ variant, accelerator }) =>
      accelerator === null || variant === accelerator ? variant : `${variant} (${accelerator})`,
    ),
    list(({ replicas }) => String(replicas)),
    list(({ maxBatchSize }) => figure(maxBatchSize)),
    against(server, server.predicted && ttftFor(targets, server.predicted), ttftMs, ttftPercentile),
    against(server, server.predicted && itlFor(targets, server.predicted), itlMs, itlPercentile),
    figure(server.costPerHour),
    changeText(server),
    why(server),
  ];
}

/** The prediction against its target; `!` where it is missed. */
function against(
  { predicted }: ServerPlan,
  value: number | null | undefined,
  target: number | undefined,
  percentile: number | undefined,
): string {
  const at = percentile ? ` p${Number((100 * percentile).toPrecision(6))}` : '';
  const wanted = ` / ${target ? figure(target) + at : '–'}`;
  if (!predicted) return `–${wanted}`;
  // A model that does not tell the one latency tells neither.
  if (predicted.itlMs === null) return `–${wanted}`;
  if (value === null || value === undefined) return `unbounded${wanted} !`;
  return `${figure(value)}${wanted}${target && value > target ? ' !' : ''}`;
}

function changeText({ change, allocations }: ServerPlan): string {
  const from = change.from
    .map(({ variant, replicas, startingReplicas }) => {
      const starting = startingReplicas > 0 ? ` (${startingReplicas} starting)` : '';
      return `${replicas} ${variant}${starting}`;
    })
    .join(' + ');
  const to = allocations.map(({ replicas }) => replicas).join(' + ') || '0';
  const restarts = change.restartsReplicas ? ', restarts' : '';
  if (change.kind === 'none' || change.kind === 'start') return change.kind + restarts;
  if (change.kind === 'move') return `move from ${from}`;
  return `${change.kind} ${change.from.map(({ replicas }) => replicas).join(' + ')} → ${to}${restarts}`;
}

function why({ reason, runnerUp, shortfall, allocations }: ServerPlan): string {
  if (allocations.length === 0 && shortfall) return shortfall.code;
  if (!runnerUp || shortfall) return reason.code;
  const { variant, maxBatchSize, differencePerHour, preferred } = runnerUp;
  if (preferred) return `${reason.code}; ${variant} is short`;
  const runs = allocations.some((allocation) => allocation.variant === variant);
  const other = runs ? `batch limit ${maxBatchSize}` : variant;
  if (differencePerHour < 0)
    return `${reason.code}; ${other} −${figure(-differencePerHour)}, not worth the ${runs ? 'restart' : 'move'}`;
  return `${reason.code}; else ${other} +${figure(differencePerHour)}`;
}

function shortfalls(servers: readonly ServerPlan[]): string[] {
  const short = servers.filter(({ shortfall }) => shortfall !== null);
  if (short.length === 0) return [];
  const lines = short.map(
    ({ name, servedFraction, shortfall }) =>
      `  ${name}: ${figure(100 * servedFraction)} % served. ${shortfall!.text}`,
  );
  return [['Not served in full:', ...lines].join('\n')];
}

/** Allocations that are listed: those farthest outside. */
const MOST_OUTSIDE = 10;

function outsideMeasured(servers: readonly ServerPlan[]): string[] {
  const outside = servers
    .flatMap(({ name, allocations }) =>
      allocations.flatMap(({ variant, extrapolation }) => {
        const texts = outsideTexts(extrapolation);
        const line = `  ${name} on ${variant}: ${texts.join('; ')}`;
        return texts.length > 0 ? [{ line, fraction: extrapolation!.fraction }] : [];
      }),
    )
    .sort((a, b) => b.fraction - a.fraction);
  if (outside.length === 0) return [];
  const lines = outside.slice(0, MOST_OUTSIDE).map(({ line }) => line);
  const left = outside.length - lines.length;
  if (left > 0) lines.push(`  and ${left} more`);
  return [['Outside what was measured:', ...lines].join('\n')];
}

function totals({ totals: sum, solver, queueModel, status, uncertainty }: Plan): string {
  const gap = solver.gapFraction === null ? '' : `, gap ${figure(100 * solver.gapFraction)} %`;
  const difference = sum.costPerHour - sum.currentCostPerHour;
  const power = sum.powerWatts === null ? '' : `, ${figure(sum.powerWatts / 1000)} kW`;
  const open = solver.service.filter(({ served, bound }) => bound !== null && bound > served);
  const better = open.map(
    ({ priority, servers, served, bound }) =>
      `Priority ${priority}: ${figure(served)} of ${servers} served; at most ${figure(bound! - served)} more could be.`,
  );
  return [
    `${status === 'complete' ? 'Complete' : 'Shortfall'}: ${sum.servedInFull} of ${sum.servers} servers served in full.`,
    `Cost ${figure(sum.costPerHour)} per hour, ${figure(sum.currentCostPerHour)} now (${difference < 0 ? '−' : '+'}${figure(Math.abs(difference))})${power}.`,
    `Solver ${solver.name} (${solver.termination}${gap}) with queue model ${queueModel.name}, ${figure(solver.solveMs)} ms.`,
    ...better,
    ...(uncertainty ? [surety(uncertainty)] : []),
  ].join('\n');
}

function surety({ confidence, takenAsTheyAre }: NonNullable<Plan['uncertainty']>): string {
  const exact = takenAsTheyAre.map(({ model, variant }) => `${model} on ${variant}`).join(', ');
  const but = exact && `, but as if exact, for want of standard errors: ${exact}`;
  return `Sized for targets that hold with ${Number((100 * confidence).toFixed(2))} % confidence${but}.`;
}

function cards({ cards: used }: Plan): string {
  const rows = used.map(({ type, capacity, used: cards, left }) => [
    type,
    String(cards),
    capacity === null ? 'no limit' : String(capacity),
    left === null ? '' : String(left),
  ]);
  return table(['cards', 'used', 'capacity', 'left'], rows, [1, 2, 3]);
}

/** Servers that are listed: those that would gain most. */
const MOST_TARGETS = 10;

function explanation({ explanation: told }: Plan): string[] {
  if (!told) return [];
  const cardLines = told.cards.map(
    ({ type, cards: more, ...effect }) =>
      `  ${more === 1 ? 'one more card' : `${more} more cards`} of ${type}: ${gain(effect)}${effect.proven ? '' : ' (not proven)'}`,
  );
  const targetLines = told.looserTargets
    .slice(0, MOST_TARGETS)
    .map(
      ({ server, variant, replicas, ...effect }) =>
        `  ${server}: ${gain(effect)}, with ${replicas} ${variant}`,
    );
  const left = told.looserTargets.length - targetLines.length;
  if (left > 0) targetLines.push(`  and ${left} more`);
  return [
    ['More cards:', ...(cardLines.length > 0 ? cardLines : ['  no type is short'])].join('\n'),
    [
      'Latency targets a tenth looser:',
      ...(targetLines.length > 0 ? targetLines : ['  nobody would gain']),
    ].join('\n'),
  ];
}

function gain({ savesPerHour, servesMore }: { savesPerHour: number; servesMore: number }): string {
  const served =
    servesMore === 0
      ? []
      : [`${figure(Math.abs(servesMore))} servers served ${servesMore > 0 ? 'more' : 'less'}`];
  const cost =
    savesPerHour < 0
      ? `costs ${figure(-savesPerHour)} more per hour`
      : `saves ${figure(savesPerHour)} per hour`;
  return savesPerHour === 0 && servesMore === 0
    ? 'nothing'
    : [...served, ...(savesPerHour === 0 ? [] : [cost])].join(', ');
}
