import type { FastifyInstance } from 'fastify';
import { routeSchema } from '../plugins/schemas.ts';

const schema = routeSchema({
  summary: 'Parameters from observed latencies',
  description:
    'For each variant: parameters of its service time, how sure they are, and the state to send with the next observations. The service keeps nothing.',
  tag: 'tuning',
  body: 'TuneRequest',
  answer: 'TuneAnswer',
});

export default async function (app: FastifyInstance) {
  app.post('/tune', { schema }, (request, reply) => app.answer('tune', request, reply));
}
