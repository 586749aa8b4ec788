import type { FastifyInstance } from 'fastify';
import { DEFAULT_QUEUE_MODEL, DEFAULT_SOLVER } from '../operations/optimize-request.ts';
import { routeSchema } from '../plugins/schemas.ts';
import type { Registry, StrategySet } from '../registry.ts';
import type { Strategy } from '../schemas/plug-in.ts';
import type { StrategyDescription } from '../schemas/strategy.ts';
import { DEFAULT_ESTIMATOR } from '../tuner/estimator.ts';

export default async function (app: FastifyInstance, { registry }: { registry: Registry }) {
  const list = (summary: string) => routeSchema({ summary, tag: 'strategies', answer: 'StrategyList' });
  app.get('/solvers', { schema: list('Solvers that a request may name') }, async () =>
    describe(registry.solvers, DEFAULT_SOLVER),
  );
  app.get('/estimators', { schema: list('Estimators that a request may name') }, async () =>
    describe(registry.estimators, DEFAULT_ESTIMATOR),
  );
  app.get('/queue-models', { schema: list('Queue models that a request may name') }, async () =>
    describe(registry.queueModels, DEFAULT_QUEUE_MODEL),
  );
}

function describe(strategies: StrategySet<Strategy>, byDefault: string): StrategyDescription[] {
  return [...strategies.values()].map(({ name, summary, options }) => ({
    name,
    summary,
    default: name === byDefault,
    options,
  }));
}
