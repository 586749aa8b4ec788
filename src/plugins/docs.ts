import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import plugin from 'fastify-plugin';
import type { Registry, StrategySet } from '../registry.ts';
import { EXAMPLES } from '../schemas/examples.ts';
import type { Strategy } from '../schemas/plug-in.ts';
import { VERSION } from '../version.ts';

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

/** The OpenAPI document at /openapi.json, and its pages at /docs: all from this machine, nothing from outside. */
export default plugin(async (app: FastifyInstance, { registry }: { registry: Registry }) => {
  await app.register(swagger, {
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
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'list', tryItOutEnabled: true, defaultModelsExpandDepth: 0 },
    theme: {
      title: 'Brazier',
      // The bar offers to open other documents and carries another project's logo.
      css: [{ filename: 'brazier.css', content: '.swagger-ui .topbar { display: none }' }],
    },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/docs'));
});

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
