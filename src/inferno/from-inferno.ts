import type { Accelerator } from '../schemas/accelerator.ts';
import type { Fleet, Server, ServiceClass } from '../schemas/fleet.ts';
import type { InfernoAnswer, InfernoRequest, InfernoServer } from '../schemas/inferno.ts';
import type { Model, Profile } from '../schemas/model.ts';
import type { OptimizeRequest } from '../schemas/plan.ts';

type System = InfernoRequest['system'];

export interface Translated {
  readonly request: OptimizeRequest;
  /** Servers that name a class, model or target that does not exist; they take no part. */
  readonly dropped: InfernoAnswer['shortfalls'];
  readonly notes: readonly string[];
}

const LOWEST_PRIORITY = 100;
const SATURATION_POLICIES = ['None', 'PriorityExhaustive', 'PriorityRoundRobin', 'RoundRobin'];

/**
 * Translates a request of the llm-inferno optimizer, whose keys are canonical. What differs from our own form: rates are per
 * minute, a token rate replaces the load, the waiting room and the least replicas default to 0, a card type that the capacity
 * does not name has no cards, and the current cost is the posted one. Of two entries of one name the later one counts.
 */
export function fromInferno({ system }: InfernoRequest): Translated {
  const accelerators = latest(system.acceleratorData?.accelerators ?? [], ({ name }) => name).map(
    acceleratorOf,
  );
  const models = modelsOf(system, new Set(accelerators.map(({ name }) => name)));
  const serviceClasses = latest(system.serviceClassData?.serviceClasses ?? [], ({ name }) => name).map(
    classOf,
  );
  const dropped: InfernoAnswer['shortfalls'] = [];
  const servers = latest(system.serverData?.servers ?? [], ({ name }) => name).flatMap((server) => {
    const text = danglingName(server, models, serviceClasses);
    if (text === undefined) return [serverOf(server, serviceClasses)];
    dropped.push({ server: server.name, servedFraction: 0, code: 'unknown-name', text });
    return [];
  });
  const { notes, ...strategy } = solverOf(system);
  const capacity = capacityOf(system, accelerators);
  return {
    request: { accelerators, capacity, models, serviceClasses, servers, ...strategy },
    dropped,
    notes,
  };
}

function latest<T>(entries: readonly T[], keyOf: (entry: T) => string): T[] {
  return [...new Map(entries.map((entry) => [keyOf(entry), entry])).values()];
}

type InfernoAccelerator = NonNullable<NonNullable<System['acceleratorData']>['accelerators']>[number];

function acceleratorOf({ name, type, multiplicity, memSize, power, cost }: InfernoAccelerator): Accelerator {
  const { idle = 0, full = 0, midPower, midUtil } = power ?? {};
  return {
    name,
    type,
    cards: multiplicity || 1,
    costPerHour: cost ?? 0,
    ...(memSize !== undefined && { memoryGib: memSize }),
    ...(power && {
      power: {
        idleWatts: idle,
        fullWatts: full,
        ...(midPower && midUtil && midUtil < 1 && { midWatts: midPower, midUtilizationFraction: midUtil }),
      },
    }),
  };
}

function modelsOf(system: System, accelerators: ReadonlySet<string>): Model[] {
  const entries = latest(system.modelData?.models ?? [], ({ name, acc }) => JSON.stringify([name, acc]));
  const models = new Map<string, Profile[]>();
  for (const { name, acc, accCount, maxBatchSize, atTokens, perfParms } of entries) {
    const profiles = models.get(name) ?? [];
    models.set(name, profiles);
    if (!accelerators.has(acc)) continue;
    const { alpha = 0, beta = 0, gamma = 0 } = perfParms ?? {};
    profiles.push({
      accelerator: acc,
      acceleratorsPerReplica: accCount || 1,
      ...(maxBatchSize && { maxBatchSize }),
      ...(atTokens && { atTokens }),
      serviceTime: { alphaMs: alpha, betaMsPerToken: beta, gammaMsPerToken2: gamma },
    });
  }
  return [...models].map(([name, profiles]) => ({ name, profiles }));
}

