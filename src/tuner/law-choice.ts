import { type FitErrors, TERMS, type Term } from '../schemas/fit.ts';
import { LAWS, type Law, PARAMETERS_OF_LAWS } from '../schemas/model.ts';
import type { BenchmarkModel, BenchmarkPoint } from './benchmark-model.ts';
import { type Effort, fitLaw, type LawFit, type LawToFit, scalesOf } from './law-fit.ts';
import { LAW, type Parameter } from './law-parameters.ts';
import { CHOOSING, fitNewLaw } from './new-law.ts';

export interface ChosenLaw {
  readonly fit: LawFit;
  readonly law: Law;
  readonly terms: readonly Term[];
  /** Each law that was tried with its terms, and the errors of what was held out; null: too few points to hold any out. */
  readonly tried: readonly {
    readonly law: Law;
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
const WARM: Effort = { maxIterations: 12, leastGain: 1e-6 };
/** Single points are held out in so many groups at most. */
const LARGEST_FOLDS = 10;

/** What may be tried. */
export interface Candidates {
  readonly terms?: readonly Term[];
  readonly laws?: readonly Law[];
}

/** So many points choose, evenly taken of more; all of them are fitted then. */
const CHOOSING_POINTS = 240;

/**
 * The law and the terms that prove themselves on points that they have not seen. From the first law with α, β, γ alone, the term that
 * lessens the held-out errors most is added, then the next, until none does. Each other law is tried with those of the terms that the
 * points still tell under it, and the best goes on.
 *
 * @param candidates laws, the plainest first, and terms; absent: all
 * @param progress called with the share that is done, 0 … 1
 */
export function chooseLaw(
  model: BenchmarkModel,
  all: readonly BenchmarkPoint[],
  { terms = TERMS, laws = LAWS }: Candidates = {},
  progress: (share: number) => void = () => {},
): ChosenLaw {
  const points = someOf(all);
  const folds = foldsOf(points);
  const total = laws.length + 1 + (terms.length * (terms.length + 1)) / 2;
  const tried: Attempt[] = [];
  const attempt = (fit: LawFit, terms: readonly Term[]): Attempt => {
    const { law } = fit;
    // Where the points do not tell a parameter nothing is learnt from points held out.
    const heldOut =
      folds && isTold(fit) ? heldOutErrors(model, points, folds.groups, fit, { law, terms }) : null;
    tried.push({ law, terms, fit, heldOut });
    progress(Math.min(0.95, tried.length / total));
    return tried[tried.length - 1];
  };
  const isFew = (which: LawToFit) => parametersOf(which) + 1 > points.length;
  const withMoreTerms = (from: Attempt): Attempt => {
    let best = from;
    while (best.heldOut) {
      const { law, terms: before, fit } = best;
      const next = terms
        .filter((term) => !before.includes(term))
        .map((term) => ({ law, terms: [...before, term] }))
        .filter((which) => !isFew(which))
        .map((which) => attempt(fitLaw(model, points, which, fit.serviceTime, CHOOSING), which.terms));
      const better = bestOf(best, next);
      if (better === best) break;
      best = better;
    }
    return best;
  };
  const [plainest = 'linear', ...others] = laws;
  const which = { law: plainest, terms: [] };
  const first = withMoreTerms(attempt(fitNewLaw(model, points, which), []));
  const further = first.heldOut
    ? others
        .filter((law) => !isFew({ law, terms: first.terms }))
        .map((law) => toldOf(model, points, { law, terms: first.terms }, first.fit))
        .map(({ fit, terms }) => attempt(fit, terms))
    : [];
  const other = bestOf(first, further);
  const best = other === first ? first : withMoreTerms(other);
  const fit = points === all ? best.fit : fitLaw(model, all, best, best.fit.serviceTime, CHOOSING);
  progress(1);
  return {
    ...best,
    fit,
    tried: tried.map((one) => ({ ...one, isChosen: one === best })),
    heldOutBy: folds?.by ?? null,
  };
}

interface Attempt extends LawToFit {
  readonly fit: LawFit;
  readonly heldOut: FitErrors | null;
}

/** The best of those that are better by enough, else the one before. */
function bestOf(before: Attempt, next: readonly Attempt[]): Attempt {
  const least = (1 - LEAST_GAIN) * sumOf(before.heldOut);
  return next.reduce((a, b) => (sumOf(b.heldOut) <= Math.min(least, sumOf(a.heldOut)) ? b : a), before);
}

/** A law with those of the terms that the points tell under it: the least certain goes first. */
function toldOf(
  model: BenchmarkModel,
  points: readonly BenchmarkPoint[],
  { law, terms }: LawToFit,
  start: LawFit,
): { readonly fit: LawFit; readonly terms: readonly Term[] } {
  const fit = fitNewLaw(model, points, { law, terms }, start);
  const doubt = terms
    .map((term) => ({ term, certainty: certaintyOf(fit, term) }))
    .sort((a, b) => a.certainty - b.certainty);
  if (doubt.length === 0 || doubt[0].certainty >= LEAST_CERTAINTY) return { fit, terms };
  return toldOf(model, points, { law, terms: terms.filter((term) => term !== doubt[0].term) }, start);
}

/** Evenly taken, where there are more than choose; their order is that of the request. */
function someOf(points: readonly BenchmarkPoint[]): readonly BenchmarkPoint[] {
  const few = CHOOSING_POINTS;
  if (points.length <= few) return points;
  return Array.from({ length: few }, (_, i) => points[Math.floor((i * points.length) / few)]);
}

function parametersOf({ law, terms }: LawToFit): number {
  return LAW.length + PARAMETERS_OF_LAWS[law].length + terms.length;
}

/**
 * Whether the points tell each term, and what the law has of its own: one that is within its error of what changes nothing is none, and
 * lesser errors are chance then.
 */
function isTold(fit: LawFit): boolean {
  return fit.parameters.every((name) => certaintyOf(fit, name) >= LEAST_CERTAINTY);
}

/** How many of its standard errors a parameter is away from what changes nothing; of α, β and γ it is not asked. */
function certaintyOf({ parameters, serviceTime, covariance }: LawFit, name: Parameter): number {
  const j = parameters.indexOf(name);
  // Without a slope beyond it there is no knee: the slope tells both.
  if (j < LAW.length || name === 'kneeTokens') return Number.POSITIVE_INFINITY;
  const away = Math.abs(serviceTime[name]! - withoutEffect(name, serviceTime));
  return covariance && away > 0 ? away / Math.sqrt(covariance[j * (parameters.length + 1)]) : 0;
}

function withoutEffect(name: Parameter, { betaMsPerToken }: LawFit['serviceTime']): number {
  if (name === 'decodeMsPerToken') return betaMsPerToken;
  return name === 'batchExponent' ? 1 : 0;
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
  which: LawToFit,
): FitErrors {
  const sums = { ttft: 0, itl: 0 };
  for (const group of new Set(groups)) {
    const kept = points.filter((_, i) => groups[i] !== group);
    const { serviceTime } = fitLaw(model, kept, which, whole.serviceTime, WARM);
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
