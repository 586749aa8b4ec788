import type { FastifyInstance } from 'fastify';
import { routeSchema } from '../plugins/schemas.ts';

const schema = routeSchema({
  summary: 'Highest rate of a station within its targets',
  description:
    'The highest rate of one replica at which all targets hold, what binds, and the replicas for a load.',
  tag: 'queueing',
  body: 'SizeRequest',
  answer: 'Sizing',
});

export default async function (app: FastifyInstance) {
  app.post('/size', { schema }, (request, reply) => app.answer('size', request, reply));
}
