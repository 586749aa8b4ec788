import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import plugin from 'fastify-plugin';
import type { Registry } from '../registry.ts';
import type { Limits } from '../schemas/limits.ts';
import type { openApiPages } from './openapi.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The OpenAPI document of the routes. */
    openApi(): Promise<object>;
  }
}

const HIDDEN = { schema: { hide: true } };

/** The OpenAPI document at /openapi.json, and its pages at /docs: made when they are first asked for, as most services never are. */
export default plugin(
  async (app: FastifyInstance, { registry, limits }: { registry: Registry; limits: Limits }) => {
    const routes: RouteOptions[] = [];
    app.addHook('onRoute', (route) => {
      if (!route.schema?.hide && route.method !== 'HEAD') routes.push(route);
    });
    let made: Promise<FastifyInstance> | undefined;
    const pages = () => {
      made ??= pagesOf(routes, registry, limits).catch((error) => {
        made = undefined;
        throw error;
      });
      return made;
    };
    const ofPages = async ({ url, headers }: FastifyRequest, reply: FastifyReply) => {
      const answer = await (await pages()).inject({ url, headers: headers as Record<string, string> });
      if (answer.statusCode === 404) return reply.callNotFound();
      const { connection, date, ...told } = answer.headers;
      return reply.code(answer.statusCode).headers(told).send(answer.rawPayload);
    };

    app.decorate('openApi', async () => (await pages()).swagger());
    app.get('/openapi.json', HIDDEN, () => app.openApi());
    app.get('/docs', HIDDEN, ofPages);
    app.get('/docs/*', HIDDEN, ofPages);
    app.get('/', HIDDEN, async (_request, reply) => reply.redirect('/docs'));
  },
);

// A function of its own: the compiler leaves the address of a module as it is inside `export default`.
async function pagesOf(...asked: Parameters<typeof openApiPages>): Promise<FastifyInstance> {
  return (await import('./openapi.ts')).openApiPages(...asked);
}
