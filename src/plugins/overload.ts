import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import plugin from 'fastify-plugin';
import { type Config, MIB } from '../config.ts';
import { ApiError } from '../errors.ts';
import { collectGarbage } from './garbage.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether memory stands above its limit, also without what is garbage only. */
    isShortOfMemory(): boolean;
  }
}

const RETRY = { 'retry-after': '5' };

/** Quick refusals when the process has more to do than it can, or a client asks too often. Probes and metrics are answered always. */
export default plugin(async (app: FastifyInstance, { config }: { config: Config }) => {
  const maxRssBytes = config.MAX_RSS_MIB * MIB;
  const isAbove = () => maxRssBytes > 0 && process.memoryUsage.rss() > maxRssBytes;
  app.decorate('isShortOfMemory', () => {
    // An idle process does not collect its garbage by itself.
    if (isAbove()) collectGarbage();
    return isAbove();
  });
  await app.register(underPressure, {
    maxEventLoopDelay: config.MAX_EVENT_LOOP_DELAY_MS,
    maxRssBytes,
    pressureHandler: async (request, _reply, type) => {
      if (isAlwaysAnswered(request.routeOptions.url)) return;
      const variable = type === 'rssBytes' ? 'MAX_RSS_MIB' : 'MAX_EVENT_LOOP_DELAY_MS';
      throw new ApiError('unavailable', `Too much to do just now (${variable}); try again later.`, [], RETRY);
    },
  });
  if (config.RATE_LIMIT_PER_MINUTE === 0) return;
  const { fastifyRateLimit } = await import('@fastify/rate-limit');
  await app.register(fastifyRateLimit, {
    max: config.RATE_LIMIT_PER_MINUTE,
    timeWindow: 60_000,
    allowList: (request) => isAlwaysAnswered(request.routeOptions.url),
    errorResponseBuilder: (_request, { max, ttl }) => {
      const detail = `A client may send ${max} requests a minute (RATE_LIMIT_PER_MINUTE).`;
      return new ApiError('too-many-requests', detail, [], { 'retry-after': String(Math.ceil(ttl / 1000)) });
    },
  });
  // What no route takes counts as well.
  const counted = app.rateLimit();
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) await counted.call(app, request, reply);
  });
});

function isAlwaysAnswered(url: string | undefined): boolean {
  return url !== undefined && (url.startsWith('/health/') || url === '/metrics');
}
