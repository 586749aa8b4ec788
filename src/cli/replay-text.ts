import type { ReplayReport, RunReport } from '../replay/report.ts';
import { percent } from './parameter-table.ts';
import { figure, table } from './table.ts';

/** A replay for people: a row for each policy and belief about the model, and one for each class of those with the true model. */
export function replayText({ requests, lastsSec, seed, runs }: ReplayReport, tookSec: number): string {
  const factors = [...new Set(runs.map(({ modelFactor }) => modelFactor))];
  const parts = [
    `${requests} requests in ${figure(lastsSec / 60)} min, seed ${seed}; each policy replays all of them.`,
    ...factors.map((factor) => {
      const own = runs.filter(({ modelFactor }) => modelFactor === factor);
      return `${beliefOf(factor)}\n${policyTable(own)}`;
    }),
    ...(new Set(runs.flatMap(({ classes }) => classes.map(({ serviceClass }) => serviceClass))).size > 1
      ? [
          `By class, ${beliefOf(factors[0])}\n${classTable(runs.filter((run) => run.modelFactor === factors[0]))}`,
        ]
      : []),
    `${runs.length} replays took ${figure(tookSec)} s.`,
  ];
  return parts.join('\n\n');
}

export function beliefOf(factor: number): string {
  if (factor === 1) return 'with the true service times';
  const off = `${figure(Math.abs(100 * (factor - 1)))} %`;
  return `with service times taken to be ${off} ${factor > 1 ? 'longer' : 'shorter'} than they are`;
}

function policyTable(runs: readonly RunReport[]): string {
  const head = ['policy', 'met', 'late TTFT', 'late ITL', 'lost', 'TTFT p50', 'p99', 'ITL p50', 'p99'];
  const more = ['cost/h', 'card-hours', 'changes/h', 'decision ms', 'max'];
  const rows = runs.map(({ policy, total, costPerHour, cardHours, changesPerHour, decisionMs }) => [
    policy,
    percent(total.attainmentFraction),
    String(total.missedTtft),
    String(total.missedItl),
    String(total.lost),
    ...[total.ttftMs.p50, total.ttftMs.p99, total.itlMs.p50, total.itlMs.p99].map(known),
    figure(costPerHour),
    Object.entries(cardHours)
      .map(([type, hours]) => `${figure(hours)} ${type}`)
      .join(' + '),
    figure(changesPerHour),
    known(decisionMs.mean),
    known(decisionMs.max),
  ]);
  return table([...head, ...more], rows, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
}

function classTable(runs: readonly RunReport[]): string {
  const head = ['class', 'policy', 'requests', 'met', 'late TTFT', 'late ITL', 'lost', 'TTFT p99', 'ITL p99'];
  const names = runs[0].classes.map(({ serviceClass }) => serviceClass);
  const rows = names.flatMap((name) =>
    runs.map(({ policy, classes }) => {
      const own = classes.find(({ serviceClass }) => serviceClass === name)!;
      return [
        ...[name, policy, String(own.requests), percent(own.attainmentFraction)],
        ...[String(own.missedTtft), String(own.missedItl), String(own.lost)],
        ...[known(own.ttftMs.p99), known(own.itlMs.p99)],
      ];
    }),
  );
  return table(head, rows, [2, 3, 4, 5, 6, 7, 8]);
}

function known(value: number): string {
  return figure(Number.isNaN(value) ? null : value);
}
