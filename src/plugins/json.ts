import type { FastifyInstance } from 'fastify';
import plugin from 'fastify-plugin';
import { parse } from 'secure-json-parse';
import { ApiError } from '../errors.ts';

/** Bodies are JSON and nothing else; a body that cannot be read says where. Answers are JSON without filters. */
export default plugin(async (app: FastifyInstance) => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parse(body as string, { protoAction: 'error', constructorAction: 'error' }));
    } catch (error) {
      const message =
        body.length === 0 ? 'is empty; send JSON' : `cannot be read as JSON: ${(error as Error).message}`;
      done(new ApiError('malformed-input', 'The body cannot be read.', [{ path: '', message }]));
    }
  });
  // fast-json-stringify would drop fields and turn NaN into an error; the tests hold answers against their schemas.
  app.setSerializerCompiler(() => JSON.stringify);
});
