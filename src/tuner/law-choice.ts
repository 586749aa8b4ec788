import { type FitErrors, TERMS, type Term } from '../schemas/fit.ts';
import type { BenchmarkModel, BenchmarkPoint } from './benchmark-model.ts';
import { fitLaw, LAW, type LawFit, scalesOf } from './law-fit.ts';

export interface ChosenLaw {
  readonly fit: LawFit;
  readonly terms: readonly Term[];
  /** Each law that was tried, with the errors of what was held out; null: too few points to hold any out. */
  readonly tried: readonly {
    readonly terms: readonly Term[];
    readonly heldOut: FitErrors | null;
    readonly isChosen: boolean;
  }[];
  readonly heldOut: FitErrors | null;
  /** What was held out together: all points of a report, or one point. */
  readonly heldOutBy: 'report' | 'point' | null;
}

/** A term must lessen the sum of both held-out errors by this share to be kept. */
const LEAST_GAIN = 0.02;

/** A term is told from so many of its standard errors on. */
const LEAST_CERTAINTY = 2;

/** From so many reports on, one is held out after the other; from so many points on, else, one point. */
const REPORTS_TO_HOLD_OUT = 3;
const POINTS_TO_HOLD_OUT = 6;
/** A fit that begins at that of all points is near its end. */
const WARM_ITERATIONS = 12;
/** Single points are held out in so many groups at most. */
const LARGEST_FOLDS = 24;

/**
 * The law whose terms prove themselves on points that it has not seen: from α, β, γ alone, the term that lessens the held-out errors most is
 * added, then the next, until none does.
 *
 * @param candidates terms that may be added
 * @param progress called with the share that is done, 0 … 1
 */
export function chooseLaw(
  model: BenchmarkModel,
  points: readonly BenchmarkPoint[],
  candidates: readonly Term[] = TERMS,
  progress: (share: number) => void = () => {},
): ChosenLaw {
  const folds = foldsOf(points);
  const total = 1 + (candidates.length * (candidates.length + 1)) / 2;
  const tried: { terms: readonly Term[]; heldOut: FitErrors | null }[] = [];
  const attempt = (terms: readonly Term[], start?: LawFit) => {
    const fit = fitLaw(model, points, terms, start?.serviceTime);
    const heldOut = folds && heldOutErrors(model, points, folds.groups, fit, terms);
    tried.push({ terms, heldOut });
    progress(Math.min(1, tried.length / total));
    return { fit, terms, heldOut };
  };
  let best = attempt([]);
  // Each point tells two figures; a law with as many parameters as points is no finding.
  while (best.heldOut && LAW.length + best.terms.length + 2 <= points.length) {
    const before = best;
    const next = candidates
      .filter((term) => !before.terms.includes(term))
      .map((term) => attempt([...before.terms, term], before.fit))
      .filter(({ fit }) => isTold(fit))
      .reduce<typeof best | null>((a, b) => (a && sumOf(a.heldOut) <= sumOf(b.heldOut) ? a : b), null);
    if (!next || sumOf(next.heldOut) > (1 - LEAST_GAIN) * sumOf(before.heldOut)) break;
    best = next;
  }
  progress(1);
  return {
    ...best,
    tried: tried.map((one) => ({ ...one, isChosen: one.terms === best.terms })),
    heldOutBy: folds?.by ?? null,
  };
}

/** Whether the points tell each term: one that is nothing within its error is none, and lesser errors are chance then. */
function isTold({ parameters, serviceTime, covariance }: LawFit): boolean {
  const n = parameters.length;
  return parameters.every(
    (name, j) =>
      j < LAW.length ||
      (covariance !== null && serviceTime[name]! >= LEAST_CERTAINTY * Math.sqrt(covariance[j * n + j])),
  );
}

/** Errors of a law over points. */
export function errorsOf(
  model: BenchmarkModel,
  points: readonly BenchmarkPoint[],
  { serviceTime }: Pick<LawFit, 'serviceTime'>,
): FitErrors {
  const sums = { ttft: 0, itl: 0 };
  add(sums, model, points, serviceTime);
  return meanOf(sums, points);
}

function heldOutErrors(
  model: BenchmarkModel,
  points: readonly BenchmarkPoint[],
  groups: readonly number[],
  whole: LawFit,
  terms: readonly Term[],
): FitErrors {
  const sums = { ttft: 0, itl: 0 };
  for (const group of new Set(groups)) {
    const kept = points.filter((_, i) => groups[i] !== group);
    const { serviceTime } = fitLaw(model, kept, terms, whole.serviceTime, WARM_ITERATIONS);
    add(
      sums,
      model,
      points.filter((_, i) => groups[i] === group),
      serviceTime,
    );
  }
  return meanOf(sums, points);
}

function add(
  sums: { ttft: number; itl: number },
  model: BenchmarkModel,
  points: readonly BenchmarkPoint[],
  serviceTime: LawFit['serviceTime'],
): void {
  for (const point of points) {
    model.write(point, serviceTime, predicted);
    // What cannot be predicted is wrong by all of it.
    sums.ttft += Number.isFinite(predicted[0]) ? Math.abs(predicted[0] - point.ttftMs) : point.ttftMs;
    sums.itl += Number.isFinite(predicted[1]) ? Math.abs(predicted[1] - point.itlMs) : point.itlMs;
  }
}

const predicted = new Float64Array(2);

function meanOf(sums: { ttft: number; itl: number }, points: readonly BenchmarkPoint[]): FitErrors {
  const scale = scalesOf(points);
  return {
    ttftFraction: sums.ttft / points.length / scale.ttftMs,
    itlFraction: sums.itl / points.length / scale.itlMs,
  };
}

/** The group of each point. */
function foldsOf(
  points: readonly BenchmarkPoint[],
): { readonly by: 'report' | 'point'; readonly groups: readonly number[] } | null {
  const reports = points.map(({ group }) => group);
  if (new Set(reports).size >= REPORTS_TO_HOLD_OUT) return { by: 'report', groups: reports };
  if (points.length < POINTS_TO_HOLD_OUT) return null;
  const folds = Math.min(points.length, LARGEST_FOLDS);
  return { by: 'point', groups: points.map((_, i) => i % folds) };
}

function sumOf(errors: FitErrors | null): number {
  return errors ? errors.ttftFraction + errors.itlFraction : Number.POSITIVE_INFINITY;
}
