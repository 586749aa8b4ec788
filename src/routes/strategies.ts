import type { FastifyInstance } from 'fastify';
import { DEFAULT_SOLVER } from '../operations/optimize-request.ts';
import { DEFAULT_QUEUE_MODEL } from '../operations/queue-model-choice.ts';
import { routeSchema } from '../plugins/schemas.ts';
import { MODEL_ERRORS } from '../queueing/model-errors.ts';
import type { QueueModel } from '../queueing/queue-model.ts';
import type { Registry, StrategySet } from '../registry.ts';
import type { Strategy } from '../schemas/plug-in.ts';
import type { QueueModelList, StrategyDescription } from '../schemas/strategy.ts';
import { DEFAULT_ESTIMATOR } from '../tuner/estimator.ts';

export default async function (app: FastifyInstance, { registry }: { registry: Registry }) {
  const list = (summary: string) => routeSchema({ summary, tag: 'strategies', answer: 'StrategyList' });
  app.get('/solvers', { schema: list('Solvers that a request may name') }, async () =>
    describe(registry.solvers, DEFAULT_SOLVER),
  );
  app.get('/estimators', { schema: list('Estimators that a request may name') }, async () =>
    describe(registry.estimators, DEFAULT_ESTIMATOR),
  );
  const models = routeSchema({
    summary: 'Queue models that a request may name',
    description:
      'With what each assumes, what it costs, and how far it is off simulation. Errors are shares of what is simulated, over a grid of loads, batch limits, request sizes and variabilities.',
    tag: 'strategies',
    answer: 'QueueModelList',
  });
  app.get('/queue-models', { schema: models }, async () => describeModels(registry.queueModels));
}

function describeModels(models: StrategySet<QueueModel>): QueueModelList {
  return describe(models, DEFAULT_QUEUE_MODEL).map((described) => {
    const { assumes = null, cost = null, tellsPercentiles = false } = models.get(described.name)!;
    const errors = MODEL_ERRORS[described.name] ?? [];
    return { ...described, assumes, cost, tellsPercentiles, errors: [...errors] };
  });
}

function describe(strategies: StrategySet<Strategy>, byDefault: string): StrategyDescription[] {
  return [...strategies.values()].map(({ name, summary, options }) => ({
    name,
    summary,
    default: name === byDefault,
    options,
  }));
}
