/** A time, and how many times faster than the plain method that is; null: the plain method is not its yardstick. */
export interface Row {
  readonly what: string;
  readonly ms: number;
  readonly ratio: number | null;
}

/** A figure that is no time. */
export interface Figure {
  readonly what: string;
  /** null: not known. */
  readonly value: number | null;
}

/** What a section of the benchmark measured. */
export interface Section {
  readonly rows: readonly Row[];
  readonly figures: readonly Figure[];
}

/** Median time of a run after warm-up (ms); a short run is repeated, so that the clock can tell its time. */
export function timeMs(run: () => void, times: number, repeats = 1): number {
  for (let i = 0; i < Math.min(3, times) * repeats; i++) run();
  const measured = Array.from({ length: times }, () => {
    const start = performance.now();
    for (let i = 0; i < repeats; i++) run();
    return (performance.now() - start) / repeats;
  });
  return median(measured);
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

export function printed({ rows, figures }: Section): string {
  const lines = rows.map(({ what, ms, ratio }) => {
    const times = ratio === null ? '' : ratio.toPrecision(3).padStart(10);
    return `${what.padEnd(44)}${ms.toPrecision(4).padStart(10)}  ${times}`.trimEnd();
  });
  const hasRatios = rows.some(({ ratio }) => ratio !== null);
  const head = `${' '.repeat(52)}ms${hasRatios ? '      times the plain method' : ''}`;
  return [
    ...(rows.length > 0 ? [head] : []),
    ...lines,
    ...figures.map(({ what, value }) => `${what}: ${value?.toFixed(2) ?? '–'}`),
  ].join('\n');
}
