import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import { ApiError, type ProblemCode } from '../errors.ts';

const CODE_OF_STATUS: Readonly<Record<number, ProblemCode>> = {
  404: 'not-found',
  405: 'method-not-allowed',
  408: 'request-timeout',
  415: 'wrong-content-type',
  503: 'unavailable',
};

const REQUEST_ID = 'x-request-id';
const PROBLEM_JSON = 'application/problem+json';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Every failure leaves in the one shape of RFC 9457; what is not the client's fault is logged whole and told without its text. */
export default plugin(async (app: FastifyInstance) => {
  const notFound = (request: FastifyRequest, reply: FastifyReply) => {
    const url = request.url.split('?')[0].replace(/(?<=.)\/$/, '');
    const allowed = METHODS.filter((method) => app.hasRoute({ url, method }));
    if (allowed.length === 0)
      return sendProblem(reply, request, new ApiError('not-found', `There is nothing at ${url}.`));
    reply.header('allow', allowed.join(', '));
    const detail = `${url} takes ${allowed.join(', ')}, not ${request.method}.`;
    return sendProblem(reply, request, new ApiError('method-not-allowed', detail));
  };
  app.setNotFoundHandler(notFound);

  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    // What is wrong with the body of a request that no route takes is of no interest.
    if (request.is404 && !(error instanceof ApiError)) return notFound(request, reply);
    const known = loggedError(error, request);
    if (known.code === 'body-too-large' || known.code === 'unavailable') await discardRest(request.raw);
    return sendProblem(reply, request, known);
  });

  app.addHook('onSend', (request, reply, _payload, done) => {
    reply.header(REQUEST_ID, request.id);
    done();
  });
});

/** What the client is told of an error, which the log has whole. */
export function loggedError(error: FastifyError, request: FastifyRequest): ApiError {
  const known = asApiError(error);
  // What is expected under load needs no stack, and must not drown what is not.
  if (known.code === 'internal') request.log.error({ err: error }, 'request failed');
  else if (known.status >= 500) request.log.warn({ code: known.code }, known.message);
  else request.log.info({ code: known.code, faults: known.faults.length }, 'request refused');
  return known;
}

/** The id under which the log has a request, as a problem tells it. */
export function instanceOf({ id }: FastifyRequest): string {
  return `urn:uuid:${id}`;
}

/** How long the rest of a body that is not taken is read, to be thrown away (ms). */
const DISCARD_MS = 2_000;

/** A client that is still sending would lose an answer after which the connection is closed. */
async function discardRest(body: IncomingMessage): Promise<void> {
  if (body.readableEnded || body.destroyed) return;
  body.resume();
  const ended = new AbortController();
  const gone = Promise.race(
    ['end', 'close', 'error'].map((event) => once(body, event, { signal: ended.signal })),
  );
  await Promise.race([gone, setTimeout(DISCARD_MS, undefined, { signal: ended.signal })]).catch(() => {});
  ended.abort();
}

/** Failures before there is a request: what is no HTTP, or headers that are too large. */
export function clientError({ code }: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const error =
    code === 'HPE_HEADER_OVERFLOW'
      ? new ApiError('headers-too-large', 'The headers are too large.')
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new ApiError('request-timeout', 'The request did not arrive in time.')
        : new ApiError('bad-request', 'This is no HTTP request that can be read.');
  const body = JSON.stringify(error.toProblem(`urn:uuid:${randomUUID()}`));
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
    `content-type: ${PROBLEM_JSON}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Failures before a route is found, such as an address that cannot be decoded. */
export function frameworkErrors(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  return sendProblem(reply, request, asApiError(error));
}

function sendProblem(reply: FastifyReply, request: FastifyRequest, error: ApiError) {
  const problem = error.toProblem(instanceOf(request));
  return reply
    .header(REQUEST_ID, request.id)
    .headers(error.headers)
    .code(error.status)
    .type(PROBLEM_JSON)
    .serializer(JSON.stringify)
    .send(problem);
}

function asApiError(error: FastifyError): ApiError {
  if (error instanceof ApiError) return error;
  const status = error.statusCode ?? 500;
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
