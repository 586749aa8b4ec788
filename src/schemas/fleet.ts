import { type Static, Type } from '#typebox';
import { Accelerator, Capacity } from './accelerator.ts';
import { limited } from './limits.ts';
import { Model } from './model.ts';
import {
  BatchSize,
  CostPerHour,
  Count,
  closed,
  Milliseconds,
  Name,
  QueueLength,
  RequestsPerSec,
  Tokens,
  TokensPerSec,
} from './quantities.ts';

const percentile = (of: string, target: string) =>
  Type.Optional(
    Type.Number({
      minimum: 0.5,
      maximum: 0.999,
      description: `Share of ${of} that \`${target}\` is to hold for: 0.95 is the 95th percentile. Absent: it is to hold on the mean.`,
    }),
  );
const targetFields = {
  ttftMs: Type.Optional(Milliseconds('Time to first token at most (ms). 0 or absent: not considered.')),
  ttftPercentile: percentile('requests', 'ttftMs'),
  itlMs: Type.Optional(Milliseconds('Inter-token latency at most (ms). 0 or absent: not considered.')),
  itlPercentile: percentile('gaps between tokens', 'itlMs'),
  e2eMs: Type.Optional(
    Milliseconds('Mean time from arrival to the last token at most (ms). 0 or absent: not considered.'),
  ),
  minTokensPerSec: Type.Optional(
    TokensPerSec('Output tokens per second that must be producible at least. 0 or absent: not considered.'),
  ),
};

export const Targets = Type.Object(
  targetFields,
  closed('Targets', 'Service-level objectives, on means where no percentile is named.'),
);
export type Targets = Static<typeof Targets>;

export const ModelTargets = Type.Object(
  { model: Name('Name of a model.'), ...targetFields },
  closed(
    'ModelTargets',
    'Service-level objectives of a class for one model, on means where no percentile is named.',
  ),
);
export type ModelTargets = Static<typeof ModelTargets>;

export const ServiceClass = Type.Object(
  {
    name: Name('Name of the class; unique.'),
    priority: Count('1 is the highest priority.', { minimum: 1, maximum: 1000 }),
    targets: Type.Array(ModelTargets, {
      ...limited('maxItems', 'MAX_MODELS'),
      description: 'One entry per model served.',
    }),
  },
  closed('ServiceClass', 'A class of service: a priority and its targets per model.'),
);
export type ServiceClass = Static<typeof ServiceClass>;

const CachedTokens = Tokens('Mean part of the prompt that the prefix cache holds; at most `inputTokens`.', {
  default: 0,
});

export const RequestSize = Type.Object(
  {
    inputTokens: Tokens('Prompt length.'),
    outputTokens: Tokens('Output length.', { minimum: 1 }),
    cachedInputTokens: Type.Optional(CachedTokens),
    share: Type.Number({ minimum: 0, maximum: 1, description: 'Share of all requests; together 1.' }),
  },
  closed('RequestSize', 'Requests of about one size.'),
);
export type RequestSize = Static<typeof RequestSize>;

export const Load = Type.Object(
  {
    requestsPerSec: RequestsPerSec('Offered load: arrivals, not completions (requests/s).'),
    inputTokens: Type.Optional(Tokens('Mean prompt length. Absent: `sizes` tells.')),
    outputTokens: Type.Optional(
      Tokens('Mean output length: 0 (no load) or at least 1. Absent: `sizes` tells.'),
    ),
    cachedInputTokens: Type.Optional(CachedTokens),
    sizes: Type.Optional(
      Type.Array(RequestSize, {
        minItems: 1,
        maxItems: 1_000,
        description:
          'A histogram of request sizes, instead of means. A model of measured rates takes each size apart; others take the means.',
      }),
    ),
  },
  closed('Load', 'The load offered to a server.', ['arrivalCv']),
);
export type Load = Static<typeof Load>;

export const ClassLoad = Type.Object(
  {
    serviceClass: Name('Name of a service class.'),
    requestsPerSec: RequestsPerSec('Offered load of this class: arrivals, not completions (requests/s).'),
    inputTokens: Tokens('Mean prompt length.'),
    outputTokens: Tokens('Mean output length: 0 (no load) or at least 1.'),
    cachedInputTokens: Type.Optional(CachedTokens),
  },
  closed('ClassLoad', 'The load that one of several classes offers to a server.'),
);
export type ClassLoad = Static<typeof ClassLoad>;

