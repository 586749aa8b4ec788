import type { FastifyInstance } from 'fastify';
import plugin from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether the service has begun to shut down. */
    isClosing(): boolean;
    /** From now on the service is not ready and its answers end their connections; requests are still taken. */
    turnAway(): void;
  }
}

/** While the service shuts down, answers end their connections: a client that keeps one alive would hold it up. */
export default plugin(async (app: FastifyInstance) => {
  let closing = false;
  app.decorate('isClosing', () => closing);
  app.decorate('turnAway', () => {
    closing = true;
  });
  app.addHook('preClose', async () => app.turnAway());
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
});
