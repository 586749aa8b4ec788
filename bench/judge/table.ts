import { readFile, writeFile } from 'node:fs/promises';
import type { Situation } from './grid.ts';
import type { Truth } from './truth.ts';

export interface Judgement {
  readonly situation: Situation;
  readonly truth: Truth;
}

/** What simulation saw, beside the situations: what the models are judged by. */
export const TRUTHS = new URL('../../../docs/queue-models.csv', import.meta.url);

const SITUATION = [
  'inputTokens',
  'outputTokens',
  'maxBatchSize',
  'maxBatchTokens',
  'utilization',
  'arrivalCv',
  'tokenCv',
] as const satisfies readonly (keyof Situation)[];

export async function readTruths(): Promise<Judgement[]> {
  const [head, ...lines] = (await readFile(TRUTHS, 'utf8')).trimEnd().split('\n');
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    const row = Object.fromEntries(
      names.map((name, i) => [name, cells[i] === '' ? Number.NaN : Number(cells[i])]),
    );
    return { situation: row as unknown as Situation, truth: row as unknown as Truth };
  });
}

export async function writeTruths(judgements: readonly Judgement[]): Promise<void> {
  const seen = Object.keys(judgements[0].truth) as (keyof Truth)[];
  const lines = judgements.map(({ situation, truth }) =>
    [...SITUATION.map((name) => situation[name]), ...seen.map((name) => cell(truth[name]))].join(','),
  );
  await writeFile(TRUTHS, `${[[...SITUATION, ...seen].join(','), ...lines].join('\n')}\n`);
}

/** Five digits are more than simulation knows. */
export function cell(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(5))) : '';
}
