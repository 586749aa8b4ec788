import { type Static, Type } from '#typebox';
import { limited } from './limits.ts';
import { Figure, Text } from './quantities.ts';

// The JSON of the llm-inferno components. They read keys without regard to case and ignore those that they do not know: these objects are open.

export const named = ($id: string, description: string) => ({ $id, description });
const number = (description: string, maximum = 1e12) =>
  Type.Optional(Type.Number({ minimum: 0, maximum, description }));
const integer = (description: string, maximum = 1e6) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum, description }));
export const text = (description: string) => Type.Optional(Type.String({ maxLength: 253, description }));
const key = (description: string) => Type.String({ minLength: 1, maxLength: 253, description });

const InfernoAccelerator = Type.Object(
  {
    name: key('Name.'),
    type: key('Card type.'),
    multiplicity: integer('Cards per unit; 0 or absent: 1.', 10_000),
    memSize: number('Memory (GB).'),
    memBW: number('Memory bandwidth (GB/s). Not used.'),
    power: Type.Optional(
      Type.Object(
        {
          idle: number('Watts when idle.'),
          full: number('Watts at full utilization.'),
          midPower: number('Watts at `midUtil`.'),
          midUtil: number('Utilization fraction of `midPower`.', 1),
        },
        named('InfernoPower', 'Power profile.'),
      ),
    ),
    cost: number('Cost per hour of the unit.', 1e9),
  },
  named('InfernoAccelerator', 'An accelerator.'),
);

export const InfernoModel = Type.Object(
  {
    name: key('Model.'),
    acc: key('Accelerator.'),
    accCount: integer('Units per replica; 0 or absent: 1.', 10_000),
    maxBatchSize: Type.Optional(
      Type.Integer({
        minimum: 0,
        ...limited('maximum', 'MAX_BATCH_SIZE'),
        description: 'Batch limit at `atTokens`.',
      }),
    ),
    atTokens: integer('Output tokens of the measurement.', 1e7),
    perfParms: Type.Optional(
      Type.Object(
        { alpha: number('ms', 1e6), beta: number('ms/token', 1e6), gamma: number('ms/token²', 1e6) },
        named('InfernoPerfParms', 'Parameters of the iteration time.'),
      ),
    ),
  },
  named('InfernoModel', 'A model on an accelerator.'),
);
export type InfernoModel = Static<typeof InfernoModel>;

export const InfernoModelData = Type.Object(
  {
    models: Type.Optional(
      Type.Array(InfernoModel, { maxItems: 100_000, description: 'One entry per model and accelerator.' }),
    ),
  },
  named('InfernoModelData', 'Models.'),
);
export type InfernoModelData = Static<typeof InfernoModelData>;

const InfernoServiceClass = Type.Object(
  {
    name: key('Name.'),
    priority: Type.Optional(Type.Integer({ description: '1 … 100, 1 is the highest; else 100.' })),
    modelTargets: Type.Optional(
      Type.Array(
        Type.Object(
          {
            model: key('Model.'),
            'slo-itl': number('ITL target (ms); 0: none.', 1e9),
            'slo-ttft': number('TTFT target (ms); 0: none.', 1e9),
            'slo-tps': number('Tokens per second; replaces the load. 0: none.', 1e9),
          },
          named('InfernoTarget', 'Targets for a model.'),
        ),
        { ...limited('maxItems', 'MAX_MODELS'), description: 'One entry per model.' },
      ),
    ),
  },
  named('InfernoServiceClass', 'A service class.'),
);

export const InfernoLoad = Type.Object(
  {
    arrivalRate: number('Requests per minute.', 6e7),
    throughput: number('Requests completed per minute; 0 or absent: not measured.', 6e7),
    avgInTokens: number('Mean prompt tokens.', 1e7),
    avgOutTokens: number('Mean output tokens.', 1e7),
  },
  named('InfernoLoad', 'Load of a server.'),
);
export type InfernoLoad = Static<typeof InfernoLoad>;

export const InfernoAllocation = Type.Object(
  {
    accelerator: text('Accelerator; "": nothing runs.'),
    numReplicas: integer('Replicas.'),
    maxBatch: integer('Batch limit.'),
    cost: number('Cost per hour of all replicas.'),
    itlAverage: number('Mean ITL (ms).'),
    ttftAverage: number('Mean TTFT (ms).'),
    load: Type.Optional(InfernoLoad),
  },
  named('InfernoAllocation', 'An allocation.'),
);

