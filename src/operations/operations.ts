import { canonicalKeys } from '../inferno/canonical-keys.ts';
import { fromInferno } from '../inferno/from-inferno.ts';
import { toInferno } from '../inferno/to-inferno.ts';
import type { KnownPair } from '../inferno/to-inferno-tuner.ts';
import { ratesOf } from '../queueing/analysis.ts';
import type { Registry } from '../registry.ts';
import type { CompareRequest, Comparison } from '../schemas/comparison.ts';
import type { FitAnswer, FitRequest } from '../schemas/fit.ts';
import { type InfernoAnswer, InfernoModelData, InfernoRequest } from '../schemas/inferno.ts';
import { InfernoReplicas } from '../schemas/inferno-tuner.ts';
import type { MinimumCards, MinimumCardsRequest } from '../schemas/minimum-cards.ts';
import type { OptimizeRequest, Plan } from '../schemas/plan.ts';
import type { SimulateRequest } from '../schemas/simulation.ts';
import type { SimulateAnswer } from '../schemas/simulation-answer.ts';
import type {
  Analysis,
  AnalyzeRequest,
  Concurrency,
  ConcurrencyRequest,
  SizeRequest,
  Sizing,
} from '../schemas/station.ts';
import type { TuneAnswer, TuneRequest } from '../schemas/tune.ts';
import { compareRequest, loadForRuns } from './compare-request.ts';
import { optimizeEffort, PER_SEARCH, queueModelFactor, stationEffort } from './effort.ts';
import { fitRequest, pointsToFit } from './fit-request.ts';
import { infernoCalibrate, infernoMerge, infernoTune, type Learnt } from './inferno-tuner.ts';
import { loadForCards, minimumCards } from './minimum-cards.ts';
import type { Operation, Prepared } from './operation.ts';
import { loadFor, optimizeRequest, optimizeRequestLightly } from './optimize-request.ts';
import { queueModelFor } from './queue-model-choice.ts';
import { simulateRequest } from './simulate-request.ts';
import { analyzeRequest, concurrencyRequest, sizeRequest } from './station-requests.ts';
import { loadForTuning, tuneRequest } from './tune-request.ts';

/**
 * Up to here (in sizings of a closed-form station) a request is answered in place: about 3 ms, of which the way to a worker and back would
 * be a tenth more (`npm run bench`).
 */
export const LIGHT_EFFORT = 1_000;

const optimize: Operation<OptimizeRequest, Plan> = {
  path: '/optimize',
  request: 'OptimizeRequest',
  prepare: (request, registry) => planned(request, registry, (plan) => plan),
};

const analyze: Operation<AnalyzeRequest, Analysis> = {
  path: '/analyze',
  request: 'AnalyzeRequest',
  prepare: (request, registry) =>
    ofStation(request, registry, ratesOf(request.requestsPerSec).length / 4, analyzeRequest),
};

const size: Operation<SizeRequest, Sizing> = {
  path: '/size',
  request: 'SizeRequest',
  // All targets, and each alone.
  prepare: (request, registry) => ofStation(request, registry, 4, sizeRequest),
};

const concurrency: Operation<ConcurrencyRequest, Concurrency> = {
  path: '/concurrency',
  request: 'ConcurrencyRequest',
  prepare: (request, registry) => ofStation(request, registry, PER_SEARCH, concurrencyRequest),
};

const compare: Operation<CompareRequest, Comparison> = {
  path: '/compare',
  request: 'CompareRequest',
  prepare: (request, registry) => ({
    // Several optimizations, some of them long: never in place.
    effort: Number.POSITIVE_INFINITY,
    load: () => loadForRuns(request, registry),
    perform: () => ({ answer: compareRequest(request, registry) }),
  }),
};

const cards: Operation<MinimumCardsRequest, MinimumCards> = {
  path: '/minimum-cards',
  request: 'MinimumCardsRequest',
  prepare: (request, registry) => ({
    // As above: a sweep is as many optimizations as it has points.
    effort: Number.POSITIVE_INFINITY,
    load: () => loadForCards(request, registry),
    perform: () => ({ answer: minimumCards(request, registry) }),
  }),
};

