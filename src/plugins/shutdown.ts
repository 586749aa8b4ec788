import type { IncomingMessage, ServerResponse } from 'node:http';
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

/** How often the end of the last request is looked for while the server closes (ms). */
const LOOK_MS = 50;

/**
 * While the service shuts down, answers end their connections: a client that keeps one alive would hold it up. So would one that has
 * opened a connection and says nothing: once no request is left, all connections are ended.
 */
export default plugin(async (app: FastifyInstance) => {
  let closing = false;
  let inFlight = 0;
  let looking: NodeJS.Timeout | undefined;
  app.decorate('isClosing', () => closing);
  app.decorate('turnAway', () => {
    closing = true;
  });
  app.server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
    inFlight++;
    response.once('close', () => {
      inFlight--;
    });
  });
  app.addHook('preClose', async () => {
    app.turnAway();
    looking = setInterval(() => {
      if (inFlight === 0) app.server.closeAllConnections();
    }, LOOK_MS);
  });
  app.addHook('onClose', async () => clearInterval(looking));
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) reply.header('connection', 'close');
    done();
  });
});
