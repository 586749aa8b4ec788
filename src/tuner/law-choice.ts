import { type FitErrors, TERMS, type Term } from '../schemas/fit.ts';
import { LAWS, type Law, PARAMETERS_OF_LAWS } from '../schemas/model.ts';
import type { BenchmarkModel, BenchmarkPoint } from './benchmark-model.ts';
import { type Effort, fitLaw, type LawFit, type LawToFit, scalesOf } from './law-fit.ts';
import { LAW } from './law-parameters.ts';

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
const WARM: Effort = { maxIterations: 12, leastGain: 1e-5 };
/** Single points are held out in so many groups at most. */
const LARGEST_FOLDS = 10;

/** What may be tried. */
export interface Candidates {
  readonly terms?: readonly Term[];
  readonly laws?: readonly Law[];
}

/** Where the knee of a law with two regimes is sought from (tokens): a search from one side of it does not see the other. */
const KNEES = [64, 256, 1024];

/**
 * The law and the terms that prove themselves on points that they have not seen: from the first law with α, β, γ alone, the term, or the
 * other law, that lessens the held-out errors most is taken, then the next, until none does.
 *
 * @param candidates laws, the plainest first, and terms; absent: all
 * @param progress called with the share that is done, 0 … 1
 */
export function chooseLaw(
  model: BenchmarkModel,
  points: readonly BenchmarkPoint[],
  { terms = TERMS, laws = LAWS }: Candidates = {},
  progress: (share: number) => void = () => {},
): ChosenLaw {
  const folds = foldsOf(points);
  const total = 1 + (terms.length * (terms.length + 1)) / 2 + (laws.length - 1) * (terms.length + 1);
  const tried: (LawToFit & { heldOut: FitErrors | null })[] = [];
  const attempt = (which: LawToFit, start?: LawFit) => {
    const fit = fitFromKnees(model, points, which, start);
    const heldOut = folds && heldOutErrors(model, points, folds.groups, fit, which);
    tried.push({ ...which, heldOut });
    progress(Math.min(1, tried.length / total));
    return { ...which, fit, heldOut };
  };
  let best = attempt({ law: laws[0] ?? 'linear', terms: [] });
  while (best.heldOut) {
    const before = best;
    const next = nextOf(before, terms, laws)
      // Each point tells two figures; a law with as many parameters as points is no finding.
      .filter((which) => parametersOf(which) + 1 <= points.length)
      .map((which) => attempt(which, before.fit))
      .filter(({ fit }) => isTold(fit))
      .reduce<typeof best | null>((a, b) => (a && sumOf(a.heldOut) <= sumOf(b.heldOut) ? a : b), null);
    if (!next || sumOf(next.heldOut) > (1 - LEAST_GAIN) * sumOf(before.heldOut)) break;
    best = next;
  }
  progress(1);
  return {
    ...best,
    tried: tried.map((one) => ({
      ...one,
      isChosen: one.law === best.law && one.terms === best.terms,
    })),
    heldOutBy: folds?.by ?? null,
  };
}

/** One term more, or another law with the same terms; nobody goes back to the plainest. */
function nextOf({ law, terms }: LawToFit, all: readonly Term[], laws: readonly Law[]): LawToFit[] {
  const more = all.filter((term) => !terms.includes(term)).map((term) => ({ law, terms: [...terms, term] }));
  const others = laws.slice(1).filter((other) => other !== law && law === laws[0]);
  return [...more, ...others.map((other) => ({ law: other, terms: [...terms] }))];
}

function parametersOf({ law, terms }: LawToFit): number {
  return LAW.length + PARAMETERS_OF_LAWS[law].length + terms.length;
}

function fitFromKnees(
  model: BenchmarkModel,
  points: readonly BenchmarkPoint[],
  which: LawToFit,
  start: LawFit | undefined,
): LawFit {
  const from = start?.serviceTime;
  if (which.law !== 'two-regime' || (from && from.kneeTokens)) return fitLaw(model, points, which, from);
  const plain = from ?? fitLaw(model, points, { ...which, law: 'linear' }).serviceTime;
  return KNEES.map((kneeTokens) => fitLaw(model, points, which, { ...plain, kneeTokens })).reduce((a, b) =>
    a.cost <= b.cost ? a : b,
  );
}

/**
 * Whether the points tell each term, and what the law has of its own: one that is within its error of what changes nothing is none, and
 * lesser errors are chance then.
 */
function isTold({ parameters, serviceTime, covariance }: LawFit): boolean {
  const n = parameters.length;
  return parameters.every((name, j) => {
    // Without a slope beyond it there is no knee: the slope tells both.
    if (j < LAW.length || name === 'kneeTokens') return true;
    const away = Math.abs(serviceTime[name]! - (name === 'batchExponent' ? 1 : 0));
    return covariance !== null && away >= LEAST_CERTAINTY * Math.sqrt(covariance[j * n + j]);
  });
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
