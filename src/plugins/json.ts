import type { FastifyInstance, FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';

/** Bodies are JSON and nothing else, and stay bytes until it is known who reads them. Answers are JSON without filters. */
export default plugin(async (app: FastifyInstance) => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => body,
  );
  // fast-json-stringify would drop fields and turn NaN into an error; the tests hold answers against their schemas.
  app.setSerializerCompiler(() => JSON.stringify);
});
