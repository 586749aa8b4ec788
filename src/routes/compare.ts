import type { FastifyInstance } from 'fastify';
import { routeSchema } from '../plugins/schemas.ts';

const schema = routeSchema({
  summary: 'One fleet optimized in several ways',
  description:
    'Cost, shortfall, changes, gap and time of each pair of solver and queue model, side by side. They run one after the other, and the time limit is for all together.',
  tag: 'optimization',
  body: 'CompareRequest',
  answer: 'Comparison',
});

export default async function (app: FastifyInstance) {
  app.post('/compare', { schema }, (request, reply) => app.answer('compare', request, reply));
}