type InfernoClass = NonNullable<NonNullable<System['serviceClassData']>['serviceClasses']>[number];

function classOf({ name, priority = LOWEST_PRIORITY, modelTargets = [] }: InfernoClass): ServiceClass {
  return {
    name,
    priority: priority >= 1 && priority <= LOWEST_PRIORITY ? priority : LOWEST_PRIORITY,
    targets: latest(modelTargets, ({ model }) => model).map((target) => ({
      model: target.model,
      itlMs: target['slo-itl'] ?? 0,
      ttftMs: target['slo-ttft'] ?? 0,
      minTokensPerSec: target['slo-tps'] ?? 0,
    })),
  };
}

function danglingName(server: InfernoServer, models: readonly Model[], classes: readonly ServiceClass[]) {
  const serviceClass = classes.find(({ name }) => name === server.class);
  if (!serviceClass) return `There is no service class ${JSON.stringify(server.class)}.`;
  if (!models.some(({ name }) => name === server.model))
    return `There is no model ${JSON.stringify(server.model)}.`;
  if (!serviceClass.targets.some(({ model }) => model === server.model)) {
    return `Service class ${JSON.stringify(server.class)} has no targets for model ${JSON.stringify(server.model)}.`;
  }
  return undefined;
}

function serverOf(server: InfernoServer, classes: readonly ServiceClass[]): Server {
  const { arrivalRate = 0, avgInTokens = 0, avgOutTokens = 0 } = server.currentAlloc?.load ?? {};
  const { accelerator, numReplicas = 0, cost = 0 } = server.currentAlloc ?? {};
  const targets = classes
    .find(({ name }) => name === server.class)!
    .targets.find(({ model }) => model === server.model)!;
  const outputTokens = avgOutTokens > 0 ? Math.max(1, avgOutTokens) : 0;
  const demanded = targets.minTokensPerSec && outputTokens ? targets.minTokensPerSec / outputTokens : 0;
  return {
    name: server.name,
    serviceClass: server.class,
    model: server.model,
    load: {
      requestsPerSec: arrivalRate === 0 ? 0 : demanded || arrivalRate / 60,
      inputTokens: avgInTokens,
      outputTokens,
    },
    ...(accelerator && {
      current: [{ variant: accelerator, replicas: numReplicas, costPerHour: cost }],
    }),
    ...(server.maxBatchSize && { maxBatchSize: server.maxBatchSize }),
    maxQueueLength: server.maxQueueSize ?? 0,
    minReplicas: server.minNumReplicas ?? 0,
    pinVariant: server.keepAccelerator ?? false,
  };
}

function capacityOf(system: System, accelerators: readonly Accelerator[]): NonNullable<Fleet['capacity']> {
  const cards = new Map(accelerators.map(({ type }) => [type, 0]));
  for (const { type, count = 0 } of system.capacityData?.count ?? [])
    if (cards.has(type)) cards.set(type, count);
  return Object.fromEntries(cards);
}

function solverOf(system: System): Pick<OptimizeRequest, 'solver'> & { notes: string[] } {
  const { unlimited, saturationPolicy, delayedBestEffort, milpSolver, heterogeneous, useCplex } =
    system.optimizerData?.optimizer ?? {};
  if (unlimited) return { solver: 'unlimited', notes: [] };
  const notes: string[] = [];
  if (heterogeneous) {
    notes.push('heterogeneous: this form of answer has room for one accelerator a server; one was chosen.');
  }
  if (useCplex) notes.push('useCplex: CPLEX is not available; milpSolver solves with HiGHS.');
  if (milpSolver) return { solver: 'milp', notes };
  const policy = SATURATION_POLICIES.find((name) => name.toLowerCase() === saturationPolicy?.toLowerCase());
  if (saturationPolicy && !policy)
    notes.push(`saturationPolicy: ${saturationPolicy} is not known; None was used.`);
  const options = { saturationPolicy: policy ?? 'None', delayedBestEffort: delayedBestEffort ?? false };
  return { solver: { name: 'greedy', options }, notes };
}
