import { type Static, type TObject, Type } from '#typebox';
import { ServiceTime } from './model.ts';
import { OptimizeRequest, Plan } from './plan.ts';
import { BatchSize, Count, closed, Name, PositiveRequestsPerSec, Seconds, Tokens } from './quantities.ts';
import { Allocation, Predicted, ServerPlan } from './server-plan.ts';
import { Arrivals, BalancerName, Lengths, Seed } from './simulation-process.ts';
import { Station } from './station.ts';

/** What one simulation may be asked for: some minutes of work. */
export const MOST_REQUESTS = 2_000_000;
export const MOST_SECONDS = 1e8;
/** Each arrival looks at every replica. */
export const MOST_REPLICAS = 2_000;
export const DEFAULT_REQUESTS = 100_000;
export const DEFAULT_ITERATIONS = 20_000_000;
export const DEFAULT_PRECISION = 0.02;

const { throughput: _, ...stationFields } = Station.properties;

export const SimulatedStation = Type.Object(
  {
    ...stationFields,
    serviceTime: ServiceTime,
    kvCacheTokens: Type.Optional(
      Tokens('KV cache of one replica; when it runs out, who joined last is preempted. Absent: unlimited.', {
        minimum: 1,
        maximum: 1e12,
      }),
    ),
  },
  closed('SimulatedStation', 'One replica with its limits, and the mean request.'),
);
export type SimulatedStation = Static<typeof SimulatedStation>;

export const Pool = Type.Object(
  {
    name: Type.Optional(Name('What `changes` call it; unique.')),
    station: Type.Optional(SimulatedStation),
    replicas: Count('Replicas at the start.', { maximum: MOST_REPLICAS }),
    share: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1e9,
        description:
          'Share of the load that its replicas are meant to get, relative to the other pools. Absent: as many as it has replicas.',
      }),
    ),
  },
  closed('Pool', 'Replicas of one kind. Its `station` absent: that of the request.'),
);
export type Pool = Static<typeof Pool>;

export const ReplicaChange = Type.Object(
  {
    atSec: Seconds('When.'),
    action: Type.Enum(['start', 'drain', 'stop'], {
      description:
        'New replicas serve at once; draining ones finish what they have, and take no more; stopped ones lose what they have.',
    }),
    replicas: Count('How many; of those that serve the newest.', { minimum: 1, maximum: MOST_REPLICAS }),
    pool: Type.Optional(Name('Name of the pool. Absent: the only one.')),
  },
  closed('ReplicaChange', 'Replicas that start, drain or stop.'),
);
export type ReplicaChange = Static<typeof ReplicaChange>;

/** The fields of an answer that may be there when it is posted back. */
function notHeeded({ properties }: TObject): object {
  const entry = Type.Optional(Type.Unknown({ description: 'Not heeded: as in the answer of `/optimize`.' }));
  return Object.fromEntries(Object.keys(properties).map((name) => [name, entry]));
}

export const AllocationToSimulate = Type.Object(
  {
    ...notHeeded(Allocation),
    variant: Name("Name of a variant of the server's model."),
    replicas: Count('How many.'),
    maxBatchSize: Type.Optional(
      Type.Union([BatchSize('Batch limit of each replica.'), Type.Null()], {
        description: 'Batch limit of each replica. null or absent: that of the server or the profile.',
      }),
    ),
    loadFraction: Type.Optional(
      Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()], {
        description:
          "Share of the server's load that goes here. null or absent in any of them: in proportion to the replicas.",
      }),
    ),
  },
  closed('AllocationToSimulate', 'Replicas of one variant for a server.'),
);
export type AllocationToSimulate = Static<typeof AllocationToSimulate>;

export const ServerToSimulate = Type.Object(
  {
    ...notHeeded(ServerPlan),
    name: Name('Name of a server of the fleet.'),
    allocations: Type.Array(AllocationToSimulate, { maxItems: 1_000, description: 'What it gets.' }),
    predicted: Type.Optional(
      Type.Union([Predicted, Type.Null()], {
        description: 'What the queue model predicted, to be answered beside what is simulated.',
      }),
    ),
  },
  closed('ServerToSimulate', 'What a server gets.'),
);
export type ServerToSimulate = Static<typeof ServerToSimulate>;

export const PlanToSimulate = Type.Object(
  {
    ...notHeeded(Plan),
    servers: Type.Array(ServerToSimulate, { maxItems: 20_000, description: 'Those that are simulated.' }),
  },
  closed('PlanToSimulate', 'A plan as `/optimize` answers it, of which only `servers` is heeded.'),
);
export type PlanToSimulate = Static<typeof PlanToSimulate>;

export const SimulateRequest = Type.Object(
  {
    station: Type.Optional(SimulatedStation),
    replicas: Type.Optional(
      Count('Replicas of the station.', { minimum: 1, maximum: MOST_REPLICAS, default: 1 }),
    ),
    pools: Type.Optional(
      Type.Array(Pool, {
        minItems: 1,
        maxItems: 100,
        description: 'Several kinds of replicas that share the load, in place of `replicas`.',
      }),
    ),
    changes: Type.Optional(
      Type.Array(ReplicaChange, { maxItems: 10_000, description: 'What happens to replicas on the way.' }),
    ),
    requestsPerSec: Type.Optional(
      PositiveRequestsPerSec(
        'Mean rate of all replicas together. Not heeded where `arrivals` bring their own.',
      ),
    ),
    fleet: Type.Optional(OptimizeRequest),
    plan: Type.Optional(PlanToSimulate),
    balancer: Type.Optional(BalancerName),
    arrivals: Type.Optional(Arrivals),
    lengths: Type.Optional(Lengths),
    seed: Type.Optional(Seed),
    requests: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MOST_REQUESTS,
        description: `Requests that arrive at most, at each server of a plan. Absent: ${DEFAULT_REQUESTS}; with \`seconds\` or a trace as many as come, ${MOST_REQUESTS} at most.`,
      }),
    ),
    seconds: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: MOST_SECONDS,
        description: 'Time that is simulated at most (s).',
      }),
    ),
    iterations: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1e9,
        default: DEFAULT_ITERATIONS,
        description:
          'Iterations of all replicas at most, of a plan in all servers together: the work that a simulation is, some millions a second.',
      }),
    ),
    precisionFraction: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        default: DEFAULT_PRECISION,
        description:
          'It ends when the 95 % confidence intervals of mean TTFT and ITL are within so much of their means. 0: when what was asked for is used up.',
      }),
    ),
  },
  closed(
    'SimulateRequest',
    'Either a `station` (or `pools`) and its load, or a `fleet` with its `plan`; without `plan` it is optimized first. What is absent: Poisson arrivals, exponential lengths, balanced by chance.',
  ),
);
export type SimulateRequest = Static<typeof SimulateRequest>;
