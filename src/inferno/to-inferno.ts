import type { InfernoAnswer, InfernoRequest } from '../schemas/inferno.ts';
import type { Plan } from '../schemas/plan.ts';
import type { ServerPlan } from '../schemas/server-plan.ts';
import type { Translated } from './from-inferno.ts';

/** Translates a plan into the answer of the llm-inferno optimizer. */
export function toInferno(
  plan: Plan,
  request: InfernoRequest,
  { dropped, notes }: Translated,
): InfernoAnswer {
  const loads = new Map(
    request.system.serverData?.servers?.map(({ name, currentAlloc }) => [name, currentAlloc?.load ?? {}]),
  );
  const allocated = plan.servers.filter(({ allocations }) => allocations.length > 0);
  const short = plan.servers.flatMap(({ name, servedFraction, shortfall }) =>
    shortfall ? [{ server: name, servedFraction, code: shortfall.code, text: shortfall.text }] : [],
  );
  return {
    allocations: Object.fromEntries(
      allocated.map((server) => [server.name, allocationOf(server, loads.get(server.name) ?? {})]),
    ),
    shortfalls: [...dropped, ...short],
    notes: [...notes, ...idleNotes(plan)],
  };
}

/** A server that needs nothing is absent from the allocations as well; it is not short of anything. */
function idleNotes({ servers }: Plan): string[] {
  return servers
    .filter(({ allocations, shortfall }) => allocations.length === 0 && shortfall === null)
    .map(({ name, reason }) => `${name}: ${reason.text}`);
}

type Allocation = InfernoAnswer['allocations'][string];

function allocationOf(
  { allocations: [given], predicted, costPerHour }: ServerPlan,
  load: Allocation['load'],
): Allocation {
  const { arrivalRate = 0, throughput, avgInTokens = 0, avgOutTokens = 0 } = load ?? {};
  return {
    accelerator: given.variant,
    numReplicas: given.replicas,
    maxBatch: given.maxBatchSize ?? 0,
    cost: costPerHour,
    itlAverage: predicted?.itlMs ?? 0,
    ttftAverage: predicted?.ttftMs ?? 0,
    load: { arrivalRate, ...(throughput !== undefined && { throughput }), avgInTokens, avgOutTokens },
  };
}