const InfernoServer = Type.Object(
  {
    name: key('Name.'),
    class: key('Service class.'),
    model: key('Model.'),
    keepAccelerator: Type.Optional(Type.Boolean({ description: 'Stay on the current accelerator.' })),
    minNumReplicas: integer('Replicas at least; default 0.'),
    maxBatchSize: Type.Optional(
      Type.Integer({
        minimum: 0,
        ...limited('maximum', 'MAX_BATCH_SIZE'),
        description: 'Batch limit; 0: from the model.',
      }),
    ),
    maxQueueSize: Type.Optional(
      Type.Integer({
        minimum: 0,
        ...limited('maximum', 'MAX_QUEUE_LENGTH'),
        description: 'Waiting room of a replica; default 0: none.',
      }),
    ),
    currentAlloc: Type.Optional(InfernoAllocation),
    desiredAlloc: Type.Optional(InfernoAllocation),
  },
  named('InfernoServer', 'A server.'),
);
export type InfernoServer = Static<typeof InfernoServer>;

const list = <S extends Parameters<typeof Type.Array>[0]>(items: S, limit: Parameters<typeof limited>[1]) =>
  Type.Optional(Type.Array(items, { ...limited('maxItems', limit), description: 'The entries.' }));

export const InfernoRequest = Type.Object(
  {
    system: Type.Object(
      {
        acceleratorData: Type.Optional(
          Type.Object(
            { accelerators: list(InfernoAccelerator, 'MAX_ACCELERATORS') },
            named('InfernoAcceleratorData', 'Accelerators.'),
          ),
        ),
        modelData: Type.Optional(InfernoModelData),
        serviceClassData: Type.Optional(
          Type.Object(
            { serviceClasses: list(InfernoServiceClass, 'MAX_SERVICE_CLASSES') },
            named('InfernoServiceClassData', 'Service classes.'),
          ),
        ),
        serverData: Type.Optional(
          Type.Object(
            { servers: list(InfernoServer, 'MAX_SERVERS') },
            named('InfernoServerData', 'Servers.'),
          ),
        ),
        capacityData: Type.Optional(
          Type.Object(
            {
              count: Type.Optional(
                Type.Array(
                  Type.Object(
                    { type: key('Card type.'), count: integer('Cards.', 1e7) },
                    named('InfernoCapacity', 'Cards of a type.'),
                  ),
                  { maxItems: 1000, description: 'One entry per type.' },
                ),
              ),
            },
            named('InfernoCapacityData', 'Cards by type; a type that is absent has none.'),
          ),
        ),
        optimizerData: Type.Optional(
          Type.Object(
            {
              optimizer: Type.Optional(
                Type.Object(
                  {
                    unlimited: Type.Optional(Type.Boolean({ description: 'Ignore the capacity.' })),
                    heterogeneous: Type.Optional(
                      Type.Boolean({ description: 'Not available; `greedy` answers, with a note.' }),
                    ),
                    milpSolver: Type.Optional(
                      Type.Boolean({ description: 'Not available; `greedy` answers, with a note.' }),
                    ),
                    useCplex: Type.Optional(
                      Type.Boolean({ description: 'Not available; `greedy` answers, with a note.' }),
                    ),
                    delayedBestEffort: Type.Optional(Type.Boolean({ description: 'Option of `greedy`.' })),
                    saturationPolicy: text(
                      'Option of `greedy`: None (default), PriorityExhaustive, PriorityRoundRobin or RoundRobin.',
                    ),
                  },
                  named('InfernoOptimizer', 'Switches of the optimizer.'),
                ),
              ),
            },
            named('InfernoOptimizerData', 'Optimizer.'),
          ),
        ),
      },
      named('InfernoSystem', 'A system.'),
    ),
  },
  named('InfernoRequest', 'The request of the llm-inferno optimizer; keys in any case.'),
);
export type InfernoRequest = Static<typeof InfernoRequest>;

export const InfernoAnswer = Type.Object(
  {
    allocations: Type.Record(Type.String(), InfernoAllocation, {
      description: 'By server; one that gets nothing is absent.',
    }),
    shortfalls: Type.Array(
      Type.Object(
        {
          server: Text('Name of the server.'),
          servedFraction: Figure('Replicas given over replicas required.'),
          code: Text('Why, for programs.'),
          text: Text('Why, for people.'),
        },
        named('InfernoShortfall', 'A server that is not served in full, and why.'),
      ),
      { description: 'What is not served in full.' },
    ),
    notes: Type.Array(Type.String(), {
      description: 'What was understood otherwise than asked, and servers that need nothing.',
    }),
  },
  named('InfernoAnswer', 'The answer of the llm-inferno optimizer, with two further fields.'),
);
export type InfernoAnswer = Static<typeof InfernoAnswer>;
