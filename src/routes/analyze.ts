import type { FastifyInstance } from 'fastify';
import { routeSchema } from '../plugins/schemas.ts';

const schema = routeSchema({
  summary: 'Latencies of a station',
  description: 'Metrics of one replica at one rate, at a list of rates, or over a range: a curve.',
  tag: 'queueing',
  body: 'AnalyzeRequest',
  answer: 'Analysis',
});

export default async function (app: FastifyInstance) {
  app.post('/analyze', { schema }, (request, reply) => app.answer('analyze', request, reply));
}
