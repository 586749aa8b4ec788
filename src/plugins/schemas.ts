import type { TSchema } from '#typebox';
import type { RequestName } from '../schemas/checker.ts';
import type { AnswerName } from './openapi.ts';

/**
 * Schemas document the routes. Bodies are bytes until the one who answers has read and checked them; answers are JSON without a filter
 * that would drop fields (the tests hold them against their schemas).
 */
export const COMPILERS: object = {
  buildValidator: () => () => () => true,
  buildSerializer: () => () => JSON.stringify,
};

const RETRY_AFTER = {
  'retry-after': {
    description: 'Seconds after which to come again.',
    schema: { type: 'integer', minimum: 0 },
  },
};

/** The schemas of a route: what it takes, what it answers, and the failures that any route may answer. */
export function routeSchema(route: {
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly body?: RequestName;
  /** What stands behind the question mark. */
  readonly query?: TSchema;
  readonly answer: AnswerName;
  /** What is sent to who asks for server-sent events instead. */
  readonly events?: string;
  /** Failures of this route alone, by status, and those that mean something else here. */
  readonly failures?: Readonly<Record<number, string>>;
}) {
  const problem = (description: string, headers?: object) => ({
    description,
    ...(headers && { headers }),
    content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
  });
  return {
    summary: route.summary,
    ...(route.description && { description: route.description }),
    tags: [route.tag],
    ...(route.body && { body: { $ref: `${route.body}#` } }),
    ...(route.query && { querystring: route.query }),
    response: {
      200: {
        description: 'The answer.',
        content: {
          'application/json': { schema: { $ref: `${route.answer}#` } },
          ...(route.events && {
            'text/event-stream': { schema: { type: 'string', description: route.events } },
          }),
        },
      },
      401: problem('The service demands a bearer token, and this request has none of its.'),
      429: problem('This address has sent too many requests.', RETRY_AFTER),
      ...(route.body && {
        400: problem('The body is malformed: broken JSON, wrong types, unknown fields.'),
        413: problem('The body is too large.'),
        415: problem('The body is not application/json.'),
        422: problem('The body makes no sense: duplicate names, dangling references, unknown strategies.'),
        504: problem('The answer took longer than the time limit.'),
      }),
      ...Object.fromEntries(
        Object.entries(route.failures ?? {}).map(([status, description]) => [status, problem(description)]),
      ),
      500: problem('A fault of the service.'),
      503: problem('Too much to do just now.', RETRY_AFTER),
    },
  };
}
