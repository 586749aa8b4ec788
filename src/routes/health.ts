import type { FastifyInstance } from 'fastify';
import { Type } from '#typebox';
import { ApiError } from '../errors.ts';
import { Text } from '../schemas/quantities.ts';

const Health = Type.Object({ status: Text('What holds.') });

export default async function (app: FastifyInstance) {
  const schema = (summary: string, no?: string) => ({
    summary,
    tags: ['service'],
    security: [],
    response: {
      200: { description: 'Yes.', content: { 'application/json': { schema: Health } } },
      ...(no && {
        503: { description: no, content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } } },
      }),
    },
  });
  app.get('/health/live', { schema: schema('Does the process answer?') }, async () => ({ status: 'live' }));
  app.get(
    '/health/ready',
    { schema: schema('Does it take requests?', 'It is shutting down, or its memory is short.') },
    async () => {
      if (app.isClosing()) throw new ApiError('unavailable', 'The service is shutting down.');
      if (app.isShortOfMemory()) throw new ApiError('unavailable', 'Its memory is short (MAX_RSS_MIB).');
      return { status: 'ready' };
    },
  );
}
