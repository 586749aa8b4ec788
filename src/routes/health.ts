import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ApiError } from '../errors.ts';

const Health = Type.Object({ status: Type.String() });

export default async function (app: FastifyInstance) {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  const schema = (summary: string) => ({
    summary,
    tags: ['service'],
    response: { 200: { description: 'Yes.', content: { 'application/json': { schema: Health } } } },
  });
  app.get('/health/live', { schema: schema('Does the process answer?') }, async () => ({ status: 'live' }));
  app.get('/health/ready', { schema: schema('Does it take requests?') }, async () => {
    if (closing) throw new ApiError('unavailable', 'The service is shutting down.');
    return { status: 'ready' };
  });
}