const tune: Operation<TuneRequest, TuneAnswer> = {
  path: '/tune',
  request: 'TuneRequest',
  prepare: (request, registry) => ({
    // The matrix algebra of the filter is loaded in workers alone.
    effort: Number.POSITIVE_INFINITY,
    load: () => loadForTuning(request, registry),
    perform: (progress) => ({ answer: tuneRequest(request, registry, progress) }),
  }),
};

const fit: Operation<FitRequest, FitAnswer> = {
  path: '/fit',
  request: 'FitRequest',
  prepare: (request, registry) => {
    const points = pointsToFit(request);
    return {
      // Tens of fits, each of hundreds of evaluations of every point.
      effort: Number.POSITIVE_INFINITY,
      perform: (progress) => ({ answer: fitRequest(request, points, registry, progress) }),
    };
  },
};

const simulate: Operation<SimulateRequest, SimulateAnswer> = {
  path: '/simulate',
  request: 'SimulateRequest',
  prepare: simulateRequest,
};

const inferno: Operation<InfernoRequest, InfernoAnswer> = {
  path: '/inferno/optimizeOne',
  request: 'InfernoRequest',
  normalize: (body) => canonicalKeys(InfernoRequest, body),
  prepare: (system, registry) => {
    const translated = fromInferno(system);
    return planned(translated.request, registry, (plan) => toInferno(plan, system, translated));
  },
};

const tunerTune: Operation<InfernoReplicas, InfernoModelData, Learnt> = {
  path: '/inferno/tune',
  request: 'InfernoReplicas',
  normalize: (body) => canonicalKeys(InfernoReplicas, body),
  prepare: infernoTune,
};

const tunerCalibrate: Operation<InfernoReplicas, InfernoModelData, Learnt> = {
  path: '/inferno/calibrate',
  request: 'InfernoReplicas',
  normalize: (body) => canonicalKeys(InfernoReplicas, body),
  prepare: infernoCalibrate,
};

const tunerMerge: Operation<InfernoModelData, InfernoModelData, readonly KnownPair[]> = {
  path: '/inferno/merge',
  request: 'InfernoModelData',
  normalize: (body) => canonicalKeys(InfernoModelData, body),
  prepare: (data, _registry, known) => infernoMerge(data, known),
};

/** What is posted to the service, by name. */
export const OPERATIONS = {
  optimize,
  compare,
  minimumCards: cards,
  analyze,
  size,
  concurrency,
  tune,
  fit,
  simulate,
  inferno,
  infernoTune: tunerTune,
  infernoCalibrate: tunerCalibrate,
  infernoMerge: tunerMerge,
} as const;
export type OperationName = keyof typeof OPERATIONS;

/** What answers with a plan, or with what is made of one. */
function planned<Answer>(
  request: OptimizeRequest,
  registry: Registry,
  answerOf: (plan: Plan) => Answer,
): Prepared<Answer> {
  return {
    effort: optimizeEffort(request, registry, LIGHT_EFFORT),
    load: () => loadFor(request, registry),
    perform: () => {
      const plan = optimizeRequest(request, registry);
      return { answer: answerOf(plan), plan };
    },
    performLightly: () => {
      const plan = optimizeRequestLightly(request, registry);
      return plan && { answer: answerOf(plan), plan };
    },
  };
}

function ofStation<
  Request extends Pick<SizeRequest, 'station' | 'queueModel'> & Partial<Pick<SizeRequest, 'targets'>>,
  Answer,
>(
  request: Request,
  registry: Registry,
  times: number,
  perform: (request: Request, registry: Registry) => Answer,
): Prepared<Answer> {
  const { station, queueModel, targets } = request;
  const model = queueModelFor(queueModel, targets ? [targets] : [], registry);
  const once = stationEffort(station.maxBatchSize, station, station.maxBatchTokens);
  return {
    effort: times * queueModelFactor(model) * once,
    perform: () => ({ answer: perform(request, registry) }),
  };
}
