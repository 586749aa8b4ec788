import type { FastifyInstance } from 'fastify';
import { routeSchema } from '../plugins/schemas.ts';

const schema = routeSchema({
  summary: 'The least cards that serve a fleet in full',
  description:
    'The fewest cards of a type, or those of all types that cost least; with `sweep` the curve over the load or the targets.',
  tag: 'optimization',
  body: 'MinimumCardsRequest',
  answer: 'MinimumCards',
});

export default async function (app: FastifyInstance) {
  app.post('/minimum-cards', { schema }, (request, reply) => app.answer('minimumCards', request, reply));
}
