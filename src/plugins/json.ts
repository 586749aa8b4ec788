import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import { ApiError } from '../errors.ts';

/** Larger bodies (bytes) are not parsed on the thread that serves: parsing alone would hold up everybody. Measured, see the benchmark. */
export const LIGHT_BYTES = 65_536;

/** Bodies are JSON and nothing else, and stay bytes until it is known who reads them. */
export default plugin(async (app: FastifyInstance) => {
  const limit = app.initialConfig.bodyLimit!;
  const tooLarge = () =>
    new ApiError('body-too-large', `The body may have ${limit} bytes (BODY_LIMIT) at most.`);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    async ({ headers }: FastifyRequest, payload: IncomingMessage) => {
      const length = Number(headers['content-length'] ?? Number.NaN);
      if (length > limit) throw tooLarge();
      let count = 0;
      if (length >= 0) {
        const body = bytesOf(length);
        await read(payload, (chunk) => {
          count += chunk.copy(body, count);
          return true;
        });
        return body.subarray(0, count);
      }
      const chunks: Buffer[] = [];
      const isWhole = await read(payload, (chunk) => {
        chunks.push(chunk);
        count += chunk.length;
        return count <= limit;
      });
      if (!isWhole) throw tooLarge();
      return Buffer.concat(chunks);
    },
  );
});

/**
 * Memory for a body. A large one is shared with the worker that reads it, and filled as it arrives: joined at the end and copied, some
 * megabytes would take all of a turn of the event loop.
 */
function bytesOf(length: number): Buffer {
  return length > LIGHT_BYTES ? Buffer.from(new SharedArrayBuffer(length)) : Buffer.allocUnsafe(length);
}

/**
 * Takes one chunk after the other.
 *
 * @param take whether it takes more
 * @returns whether it took all
 * @throws ApiError when the client is gone before that
 */
function read(payload: IncomingMessage, take: (chunk: Buffer) => boolean): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const taken = (chunk: Buffer) => {
      if (take(chunk)) return;
      payload.off('data', taken);
      resolve(false);
    };
    payload.on('data', taken);
    payload.once('end', () => resolve(true));
    payload.once('error', () => reject(new ApiError('bad-request', 'The body broke off.')));
  });
}
