import type { FastifyInstance } from 'fastify';
import plugin from 'fastify-plugin';
import type { TSchema } from '#typebox';
import { bundle } from '../schemas/bundle.ts';
import { REQUESTS, type RequestName } from '../schemas/checker.ts';
import { Comparison } from '../schemas/comparison.ts';
import { FitAnswer } from '../schemas/fit.ts';
import { InfernoAnswer, InfernoModelData } from '../schemas/inferno.ts';
import { InfernoCalibrationStatuses, InfernoParameters, InfernoWarmUp } from '../schemas/inferno-tuner.ts';
import type { Limits } from '../schemas/limits.ts';
import { MinimumCards } from '../schemas/minimum-cards.ts';
import { Plan } from '../schemas/plan.ts';
import { Problem } from '../schemas/problem.ts';
import { SimulateAnswer } from '../schemas/simulation-answer.ts';
import { Analysis, Concurrency, Sizing } from '../schemas/station.ts';
import { QueueModelList, StrategyList } from '../schemas/strategy.ts';
import { TuneAnswer } from '../schemas/tune.ts';

const ANSWERS = {
  Plan,
  Comparison,
  MinimumCards,
  Analysis,
  Sizing,
  Concurrency,
  TuneAnswer,
  FitAnswer,
  SimulateAnswer,
  InfernoAnswer,
  InfernoModelData,
  InfernoWarmUp,
  InfernoParameters,
  InfernoCalibrationStatuses,
  QueueModelList,
  StrategyList,
  Problem,
} as const;
export type AnswerName = keyof typeof ANSWERS;

/** Names every schema once, so that routes and the OpenAPI document refer to it. */
export default plugin(async (app: FastifyInstance, { limits }: { limits: Limits }) => {
  const definitions = new Map<string, object>();
  for (const schema of [...Object.values(REQUESTS), ...Object.values(ANSWERS)] as TSchema[]) {
    const bundled = bundle(schema, (name) => `${name}#`, limits);
    for (const [name, definition] of Object.entries(bundled.definitions)) definitions.set(name, definition);
  }
  for (const [$id, definition] of [...definitions].sort(([a], [b]) => (a < b ? -1 : 1))) {
    app.addSchema({ $id, ...definition });
  }
});

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
