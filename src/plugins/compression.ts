import compress from '@fastify/compress';
import type { FastifyInstance } from 'fastify';
import plugin from 'fastify-plugin';

/** Smaller answers (bytes) cost more to compress than to send. */
const THRESHOLD = 32_768;

/** Large answers are compressed for clients that take it, beside the thread that serves. */
export default plugin(async (app: FastifyInstance) => {
  await app.register(compress, {
    threshold: THRESHOLD,
    syncThreshold: 0,
    encodings: ['gzip', 'br', 'deflate', 'identity'],
    zlibOptions: { level: 4 },
    globalDecompression: false,
  });
});
