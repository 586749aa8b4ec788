import { type BatchFigure, type Estimate, halfWidthOf, type Stretch } from './batches.ts';

const PERCENTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;
type PercentileName = keyof typeof PERCENTILES;
/** Where the distribution is told beside: enough to draw it. */
export const CURVE = [
  ...[0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75],
  ...[0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999],
] as const;
const NAMES = Object.keys(PERCENTILES) as PercentileName[];

/** What a latency was (ms); NaN: nothing was seen. Half widths are of 95 % confidence intervals; NaN: not known. */
export interface Distribution extends Estimate, Readonly<Record<PercentileName, number>> {
  readonly halfWidths: Readonly<Record<PercentileName, number>>;
  /** The quantiles of CURVE … */
  readonly curve: readonly number[];
  /** … and those that were asked for beside. */
  readonly further: readonly number[];
}

/**
 * The distribution of a latency.
 *
 * @param groups the stretches that its intervals come from, with what was seen in each
 * @param further shares whose quantiles are told beside those of CURVE
 */
export function distribution<Sample>(
  all: Sample,
  groups: readonly Stretch[],
  samples: readonly Sample[],
  further: readonly number[],
  meanOfSample: (sample: Sample) => number,
  quantile: (sample: Sample, p: number) => number,
): Distribution {
  const each = (figureOf: (p: number) => number) =>
    Object.fromEntries(NAMES.map((name) => [name, figureOf(PERCENTILES[name])])) as Record<
      PercentileName,
      number
    >;
  const halfWidth = (figureOf: (sample: Sample) => number) =>
    halfWidthOf(figuresOf(groups, samples.map(figureOf)), figureOf(all));
  return {
    mean: meanOfSample(all),
    ...each((p) => quantile(all, p)),
    halfWidth: halfWidth(meanOfSample),
    curve: CURVE.map((p) => quantile(all, p)),
    further: further.map((p) => quantile(all, p)),
    halfWidths: each((p) => halfWidth((sample) => quantile(sample, p))),
  };
}

/** What stretches show, each weighing as much as it is long. */
export function figuresOf(stretches: readonly Stretch[], values: readonly number[]): BatchFigure[] {
  return stretches.map(({ from, to }, i) => ({ weight: to - from, value: values[i] }));
}
