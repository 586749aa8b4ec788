import { isObject } from '../schemas/fault-list.ts';
import type { CardPoint, MinimumCards } from '../schemas/minimum-cards.ts';
import { EXIT } from './exit.ts';
import { InputError, readJson } from './input.ts';
import { perform } from './operations.ts';
import { figure, table } from './table.ts';

interface MinimumCardsArgs {
  readonly file: string;
  readonly type?: string | undefined;
  readonly price?: readonly string[] | undefined;
  readonly loadFactors?: readonly number[] | undefined;
  readonly targetFactors?: readonly number[] | undefined;
  readonly solver?: string | undefined;
  readonly queueModel?: string | undefined;
  readonly format: 'table' | 'json';
  readonly server?: string | undefined;
}

/** `brazier minimum-cards`: the least cards that serve a fleet in full, as a table. */
export async function minimumCardsCommand(args: MinimumCardsArgs): Promise<number> {
  const input = await readJson(args.file);
  const answer = await perform(
    'minimumCards',
    isObject(input) ? withArgs(input, args) : input,
    args.file,
    args.server,
  );
  console.log(args.format === 'json' ? JSON.stringify(answer, null, 2) : cardsTable(answer));
  return answer.status === 'found' ? EXIT.complete : EXIT.shortfall;
}

/** The solver of a fleet file is one for scarce cards; here none are. */
function withArgs({ solver: _, ...fleet }: Record<string, unknown>, args: MinimumCardsArgs) {
  const { type, price, loadFactors, targetFactors, solver, queueModel } = args;
  const sweep = {
    ...(loadFactors && { loadFactor: loadFactors }),
    ...(targetFactors && { targetFactor: targetFactors }),
  };
  return {
    ...fleet,
    ...(type !== undefined && { type }),
    ...(price && { prices: Object.fromEntries(price.map(priceOf)) }),
    ...(Object.keys(sweep).length > 0 && { sweep }),
    ...(solver !== undefined && { solver }),
    ...(queueModel !== undefined && { queueModel }),
  };
}

/** TYPE=PRICE */
function priceOf(text: string): [string, number] {
  const at = text.lastIndexOf('=');
  const price = Number(text.slice(at + 1));
  if (at < 1 || text.slice(at + 1).trim() === '' || Number.isNaN(price)) {
    throw new InputError(`--price ${text}: must be TYPE=PRICE, as H100=3.5`);
  }
  return [text.slice(0, at), price];
}

function cardsTable(answer: MinimumCards): string {
  const rows: readonly CardPoint[] = answer.points ?? [answer];
  const types = Object.keys(rows.find(({ capacity }) => capacity)?.capacity ?? {});
  const by =
    rows[0].loadFactor !== undefined ? 'load ×' : rows[0].targetFactor !== undefined ? 'targets ×' : null;
  const nodeTypes = Object.keys(rows.find(({ nodes }) => nodes)?.nodes ?? {});
  const head = [
    ...(by ? [by] : []),
    ...types,
    ...nodeTypes.map((type) => `${type} nodes`),
    'cost/h',
    'proven',
  ];
  const cells = rows.map((point) => [
    ...(by ? [figure(point.loadFactor ?? point.targetFactor)] : []),
    ...types.map((type) => figure(point.capacity?.[type])),
    ...nodeTypes.map((type) => figure(point.nodes?.[type][0].count)),
    figure(point.costPerHour),
    point.capacity ? (point.proven ? 'yes' : 'no') : 'unservable',
  ]);
  const short = answer.shortfalls.map(({ server, text }) => `  ${server}: ${text}`);
  const why = short.length > 0 ? [['Cannot be served in full:', ...short].join('\n')] : [];
  return [
    table(
      head,
      cells,
      head.slice(0, -1).map((_, i) => i),
    ),
    ...why,
  ].join('\n\n');
}
