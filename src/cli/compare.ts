import type { ComparedRun } from '../schemas/comparison.ts';
import { isObject } from '../schemas/fault-list.ts';
import { EXIT } from './exit.ts';
import { readJson } from './input.ts';
import { perform } from './operations.ts';
import { figure, table } from './table.ts';

interface CompareArgs {
  readonly file: string;
  readonly run?: readonly string[] | undefined;
  readonly format: 'table' | 'json';
  readonly server?: string | undefined;
}

const DEFAULT_RUNS = ['greedy', 'auto', 'unlimited'];

/** `brazier compare`: one fleet optimized in several ways, as a table. */
export async function compareCommand({ file, run, format, server }: CompareArgs): Promise<number> {
  const input = await readJson(file);
  const answer = await perform('compare', isObject(input) ? withRuns(input, run) : input, file, server);
  console.log(
    format === 'json' ? JSON.stringify(answer, null, 2) : comparisonTable(answer.runs, answer.servers),
  );
  return answer.runs.every(({ error }) => error === null) ? EXIT.complete : EXIT.failed;
}

/** A fleet file may say how to optimize it; here the runs say that. */
function withRuns(
  { solver: _, queueModel: _model, ...fleet }: Record<string, unknown>,
  named: readonly string[] = [],
) {
  const runs = named.length > 0 ? named.map(runOf) : (fleet.runs ?? DEFAULT_RUNS.map(runOf));
  return { ...fleet, runs };
}

/** SOLVER or SOLVER:QUEUE-MODEL */
function runOf(text: string) {
  const [solver, queueModel] = text.split(':');
  return { solver, ...(queueModel && { queueModel }) };
}

function comparisonTable(runs: readonly ComparedRun[], servers: number): string {
  const isTold = runs.some(({ extrapolationFraction }) => extrapolationFraction !== undefined);
  const head = [
    'solver',
    'queue model',
    'cost/h',
    'objective',
    'in full',
    'unserved',
    'changes',
    'gap',
    ...(isTold ? ['outside measured'] : []),
    'ms',
    'end',
  ];
  const rows = runs.map((run) => [
    run.solver,
    run.queueModel,
    figure(run.costPerHour),
    figure(run.objective),
    run.servedInFull === null ? '–' : `${run.servedInFull} of ${servers}`,
    figure(run.unserved),
    figure(run.changes),
    percentOrNone(run.gapFraction),
    ...(isTold ? [percentOrNone(run.extrapolationFraction)] : []),
    figure(run.elapsedMs),
    run.error ?? run.termination ?? '–',
  ]);
  return table(head, rows, [2, 3, 4, 5, 6, 7, 8, ...(isTold ? [9] : [])]);
}

function percentOrNone(fraction: number | null | undefined): string {
  return fraction === null || fraction === undefined ? '–' : `${figure(100 * fraction)} %`;
}
