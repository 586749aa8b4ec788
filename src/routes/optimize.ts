import type { FastifyInstance } from 'fastify';
import { optimizeRequest } from '../optimize-request.ts';
import { routeSchema } from '../plugins/schemas.ts';
import type { Registry } from '../registry.ts';
import type { OptimizeRequest } from '../schemas/plan.ts';

const schema = routeSchema({
  summary: 'Optimize a fleet',
  description:
    'For every server the accelerator, the replicas and the batch limit that meet its targets at the least cost within the cards, with the reasons. A server that cannot be served in full has a stated shortfall and never blocks the others.',
  tag: 'optimization',
  body: 'OptimizeRequest',
  answer: 'Plan',
});

export default async function (app: FastifyInstance, { registry }: { registry: Registry }) {
  app.post<{ Body: OptimizeRequest }>('/optimize', { schema }, async (request) => {
    const plan = optimizeRequest(request.body, registry);
    app.observePlan(plan);
    return plan;
  });
}
