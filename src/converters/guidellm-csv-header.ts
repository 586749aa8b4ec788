import { shiftedColumns } from './guidellm-csv-shift.ts';

export type Row = readonly string[];

const STATUSES = { incomplete: 'Incomplete', errored: 'Errored' } as const;
type Counts = Readonly<Record<'successful' | keyof typeof STATUSES, number | null>>;

/** The three header rows of GuideLLM's CSV: which column is what. */
export class Header {
  /** "group|unit", in the order of their columns. */
  readonly #metrics: readonly string[];
  /** Where the four columns of a metric begin, by "status metric", in the order of the columns. */
  readonly #blocks = new Map<string, number>();
  readonly #columns = new Map<string, number>();
  readonly length: number;

  constructor([groups, names, statistics]: readonly [Row, Row, Row]) {
    this.length = groups.length;
    const metrics = new Set<string>();
    for (const [column, group] of groups.entries()) {
      const key = `${group}, ${names[column]}`;
      if (!this.#columns.has(key)) this.#columns.set(key, column);
      if (statistics.slice(column, column + 4).join() !== 'Mean,Median,Std Dev,Percentiles') continue;
      const [, status, unit] = /^(Successful|Incomplete|Errored) (.*)$/.exec(names[column] ?? '') ?? [];
      if (unit === undefined) continue;
      metrics.add(`${group}|${unit}`);
      this.#blocks.set(`${status} ${group}|${unit}`, column);
    }
    this.#metrics = [...metrics];
  }

  get isKnown(): boolean {
    return this.column('Benchmark, Strategy') >= 0 && this.column('Request Counts, Successful') >= 0;
  }

  /** -1: there is none. */
  column(name: string): number {
    return this.#columns.get(name) ?? -1;
  }

  /**
   * Where the columns of successful requests begin in a row, by metric; undefined where that cannot be told. `isBelow`: nothing else speaks
   * against that the cells stand below their names.
   */
  successful(
    row: Row,
    isBelow: boolean,
    counts: Counts,
    durationSec: number | null,
  ): ReadonlyMap<string, number | undefined> | undefined {
    const hasFailed = counts.incomplete !== 0 || counts.errored !== 0;
    if (row.length === this.length && (isBelow || !hasFailed) && this.#agrees(row, counts))
      return new Map(this.#metrics.map((metric) => [metric, this.#blocks.get(`Successful ${metric}`)]));
    const { successful, incomplete, errored } = counts;
    const known = { successful: successful ?? 0, incomplete: incomplete ?? 0, errored: errored ?? 0 };
    const first = this.#blocks.values().next().value ?? this.length;
    return shiftedColumns(this.#metrics, row, first, known, durationSec ?? 0);
  }

  /** Whether a row leaves empty what it has no requests of. */
  #agrees(row: Row, counts: Counts): boolean {
    return (['incomplete', 'errored'] as const).every(
      (status) =>
        counts[status] !== 0 ||
        this.#metrics.every((metric) => !row[this.#blocks.get(`${STATUSES[status]} ${metric}`) ?? -1]),
    );
  }
}
