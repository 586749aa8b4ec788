import type { FastifyInstance } from 'fastify';
import { routeSchema } from '../plugins/schemas.ts';

const schema = routeSchema({
  summary: 'Optimize a system of llm-inferno',
  description:
    'The JSON of the llm-inferno components as it is in the wild, keys in any case, and their answer. Point a client of theirs at `/inferno`.',
  tag: 'optimization',
  body: 'InfernoRequest',
  answer: 'InfernoAnswer',
});

export default async function (app: FastifyInstance) {
  app.post('/inferno/optimizeOne', { schema }, (request, reply) => app.answer('inferno', request, reply));
}
