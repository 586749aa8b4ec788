import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance, type RouteOptions } from 'fastify';
import type { TSchema } from '#typebox';
import type { Registry, StrategySet } from '../registry.ts';
import { bundle } from '../schemas/bundle.ts';
import { REQUESTS } from '../schemas/checker.ts';
import { Comparison } from '../schemas/comparison.ts';
import { EXAMPLES } from '../schemas/examples.ts';
import { FitAnswer } from '../schemas/fit.ts';
import { InfernoAnswer, InfernoModelData } from '../schemas/inferno.ts';
import { InfernoCalibrationStatuses, InfernoParameters, InfernoWarmUp } from '../schemas/inferno-tuner.ts';
import type { Limits } from '../schemas/limits.ts';
import { MinimumCards } from '../schemas/minimum-cards.ts';
import { Plan } from '../schemas/plan.ts';
import type { Strategy } from '../schemas/plug-in.ts';
import { Problem } from '../schemas/problem.ts';
import { SimulateAnswer } from '../schemas/simulation-answer.ts';
import { Analysis, Concurrency, Sizing } from '../schemas/station.ts';
import { QueueModelList, StrategyList } from '../schemas/strategy.ts';
import { TuneAnswer } from '../schemas/tune.ts';
import { VERSION } from '../version.ts';
import { COMPILERS } from './schemas.ts';

const TAGS = [
  { name: 'optimization', description: 'A fleet in, a plan out.' },
  { name: 'queueing', description: 'One replica: its latencies, its highest rate, its batch limit.' },
  { name: 'simulation', description: 'What happens to every single request: the judge of the queue models.' },
  { name: 'tuning', description: 'Parameters from observed latencies and from benchmarks.' },
  {
    name: 'llm-inferno tuner',
    description:
      'The verbs of the tuner that llm-inferno’s clients know. They need a memory: it is kept by this process alone, and off unless `INFERNO_TUNER_PAIRS` is set.',
  },
  { name: 'strategies', description: 'What a request may select.' },
  { name: 'service', description: 'Probes.' },
];

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

/** A server of its own that has the OpenAPI document of these routes, and its pages at /docs: all from this machine, nothing from outside. */
export async function openApiPages(
  routes: readonly RouteOptions[],
  registry: Registry,
  limits: Limits,
): Promise<FastifyInstance> {
  const pages = fastify({ schemaController: { compilersFactory: COMPILERS } });
  nameSchemas(pages, limits);
  await pages.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Brazier',
        description:
          'Keeps an LLM-inference fleet within its service-level objectives at the least cost. Latencies are milliseconds, rates per second, costs per hour.',
        version: VERSION,
        license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      },
      tags: TAGS,
      security: [{}, { bearer: [] }],
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'One of the tokens of the service, where it demands one (`TOKENS_FILE`).',
          },
        },
      },
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, i) => String(json.$id ?? `def-${i}`) },
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject;
      const { paths, components } = document.openapiObject as OpenApi;
      for (const [url, examples] of Object.entries(EXAMPLES)) {
        const body = paths?.[url]?.post?.requestBody?.content?.['application/json'];
        if (body) body.examples = examples;
      }
      if (components?.schemas) nameStrategies(components.schemas, registry);
      return document.openapiObject;
    },
  });
  await pages.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'list', tryItOutEnabled: true, defaultModelsExpandDepth: 0 },
    theme: {
      title: 'Brazier',
      // The bar offers to open other documents and carries another project's logo.
      css: [{ filename: 'brazier.css', content: '.swagger-ui .topbar { display: none }' }],
    },
  });
  for (const { method, url, schema } of routes) pages.route({ method, url, schema, handler: async () => {} });
  await pages.ready();
  return pages;
}

/** Names every schema once, so that the routes refer to it. */
function nameSchemas(pages: FastifyInstance, limits: Limits): void {
  const definitions = new Map<string, object>();
  for (const schema of [...Object.values(REQUESTS), ...Object.values(ANSWERS)] as TSchema[]) {
    const bundled = bundle(schema, (name) => `${name}#`, limits);
    for (const [name, definition] of Object.entries(bundled.definitions)) definitions.set(name, definition);
  }
  for (const [$id, definition] of [...definitions].sort(([a], [b]) => (a < b ? -1 : 1))) {
    pages.addSchema({ $id, ...definition });
  }
}

/** In the document a choice is what it may be: the strategies there are, each with its options. */
function nameStrategies(
  schemas: Record<string, OpenApiSchema>,
  { solvers, queueModels, estimators }: Registry,
): void {
  for (const { properties } of Object.values(schemas)) {
    if (properties?.solver?.$ref === CHOICE) properties.solver = choiceOf(solvers, 'The solver.');
    if (properties?.queueModel?.$ref === CHOICE)
      properties.queueModel = choiceOf(queueModels, 'The queue model.');
    if (properties?.estimator?.$ref === CHOICE) properties.estimator = choiceOf(estimators, 'The estimator.');
  }
  delete schemas.StrategyChoice;
  delete schemas.NamedStrategy;
}

const CHOICE = '#/components/schemas/StrategyChoice';

function choiceOf(strategies: StrategySet<Strategy>, description: string): object {
  const summaries = [...strategies.values()].map(({ name, summary }) => `\`${name}\`: ${summary}`);
  const byName = {
    type: 'string',
    enum: [...strategies.keys()],
    description: 'By name, with its default options.',
  };
  const withOptions = [...strategies.values()].map(({ name, summary, options }) => ({
    type: 'object',
    required: ['name'],
    additionalProperties: false,
    description: summary,
    properties: {
      name: { type: 'string', const: name, description: 'Its name.' },
      options: { ...options, description: 'Its options.' },
    },
  }));
  return { description: [description, ...summaries].join('\n'), anyOf: [byName, ...withOptions] };
}

interface OpenApiSchema {
  readonly properties?: Record<string, { readonly $ref?: string }>;
}

interface OpenApi {
  readonly components?: { readonly schemas?: Record<string, OpenApiSchema> };
  readonly paths?: Record<
    string,
    { post?: { requestBody?: { content?: Record<string, { examples?: unknown }> } } }
  >;
}
