import type { FastifyInstance } from 'fastify';
import { ApiError } from '../errors.ts';
import type { LearnedPair } from '../inferno/learned-pair.ts';
import { LearnedPairs } from '../inferno/learned-pairs.ts';
import { calibrationStatuses, parametersOf } from '../inferno/to-inferno-tuner.ts';
import type { Learnt } from '../operations/inferno-tuner.ts';
import type { Memory } from '../plugins/answers.ts';
import { routeSchema } from '../plugins/schemas.ts';
import { Turns } from '../plugins/turns.ts';
import { InfernoPair, type InfernoWarmUp } from '../schemas/inferno-tuner.ts';

const OFF = 'The tuner is switched off.';

const verb = (route: Omit<Parameters<typeof routeSchema>[0], 'tag'>) =>
  routeSchema({ failures: { 404: OFF }, ...route, tag: 'llm-inferno tuner' });

const SCHEMAS = {
  tune: verb({
    summary: 'Take what replicas did',
    description:
      'Answers the pairs of this request whose parameters are known; 422 while there are none, what was observed is kept all the same. Parameters are told once loads that differ tell them apart, or after five tunings.',
    body: 'InfernoReplicas',
    answer: 'InfernoModelData',
  }),
  calibrate: verb({
    summary: 'Fit a sweep',
    description:
      'Fits the points of each pair together, whatever was known before. Answers the pairs that were calibrated; 422 where a sweep does not tell the parameters apart, what was known is kept.',
    body: 'InfernoReplicas',
    answer: 'InfernoModelData',
  }),
  merge: verb({
    summary: 'Models with the parameters that are known',
    description:
      'The posted entries with the parameters of their pairs, then the pairs that were not posted.',
    body: 'InfernoModelData',
    answer: 'InfernoModelData',
  }),
  warmup: verb({
    summary: 'Whether to wait before merging',
    description: 'Of all pairs that were seen in the last ten tunings; the parameters of a pair settle once.',
    answer: 'InfernoWarmUp',
  }),
  getparams: verb({
    summary: 'Parameters of a pair',
    query: InfernoPair,
    answer: 'InfernoParameters',
    failures: {
      400: 'The query names no model or no accelerator.',
      404: 'There are no parameters of that pair, or the tuner is switched off.',
    },
  }),
  calibrationStatus: verb({
    summary: 'How well each pair is known',
    answer: 'InfernoCalibrationStatuses',
  }),
};

interface Options {
  /** Pairs that are kept at most; 0: the tuner is off. */
  readonly maxPairs: number;
  /** Requests that may wait while another learns. */
  readonly maxWaiting: number;
}

/** The tuner of llm-inferno's clients, whose contract has a memory: it is this instance's, and ends with it. */
export default async function (app: FastifyInstance, { maxPairs, maxWaiting }: Options) {
  const pairs = new LearnedPairs(maxPairs);
  app.watchPairs(pairs);
  if (maxPairs === 0) {
    app.addHook('onRequest', async () => {
      const detail = `${OFF} It keeps what it learns in memory: set INFERNO_TUNER_PAIRS to the number of pairs of model and accelerator that it may keep, 1000 for example.`;
      throw new ApiError('not-found', detail);
    });
  }

  const learner: Memory = {
    known: (): Learnt => ({ pairs: pairs.all(), limit: pairs.limit, now: new Date().toISOString() }),
    learning: {
      turns: new Turns(maxWaiting),
      keep: (learnt) => {
        const gone = pairs.keep(learnt as LearnedPair[]);
        if (gone > 0)
          app.log.warn({ gone, kept: maxPairs }, 'pairs are forgotten for others (INFERNO_TUNER_PAIRS)');
      },
    },
  };
  const reader: Memory = { known: () => pairs.known() };

  app.post('/inferno/tune', { schema: SCHEMAS.tune }, (request, reply) =>
    app.answer('infernoTune', request, reply, learner),
  );
  app.post('/inferno/calibrate', { schema: SCHEMAS.calibrate }, (request, reply) =>
    app.answer('infernoCalibrate', request, reply, learner),
  );
  app.post('/inferno/merge', { schema: SCHEMAS.merge }, (request, reply) =>
    app.answer('infernoMerge', request, reply, reader),
  );
  app.get('/inferno/warmup', { schema: SCHEMAS.warmup }, async (): Promise<InfernoWarmUp> => {
    return { warmingUp: pairs.isWarmingUp };
  });
  app.get('/inferno/getparams', { schema: SCHEMAS.getparams }, async (request) => {
    const { model, accelerator } = namesIn(request.query as Readonly<Record<string, unknown>>);
    const pair = pairs.find(model, accelerator);
    if (pair) return parametersOf(pair);
    const detail = `There are no parameters of model ${JSON.stringify(model)} on accelerator ${JSON.stringify(accelerator)}.`;
    throw new ApiError('not-found', detail);
  });
  app.get('/inferno/calibration-status', { schema: SCHEMAS.calibrationStatus }, async () =>
    calibrationStatuses(pairs.all()),
  );
}

/** @throws ApiError where the query does not name a pair */
function namesIn(query: Readonly<Record<string, unknown>>): { model: string; accelerator: string } {
  const { model, accelerator } = query;
  const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';
  if (isName(model) && isName(accelerator)) return { model, accelerator };
  const faults = Object.entries({ model, accelerator })
    .filter(([, value]) => !isName(value))
    .map(([name]) => ({ path: `/${name}`, message: 'is required in the query, once' }));
  throw new ApiError('malformed-input', 'Name a pair: ?model=…&accelerator=…', faults);
}
