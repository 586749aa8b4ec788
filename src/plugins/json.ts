import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import { ApiError } from '../errors.ts';
import { BodyMemory } from './body-memory.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What its large body lies in; null: it has none. */
    bodyMemory: SharedArrayBuffer | null;
  }
}

/** Larger bodies (bytes) are not parsed on the thread that serves: parsing alone would hold up everybody. Measured, see the benchmark. */
export const LIGHT_BYTES = 65_536;

/**
 * Bodies are JSON and nothing else, and stay bytes until it is known who reads them. Large ones lie in memory that is shared with the worker
 * that reads them, and filled as they arrive: joined at the end and copied, some megabytes would take all of a turn of the event loop.
 */
export default plugin(async (app: FastifyInstance, { budget }: { budget: number }) => {
  const limit = app.initialConfig.bodyLimit!;
  const memory = new BodyMemory(budget);
  const tooLarge = () =>
    new ApiError('body-too-large', `The body may have ${limit} bytes (BODY_LIMIT) at most.`);

  const largeBody = (request: FastifyRequest, bytes: number): Buffer => {
    request.bodyMemory = memory.take(bytes);
    if (request.bodyMemory) return Buffer.from(request.bodyMemory);
    const detail = 'Too many large bodies just now (BODIES_LIMIT_MIB); try again later.';
    throw new ApiError('unavailable', detail, [], { 'retry-after': '5' });
  };

  app.decorateRequest('bodyMemory', null);
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (Number(request.headers['content-length']) <= LIGHT_BYTES) return done(null, payload);
    const give = () => {
      if (request.bodyMemory) memory.give(request.bodyMemory);
      request.bodyMemory = null;
    };
    // A client that is gone closes what it has not let finish.
    reply.raw.once('finish', give).once('close', give);
    done(null, payload);
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', async (request: FastifyRequest, payload: IncomingMessage) => {
    const { 'content-encoding': encoding = 'identity', 'content-length': told } = request.headers;
    if (encoding !== 'identity') {
      throw new ApiError(
        'wrong-content-type',
        `Bodies are taken as they are, not in the encoding ${encoding}.`,
      );
    }
    const length = Number(told ?? Number.NaN);
    if (length > limit) throw tooLarge();
    let count = 0;
    if (length >= 0) {
      const body = length > LIGHT_BYTES ? largeBody(request, length) : Buffer.allocUnsafe(length);
      await read(payload, (chunk) => {
        count += chunk.copy(body, count);
      });
      return body.subarray(0, count);
    }
    // Of unknown length: small until it is large.
    const chunks: Buffer[] = [];
    let large: Buffer | null = null;
    await read(payload, (chunk) => {
      if (count + chunk.length > limit) throw tooLarge();
      if (!large && count + chunk.length > LIGHT_BYTES) {
        large = largeBody(request, limit);
        Buffer.concat(chunks).copy(large);
      }
      if (large) chunk.copy(large, count);
      else chunks.push(chunk);
      count += chunk.length;
    });
    return (large as Buffer | null)?.subarray(0, count) ?? Buffer.concat(chunks);
  });
});

/**
 * Takes one chunk after the other.
 *
 * @param take throws where it takes no more
 * @throws ApiError when the client is gone before the end
 */
function read(payload: IncomingMessage, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const taken = (chunk: Buffer) => {
      try {
        take(chunk);
      } catch (error) {
        payload.off('data', taken);
        reject(error);
      }
    };
    payload.on('data', taken);
    payload.once('end', resolve);
    payload.once('error', () => reject(new ApiError('bad-request', 'The body broke off.')));
  });
}