export const CurrentAllocation = Type.Object(
  {
    variant: Name("Name of a variant of the server's model."),
    replicas: Count('Replicas that run or start now, `startingReplicas` included.'),
    startingReplicas: Type.Optional(Count('How many of `replicas` do not serve yet.', { default: 0 })),
    maxBatchSize: Type.Optional(BatchSize('The batch limit they run with.')),
    costPerHour: Type.Optional(
      CostPerHour(
        "What these replicas cost together now; absent: the accelerator's price. Needed for a variant that no profile describes any more.",
      ),
    ),
  },
  closed('CurrentAllocation', 'Replicas of one variant that a server runs now.'),
);
export type CurrentAllocation = Static<typeof CurrentAllocation>;

export const Server = Type.Object(
  {
    name: Name('Name of the server; unique.'),
    serviceClass: Type.Optional(Name('Name of a service class. Absent: `loads` names several.')),
    model: Name('Name of a model.'),
    load: Type.Optional(
      Type.Union([Load, Type.Null()], {
        description: 'The load offered; null: unknown, and what runs is kept. Absent: `loads` tells.',
      }),
    ),
    loads: Type.Optional(
      Type.Array(ClassLoad, {
        minItems: 1,
        ...limited('maxItems', 'MAX_SERVICE_CLASSES'),
        description:
          'Of a pool that several classes share, instead of `serviceClass` and `load`: rates add up, tokens are weighted means, the strictest target, the highest percentile that any names for it, and the highest priority count.',
      }),
    ),
    current: Type.Optional(
      Type.Array(CurrentAllocation, {
        maxItems: 100,
        description: 'What runs now, by variant. Absent or []: nothing.',
      }),
    ),
    maxBatchSize: Type.Optional(BatchSize('Batch limit, fixed. Absent: decided.')),
    maxQueueLength: Type.Optional(
      QueueLength(
        'Waiting room of one replica outside its batch. 0: none, requests are lost. Absent: unlimited.',
      ),
    ),
    minReplicas: Type.Optional(Count('Replicas at least; 0 allows scaling to zero.', { default: 1 })),
    maxReplicas: Type.Optional(Count('Replicas at most. Absent: no limit.', { minimum: 1 })),
    spareReplicas: Type.Optional(
      Count('Replicas beyond what the load needs.', { default: 0, maximum: 10_000 }),
    ),
    pinVariant: Type.Optional(
      Type.Boolean({ default: false, description: 'Only the variants that run now are candidates.' }),
    ),
  },
  closed('Server', 'An inference server: one service class of one model, or several that share a pool.'),
);
export type Server = Static<typeof Server>;

export const Quota = Type.Object(
  {
    serviceClasses: Type.Optional(
      Type.Array(Name('Name of a service class.'), {
        minItems: 1,
        ...limited('maxItems', 'MAX_SERVICE_CLASSES'),
        description: 'The servers of these classes, together. Either this or `servers`.',
      }),
    ),
    servers: Type.Optional(
      Type.Array(Name('Name of a server.'), {
        minItems: 1,
        ...limited('maxItems', 'MAX_SERVERS'),
        description: 'These servers, together. Either this or `serviceClasses`.',
      }),
    ),
    type: Name('Card type.'),
    cards: Count('Cards of this type that they may hold at most.', { maximum: 10_000_000 }),
  },
  closed('Quota', 'Cards of a type that some servers may hold together at most.'),
);
export type Quota = Static<typeof Quota>;

export const fleetFields = {
  accelerators: Type.Array(Accelerator, {
    ...limited('maxItems', 'MAX_ACCELERATORS'),
    description: 'What replicas can run on.',
  }),
  capacity: Type.Optional(Capacity),
  quotas: Type.Optional(
    Type.Array(Quota, { maxItems: 1_000, description: 'What some servers may hold together at most.' }),
  ),
  models: Type.Array(Model, { ...limited('maxItems', 'MAX_MODELS'), description: 'What is served.' }),
  serviceClasses: Type.Array(ServiceClass, {
    ...limited('maxItems', 'MAX_SERVICE_CLASSES'),
    description: 'For whom.',
  }),
  servers: Type.Array(Server, {
    ...limited('maxItems', 'MAX_SERVERS'),
    description: 'What is decided about.',
  }),
};
export const Fleet = Type.Object(fleetFields, closed('Fleet', 'What is optimized.'));
export type Fleet = Static<typeof Fleet>;
