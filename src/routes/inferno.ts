import type { FastifyInstance, FastifyRequest } from 'fastify';
import { canonicalKeys } from '../inferno/canonical-keys.ts';
import { fromInferno } from '../inferno/from-inferno.ts';
import { toInferno } from '../inferno/to-inferno.ts';
import { optimizeRequest } from '../optimize-request.ts';
import { routeSchema } from '../plugins/schemas.ts';
import type { Registry } from '../registry.ts';
import { InfernoRequest } from '../schemas/inferno.ts';

const schema = routeSchema({
  summary: 'Optimize a system of llm-inferno',
  description:
    'The JSON of the llm-inferno components as it is in the wild, keys in any case, and their answer. Point a client of theirs at `/inferno`.',
  tag: 'optimization',
  body: 'InfernoRequest',
  answer: 'InfernoAnswer',
});

export default async function (app: FastifyInstance, { registry }: { registry: Registry }) {
  const preValidation = async (request: FastifyRequest) => {
    request.body = canonicalKeys(InfernoRequest, request.body);
  };
  app.post<{ Body: InfernoRequest }>('/inferno/optimizeOne', { schema, preValidation }, async (request) => {
    const translated = fromInferno(request.body);
    const plan = optimizeRequest(translated.request, registry);
    app.observePlan(plan);
    return toInferno(plan, request.body, translated);
  });
}
