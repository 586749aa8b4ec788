import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import { ApiError, type ProblemCode } from '../errors.ts';

const CODE_OF_STATUS: Readonly<Record<number, ProblemCode>> = {
  404: 'not-found',
  405: 'method-not-allowed',
  408: 'request-timeout',
  413: 'body-too-large',
  415: 'wrong-content-type',
  503: 'unavailable',
};

const REQUEST_ID = 'x-request-id';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Every failure leaves in the one shape of RFC 9457; what is not the client's fault is logged whole and told without its text. */
export default plugin(async (app: FastifyInstance) => {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = asApiError(error, app.initialConfig.bodyLimit ?? 0);
    if (known.status >= 500) request.log.error({ err: error }, 'request failed');
    else request.log.info({ code: known.code, faults: known.faults.length }, 'request refused');
    return sendProblem(reply, request, known);
  });

  app.setNotFoundHandler((request, reply) => {
    const url = request.url.split('?')[0].replace(/(?<=.)\/$/, '');
    const allowed = METHODS.filter((method) => app.hasRoute({ url, method }));
    if (allowed.length === 0)
      return sendProblem(reply, request, new ApiError('not-found', `There is nothing at ${url}.`));
    reply.header('allow', allowed.join(', '));
    const detail = `${url} takes ${allowed.join(', ')}, not ${request.method}.`;
    return sendProblem(reply, request, new ApiError('method-not-allowed', detail));
  });

  app.addHook('onSend', async (request, reply) => {
    reply.header(REQUEST_ID, request.id);
  });
});

/** Failures before a route is found, such as an address that cannot be decoded. */
export function frameworkErrors(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  return sendProblem(reply, request, asApiError(error, 0));
}

function sendProblem(reply: FastifyReply, request: FastifyRequest, error: ApiError) {
  const problem = error.toProblem(`urn:uuid:${request.id}`);
  return reply
    .header(REQUEST_ID, request.id)
    .code(error.status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problem);
}

function asApiError(error: FastifyError, bodyLimit: number): ApiError {
  if (error instanceof ApiError) return error;
  const status = error.statusCode ?? 500;
  if (status === 413)
    return new ApiError('body-too-large', `The body may have ${bodyLimit} bytes (BODY_LIMIT) at most.`);
  if (status === 415) return new ApiError('wrong-content-type', 'The body must be application/json.');
  const code = CODE_OF_STATUS[status];
  if (code) return new ApiError(code, error.message);
  if (status >= 400 && status < 500)
    return new ApiError('bad-request', error.message || STATUS_CODES[status] || 'Bad request');
  return new ApiError(
    'internal',
    'Something went wrong here; the log of the service has it under this instance.',
  );
}
