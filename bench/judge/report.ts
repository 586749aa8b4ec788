import { readFile, writeFile } from 'node:fs/promises';
import type { Registry } from '../../src/registry.ts';
import type { ModelError } from '../../src/schemas/strategy.ts';
import { JUDGED, type Judged } from './errors.ts';
import { GRID } from './grid.ts';
import { judged, REGIONS, type Summary, summaries } from './summary.ts';
import type { Judgement } from './table.ts';

/** The errors of every model that works with service times and is not the judge itself, region by region: what `GET /queue-models` tells. */
export function modelErrors(
  registry: Registry,
  judgements: readonly Judgement[],
): Record<string, ModelError[]> {
  const models = [...registry.queueModels.values()].filter(
    ({ reads = 'serviceTime', isSimulation }) => reads === 'serviceTime' && !isSimulation,
  );
  return Object.fromEntries(
    models.map((model) => {
      const of = judged(model, judgements);
      const errors = Object.entries(REGIONS).map(([where, region]) => {
        const told = summaries(of, region);
        return {
          where,
          ...(Object.fromEntries(JUDGED.map((name) => [name, figuresOf(told[name])])) as Record<
            Judged,
            ModelError[Judged]
          >),
        };
      });
      return [model.name, errors];
    }),
  );
}

function figuresOf({ median, p90, worst, within10, situations }: Summary): ModelError[Judged] {
  if (situations === 0) return null;
  return {
    medianFraction: rounded(median),
    p90Fraction: rounded(p90),
    worstFraction: rounded(worst),
    within10Percent: within10,
    situations,
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(2));
}

export const ERRORS_MODULE = new URL('../../../src/queueing/model-errors.ts', import.meta.url);
export const ERRORS_PAGE = new URL('../../../docs/queue-models.md', import.meta.url);

/** The module that the service reads the errors from; a line for each region of each model. */
export function moduleText(errors: Record<string, ModelError[]>): string {
  const entries = Object.entries(errors).map(([model, regions]) => {
    const lines = regions.map((region) => `    ${JSON.stringify(region)},`);
    return `  ${JSON.stringify(model)}: [\n${lines.join('\n')}\n  ],`;
  });
  return `import type { ModelError } from '../schemas/strategy.ts';

/** How far each queue model is off simulation; written by \`npm run judge\`, told by \`GET /queue-models\`. */
// biome-ignore format: written by a program
export const MODEL_ERRORS: Readonly<Record<string, readonly ModelError[]>> = {
${entries.join('\n')}
};
`;
}

const BEGIN = '<!-- table: written by npm run judge -->';
const END = '<!-- end of table -->';
const TITLES: Readonly<Record<Judged, string>> = {
  ttftMs: 'mean TTFT',
  ttftP95Ms: 'TTFT p95',
  ttftP99Ms: 'TTFT p99',
  itlMs: 'mean ITL',
  itlP95Ms: 'ITL p95',
  itlP99Ms: 'ITL p99',
};

/** One table for each region: models down, what is judged across. */
export function tables(errors: Record<string, ModelError[]>): string {
  const models = Object.keys(errors);
  return Object.keys(REGIONS)
    .map((where, i) => {
      const head = `| model | ${JUDGED.map((name) => TITLES[name]).join(' | ')} |`;
      const rule = `| --- |${JUDGED.map(() => ' ---: |').join('')}`;
      const rows = models.map(
        (model) => `| \`${model}\` | ${JUDGED.map((name) => shown(errors[model][i][name])).join(' | ')} |`,
      );
      const situations = GRID.filter(REGIONS[where]).length;
      const title = `${where[0].toUpperCase()}${where.slice(1)}: ${situations} situations`;
      return `### ${title}\n\n${[head, rule, ...rows].join('\n')}`;
    })
    .join('\n\n');
}

function shown(figures: ModelError[Judged]): string {
  if (figures === null) return '–';
  const percent = (share: number) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)}`;
  return `${percent(figures.medianFraction)} / ${percent(figures.p90Fraction)} % of ${figures.situations}`;
}

export async function withTables(text: string): Promise<string> {
  const page = await readFile(ERRORS_PAGE, 'utf8');
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error(`${ERRORS_PAGE.pathname} has no place for the tables`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${text}\n\n${page.slice(to)}`;
}

export async function writeReport(errors: Record<string, ModelError[]>): Promise<void> {
  await writeFile(ERRORS_MODULE, moduleText(errors));
  await writeFile(ERRORS_PAGE, await withTables(tables(errors)));
}
