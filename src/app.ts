import { randomUUID } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { bodiesLimitOf, type Config, limitsOf } from './config.ts';
import answers from './plugins/answers.ts';
import bearerTokens from './plugins/bearer-tokens.ts';
import certificates, { readCertificate } from './plugins/certificates.ts';
import compression from './plugins/compression.ts';
import docs from './plugins/docs.ts';
import errorHandling, { clientError, frameworkErrors } from './plugins/error-handling.ts';
import json from './plugins/json.ts';
import metrics from './plugins/metrics.ts';
import overload from './plugins/overload.ts';
import { RequestLog } from './plugins/request-log.ts';
import { COMPILERS } from './plugins/schemas.ts';
import securityHeaders from './plugins/security-headers.ts';
import shutdown from './plugins/shutdown.ts';
import type { Registry } from './registry.ts';
import analyze from './routes/analyze.ts';
import compare from './routes/compare.ts';
import concurrency from './routes/concurrency.ts';
import fit from './routes/fit.ts';
import health from './routes/health.ts';
import inferno from './routes/inferno.ts';
import infernoTuner from './routes/inferno-tuner.ts';
import minimumCards from './routes/minimum-cards.ts';
import optimize from './routes/optimize.ts';
import simulate from './routes/simulate.ts';
import size from './routes/size.ts';
import strategies from './routes/strategies.ts';
import tune from './routes/tune.ts';

/** A connection that does not get as far as being encrypted would hold up the end of the service. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** How often is looked for requests that do not arrive in time. */
const CHECKING_INTERVAL_MS = 1_000;

/** The service, ready to listen or to be injected. It keeps nothing between two requests but what its own tuner for llm-inferno learns. */
export async function buildApp(
  config: Config,
  registry: Registry,
  logger: FastifyServerOptions['logger'] = false,
): Promise<FastifyInstance> {
  const certificate = await readCertificate(config);
  const http = { connectionsCheckingInterval: CHECKING_INTERVAL_MS };
  const app = fastify({
    ...(certificate
      ? { https: { ...http, ...certificate, handshakeTimeout: HANDSHAKE_TIMEOUT_MS } }
      : { http }),
    logger,
    logController: new RequestLog(),
    bodyLimit: config.BODY_LIMIT,
    requestTimeout: config.REQUEST_TIMEOUT_MS,
    // Requests on connections that are open keep being answered while the server closes.
    return503OnClosing: false,
    frameworkErrors,
    clientErrorHandler: clientError,
    genReqId: () => randomUUID(),
    schemaController: { compilersFactory: COMPILERS },
    routerOptions: { ignoreTrailingSlash: true },
  });
  // Node takes the longer of both for the whole request.
  const { headersTimeout } = app.server;
  if (config.REQUEST_TIMEOUT_MS > 0)
    app.server.headersTimeout = Math.min(headersTimeout, config.REQUEST_TIMEOUT_MS);
  await app.register(errorHandling);
  await app.register(shutdown);
  if (certificate) await app.register(certificates, { config });
  await app.register(securityHeaders, { isEncrypted: certificate !== null });
  await app.register(overload, { config });
  await app.register(bearerTokens, { file: config.TOKENS_FILE });
  await app.register(compression);
  await app.register(json, { budget: bodiesLimitOf(config) });
  await app.register(metrics);
  await app.register(answers, { config, registry });
  await app.register(docs, { registry, limits: limitsOf(config) });

  await app.register(optimize);
  await app.register(compare);
  await app.register(tune);
  await app.register(fit);
  await app.register(minimumCards);
  await app.register(simulate);
  await app.register(analyze);
  await app.register(size);
  await app.register(concurrency);
  await app.register(inferno);
  await app.register(infernoTuner, {
    maxPairs: config.INFERNO_TUNER_PAIRS,
    maxWaiting: config.QUEUE_LENGTH,
  });
  await app.register(strategies, { registry });
  await app.register(health);
  return app;
}
