import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import plugin from 'fastify-plugin';

/** What browsers may do with the pages of the documentation: load what is ours, talk to us, be framed by nobody. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  fontSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

export default plugin(async (app: FastifyInstance, { isEncrypted }: { isEncrypted: boolean }) => {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY_POLICY },
    // Promises that only an encrypted service can keep; browsers complain of them elsewhere.
    strictTransportSecurity: isEncrypted,
    crossOriginOpenerPolicy: isEncrypted,
    originAgentCluster: isEncrypted,
  });
});
