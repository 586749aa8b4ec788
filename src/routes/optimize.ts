import type { FastifyInstance } from 'fastify';
import { routeSchema } from '../plugins/schemas.ts';

const schema = routeSchema({
  summary: 'Optimize a fleet',
  description:
    'For every server the accelerator, the replicas and the batch limit that meet its targets at the least cost within the cards, with the reasons. A server that cannot be served in full has a stated shortfall and never blocks the others.',
  tag: 'optimization',
  body: 'OptimizeRequest',
  answer: 'Plan',
});

export default async function (app: FastifyInstance) {
  app.post('/optimize', { schema }, (request, reply) => app.answer('optimize', request, reply));
}
