import type { FastifyInstance } from 'fastify';
import { routeSchema } from '../plugins/schemas.ts';

const schema = routeSchema({
  summary: 'A small batch limit with near-peak throughput',
  description:
    'A small batch limit whose sized throughput is within 1 % of that at the ceiling, `maxBatchSize` of the station.',
  tag: 'queueing',
  body: 'ConcurrencyRequest',
  answer: 'Concurrency',
});

export default async function (app: FastifyInstance) {
  app.post('/concurrency', { schema }, (request, reply) => app.answer('concurrency', request, reply));
}
