import compress from '@fastify/compress';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import { COMPRESSED_BYTES, GZIP_LEVEL } from '../workers/compressed.ts';

/** Large answers are compressed for clients that take it, beside the thread that serves; those of workers by the worker. */
export default plugin(async (app: FastifyInstance) => {
  // It asks of every answer whether it is one of these; Node would load them with the first, for 20 ms.
  void globalThis.Response;
  await app.register(compress, {
    threshold: COMPRESSED_BYTES,
    syncThreshold: 0,
    encodings: ['gzip', 'br', 'deflate', 'identity'],
    zlibOptions: { level: GZIP_LEVEL },
    globalDecompression: false,
  });
});

/** Whether a client takes gzip: named, or by `*`, and not with a quality of 0. */
export function takesGzip({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  if (headers['x-no-compression'] !== undefined) return false;
  const codings = String(headers['accept-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.replaceAll(/\s/g, '').split(';'));
  const own = codings.find(([name]) => name === 'gzip') ?? codings.find(([name]) => name === '*');
  return own !== undefined && !own.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
}
