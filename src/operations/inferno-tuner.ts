import { ApiError } from '../errors.ts';
import { fromInfernoTuner, type Grouped, pairKey, type ReplicaGroup } from '../inferno/from-inferno-tuner.ts';
import { calibratedPair, FIRST_TUNINGS, type LearnedPair, tunedPair } from '../inferno/learned-pair.ts';
import { type KnownPair, mergedModels, tunedModel } from '../inferno/to-inferno-tuner.ts';
import type { Registry } from '../registry.ts';
import { MAX_FAULTS } from '../schemas/faults.ts';
import type { InfernoModelData } from '../schemas/inferno.ts';
import type { InfernoReplicas } from '../schemas/inferno-tuner.ts';
import type { Fault } from '../schemas/problem.ts';
import type { TuneRequest } from '../schemas/tune.ts';
import type { Performed, Prepared } from './operation.ts';
import { loadForTuning, tuneRequest } from './tune-request.ts';

/** What the tuner's clients have taught so far. */
export interface Learnt {
  readonly pairs: readonly LearnedPair[];
  /** Pairs that are kept at most. */
  readonly limit: number;
  /** The time (RFC 3339). */
  readonly now: string;
}

/** Fits all points of a sweep together; each is the mean of a load that was held, so that there is less noise than in a cycle of a control loop. */
const SWEEP_ESTIMATOR = { name: 'joint-fit', options: { noiseFraction: 0.02 } };

/** Two points are a sweep. */
const LEAST_POINTS = 2;

/** Tunes each pair of a request from where it was left. */
export function infernoTune(
  replicas: InfernoReplicas,
  registry: Registry,
  learnt: Learnt,
): Prepared<InfernoModelData> {
  return inWorker({}, registry, () => {
    const grouped = groupedWithin(replicas, learnt.limit);
    const before = new Map(learnt.pairs.map((pair) => [pairKey(pair.model, pair.accelerator), pair]));
    const known = grouped.groups.map(
      ({ model, accelerator }) => before.get(pairKey(model, accelerator)) ?? null,
    );
    const items = grouped.groups.map((group, i) => itemOf(group, known[i]));
    const tuned = tuneRequest({ items }, registry).items;
    const after = tuned.map((one, i) => tunedPair(known[i], one, learnt.now));
    const detail = 'No pair of this request has parameters yet; what was observed is kept.';
    return answerOf(grouped, after, detail, (pair) => {
      const told = `it was tuned ${pair?.updateCount ?? 0} times, and is told after ${FIRST_TUNINGS}`;
      return `is of a pair without parameters: ${told}, or when loads that differ tell its parameters apart`;
    });
  });
}

/** Fits the sweep of each pair by itself, whatever was known before. */
export function infernoCalibrate(
  points: InfernoReplicas,
  registry: Registry,
  learnt: Learnt,
): Prepared<InfernoModelData> {
  const estimator = SWEEP_ESTIMATOR;
  return inWorker({ estimator }, registry, () => {
    const grouped = groupedWithin(points, learnt.limit);
    const items = grouped.groups.map((group) => itemOf(group, null));
    const tuned = tuneRequest({ items, estimator }, registry).items;
    const after = tuned.map((one) =>
      one.observations.length < LEAST_POINTS ? null : calibratedPair(one, learnt.now),
    );
    const detail = 'No sweep of this request tells the parameters of its pair; what was known is kept.';
    return answerOf(grouped, after, detail, (_, { observations }) =>
      observations.length < LEAST_POINTS
        ? `is alone: a sweep has ${LEAST_POINTS} points at least`
        : 'is of a sweep that does not tell the parameters apart: let rates and lengths differ more',
    );
  });
}

/** Overlays what is known on the posted models. */
export function infernoMerge(
  data: InfernoModelData,
  known: readonly KnownPair[],
): Prepared<InfernoModelData> {
  return { effort: 0, perform: () => ({ answer: mergedModels(data, known) }) };
}

function inWorker<Answer>(
  request: Pick<TuneRequest, 'estimator'>,
  registry: Registry,
  perform: () => Performed<Answer>,
): Prepared<Answer> {
  return { effort: Number.POSITIVE_INFINITY, load: () => loadForTuning(request, registry), perform };
}

/** @throws ApiError where there is nothing to learn from, or more than can be kept */
function groupedWithin(replicas: InfernoReplicas, limit: number): Grouped {
  const grouped = fromInfernoTuner(replicas);
  const { groups, unusable, hasTraffic } = grouped;
  if (groups.length === 0) {
    const detail = hasTraffic ? 'No entry tells all that is needed.' : 'No entry has active traffic.';
    throw new ApiError('meaningless-input', detail, unusable.slice(0, MAX_FAULTS));
  }
  if (groups.length > limit) {
    const message = `has ${groups.length} pairs of model and accelerator; ${limit} can be kept (INFERNO_TUNER_PAIRS of the service)`;
    throw new ApiError('meaningless-input', 'There are more pairs than can be kept.', [
      { path: '', message },
    ]);
  }
  return grouped;
}

function itemOf({ model, accelerator, observations }: ReplicaGroup, known: LearnedPair | null) {
  return { model, variant: accelerator, state: known && JSON.parse(known.state), observations };
}

/** What is told of the groups of a request, which of them is kept, and why nothing is told where that is so. */
function answerOf(
  { groups, unusable }: Grouped,
  pairs: readonly (LearnedPair | null)[],
  detail: string,
  whyNot: (pair: LearnedPair | null, group: ReplicaGroup) => string,
): Performed<InfernoModelData> {
  const models = groups.flatMap((group, i) => {
    const { parameters = null } = pairs[i] ?? {};
    return parameters ? [tunedModel({ ...group, parameters }, group.maxBatchSize)] : [];
  });
  const performed = { answer: { models }, learnt: pairs.filter((pair) => pair !== null) };
  if (models.length > 0) return performed;
  const silent = groups.map(
    (group, i): Fault => ({ path: `/${group.first}`, message: whyNot(pairs[i], group) }),
  );
  const faults = [...silent, ...unusable].slice(0, MAX_FAULTS);
  return { ...performed, refusal: new ApiError('meaningless-input', detail, faults) };
}
