import type { QueueModel } from '../../src/queueing/queue-model.ts';
import { type Errors, errorsOf, JUDGED, type Judged } from './errors.ts';
import type { Situation } from './grid.ts';
import type { Judgement } from './table.ts';

/** Up to saturation, prompts that are short beside the token budget of an iteration. */
const varied = (arrivals: number, lengths: number) => (situation: Situation) =>
  situation.arrivalCv === arrivals &&
  situation.tokenCv === lengths &&
  situation.utilization <= 1 &&
  !hasLongPrompts(situation) &&
  !hasShortOutputs(situation);

/** Whether the mean prompt takes the token budget of at least one iteration. */
export function hasLongPrompts({ inputTokens, maxBatchTokens }: Situation): boolean {
  return inputTokens >= maxBatchTokens;
}

/** Whether prefills are most of the time. */
export function hasShortOutputs({ inputTokens, outputTokens }: Situation): boolean {
  return inputTokens > 50 * outputTokens;
}

/** Parts of the grid that a reader asks about. */
export const REGIONS: Readonly<Record<string, (situation: Situation) => boolean>> = {
  'Poisson arrivals, exponential lengths': varied(1, 1),
  'Poisson arrivals, constant lengths': varied(1, 0),
  'constant arrivals and lengths': varied(0, 0),
  'constant arrivals, exponential lengths': varied(0, 1),
  'bursts (cv 2), exponential lengths': varied(2, 1),
  'bursts (cv 3), exponential lengths': varied(3, 1),
  'Poisson arrivals, lognormal lengths (cv 2)': varied(1, 2),
  'long prompts (1 to 4 token budgets), Poisson arrivals': (situation) =>
    hasLongPrompts(situation) && situation.utilization <= 1,
  'short outputs (2048 / 28, 512 / 4), Poisson arrivals': (situation) =>
    hasShortOutputs(situation) && situation.utilization <= 1,
  'overload (1.2), a waiting room of one batch': ({ utilization }) => utilization > 1,
};

/** Of the absolute errors: the middle one, the one that nine of ten stay below, the largest; how many within 5 % and 10 %, of how many. */
export interface Summary {
  readonly median: number;
  readonly p90: number;
  readonly worst: number;
  readonly within5: number;
  readonly within10: number;
  readonly situations: number;
}

export function summaryOf(errors: readonly number[]): Summary {
  const sizes = errors
    .filter((error) => !Number.isNaN(error))
    .map(Math.abs)
    .sort((a, b) => a - b);
  const at = (p: number) => sizes[Math.max(0, Math.ceil(p * sizes.length) - 1)] ?? Number.NaN;
  return {
    median: at(0.5),
    p90: at(0.9),
    worst: at(1),
    within5: sizes.filter((size) => size <= 0.05).length,
    within10: sizes.filter((size) => size <= 0.1).length,
    situations: sizes.length,
  };
}

export interface JudgedSituation {
  readonly situation: Situation;
  readonly errors: Errors;
}

export function judged(model: QueueModel, judgements: readonly Judgement[]): JudgedSituation[] {
  return judgements.map(({ situation, truth }) => ({ situation, errors: errorsOf(model, situation, truth) }));
}

export function summaries(
  of: readonly JudgedSituation[],
  region: (situation: Situation) => boolean,
): Readonly<Record<Judged, Summary>> {
  const inRegion = of.filter(({ situation }) => region(situation));
  return Object.fromEntries(
    JUDGED.map((name) => [name, summaryOf(inRegion.map(({ errors }) => errors[name]))]),
  ) as Record<Judged, Summary>;
}
