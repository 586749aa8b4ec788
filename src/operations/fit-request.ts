import { ApiError } from '../errors.ts';
import { symmetricEigen } from '../numerics/symmetric-eigen.ts';
import { correlationsOf } from '../queueing/log-covariance.ts';
import { chosen, type Registry } from '../registry.ts';
import type { FitAnswer, FitPoint, FitRequest } from '../schemas/fit.ts';
import { combinationsOf, LARGEST_CONDITION, shownCombinations } from '../tuner/belief.ts';
import { BenchmarkModel, type BenchmarkPoint } from '../tuner/benchmark-model.ts';
import { chooseLaw, errorsOf } from '../tuner/law-choice.ts';
import type { LawFit } from '../tuner/law-fit.ts';
import { LAW } from '../tuner/law-parameters.ts';
import { observedRangeOf } from '../tuner/observed-range.ts';
import { type MeasuredPoint, measuredPoints } from './benchmark-points.ts';
import { DEFAULT_QUEUE_MODEL } from './queue-model-choice.ts';

/** Fewer points than this say nothing of three parameters: each tells two figures. */
const LEAST_POINTS = 2;

/**
 * The points of a request.
 *
 * @throws ApiError with every fault of its reports, or that too few points are left
 */
export function pointsToFit(request: FitRequest): readonly MeasuredPoint[] {
  const { points, faults } = measuredPoints(request);
  if (faults.length > 0) throw ApiError.ofFaults(faults.map((fault) => ({ kind: 'meaning', ...fault })));
  const usable = points.filter(({ shown }) => shown.leftOut === null);
  if (usable.length >= LEAST_POINTS) return points;
  const message =
    points.length === 0
      ? 'gives no points: reports or observations are needed'
      : `leaves ${usable.length} of ${points.length} points, and at least ${LEAST_POINTS} are needed; left out: ${reasonsOf(points)}`;
  throw ApiError.ofFaults([{ kind: 'meaning', path: '', message }]);
}

function reasonsOf(points: readonly MeasuredPoint[]): string {
  const reasons = points.flatMap(({ shown: { name, leftOut } }) => (leftOut ? [`${name} (${leftOut})`] : []));
  const named = reasons.slice(0, 5).join('; ');
  return reasons.length > 5 ? `${named}; and ${reasons.length - 5} more` : named;
}

/**
 * The law that explains the points, its errors on them and on points that it has not seen.
 *
 * @param progress called with the share that is done, 0 … 1
 */
export function fitRequest(
  { queueModel, terms, laws }: FitRequest,
  measured: readonly MeasuredPoint[],
  registry: Registry,
  progress?: (share: number) => void,
): FitAnswer {
  const { strategy, options } = chosen(registry.queueModels, queueModel, DEFAULT_QUEUE_MODEL);
  const model = new BenchmarkModel(strategy, options as Record<string, unknown>);
  const counted = measured.flatMap(({ shown, point }) => (shown.counts && point ? [point] : []));
  const { fit, tried, heldOut, heldOutBy } = chooseLaw(model, counted, { terms, laws }, progress);
  return {
    queueModel: { name: strategy.name },
    serviceTime: fit.serviceTime,
    ...certaintyOf(fit),
    errors: errorsOf(model, counted, fit),
    heldOut,
    heldOutBy,
    laws: tried.map(({ law, terms, heldOut, isChosen }) => ({
      law,
      terms: [...terms],
      heldOut,
      chosen: isChosen,
    })),
    observedRange: observedRangeOf(counted)!,
    counted: counted.length,
    points: measured.map(({ shown, point }) => ({ ...shown, ...predictionOf(model, fit, point) })),
  };
}

function certaintyOf({
  covariance,
  parameters,
  serviceTime,
}: LawFit): Pick<
  FitAnswer,
  'standardErrors' | 'correlations' | 'identified' | 'conditionNumber' | 'combinations'
> {
  if (!covariance) {
    return {
      standardErrors: null,
      correlations: null,
      identified: false,
      conditionNumber: null,
      combinations: [],
    };
  }
  const n = parameters.length;
  const errors = parameters.map((name, j) => {
    const spread = Math.sqrt(covariance[j * n + j]);
    return [name, j < LAW.length ? serviceTime[name]! * spread : spread];
  });
  const ofLaw = LAW.flatMap((_, j) => LAW.map((_, k) => covariance[j * n + k]));
  const values = symmetricEigen(ofLaw, LAW.length).map(({ value }) => value);
  const ratio = values[0] / values[LAW.length - 1];
  const conditionNumber = ratio > 0 && Number.isFinite(ratio) ? Math.sqrt(ratio) : null;
  return {
    standardErrors: Object.fromEntries(errors),
    correlations: correlationsOf(ofLaw),
    identified: conditionNumber !== null && conditionNumber <= LARGEST_CONDITION,
    conditionNumber,
    combinations: shownCombinations(combinationsOf(ofLaw)),
  };
}

function predictionOf(
  model: BenchmarkModel,
  { serviceTime }: LawFit,
  point: BenchmarkPoint | null,
): Pick<FitPoint, 'predicted' | 'errors'> {
  if (!point) return { predicted: null, errors: null };
  model.write(point, serviceTime, predicted);
  const [ttftMs, itlMs] = [...predicted].map((value) => (Number.isFinite(value) ? value : null));
  return {
    predicted: { ttftMs, itlMs },
    errors: {
      ttftFraction: ttftMs && ttftMs / point.ttftMs - 1,
      itlFraction: itlMs && itlMs / point.itlMs - 1,
    },
  };
}

const predicted = new Float64Array(2);
