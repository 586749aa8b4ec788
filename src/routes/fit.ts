import type { FastifyInstance } from 'fastify';
import { routeSchema } from '../plugins/schemas.ts';

const schema = routeSchema({
  summary: 'Parameters from benchmarks',
  description:
    'GuideLLM reports as they are, or observations, fitted jointly: the law of the service time, its errors on the points and on points held out, and what was left out and why.',
  tag: 'tuning',
  body: 'FitRequest',
  answer: 'FitAnswer',
});

export default async function (app: FastifyInstance) {
  app.post('/fit', { schema }, (request, reply) => app.answer('fit', request, reply));
}
