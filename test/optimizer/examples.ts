import { demandOf } from '../../src/optimizer/candidates.ts';
import { CardLimits } from '../../src/optimizer/card-limits.ts';
import { resolveServers } from '../../src/optimizer/catalog.ts';
import type { ServerCandidate } from '../../src/optimizer/demand.ts';
import { optimize } from '../../src/optimizer/optimize.ts';
import { Sizer } from '../../src/optimizer/sizer.ts';
import type { QueueModel } from '../../src/queueing/queue-model.ts';
import type { Fleet, Server, Targets } from '../../src/schemas/fleet.ts';
import type { Profile } from '../../src/schemas/model.ts';
import type { Plan } from '../../src/schemas/plan.ts';
import type { ServerPlan } from '../../src/schemas/server-plan.ts';
import greedy from '../../src/solvers/strategies/greedy.ts';
import unlimited from '../../src/solvers/strategies/unlimited.ts';
import { fixedRate } from './fixed-rate.ts';

// A fleet for sums done by hand: requests of 100 output tokens, on `small` (10 requests/s a replica, 2 per hour, one card of
// type S) or `large` (20 requests/s a replica, 10 per hour, four cards of type L).

export const SMALL: Profile = {
  accelerator: 'small',
  maxBatchSize: 10,
  atTokens: 100,
  serviceTime: { alphaMs: 10, betaMsPerToken: 1, gammaMsPerToken2: 0 },
};
export const LARGE: Profile = {
  ...SMALL,
  accelerator: 'large',
  serviceTime: { alphaMs: 5, betaMsPerToken: 0.5, gammaMsPerToken2: 0 },
};

interface Example {
  readonly profiles?: readonly Profile[];
  readonly targets?: Targets;
  readonly capacity?: Fleet['capacity'];
  readonly power?: Fleet['accelerators'][number]['power'];
  /** Each server: what it differs in from 25 requests/s of 100 + 100 tokens. */
  readonly servers?: readonly Partial<Server>[];
}

export const LOAD = { requestsPerSec: 25, inputTokens: 100, outputTokens: 100 };

export function fleetOf(example: Example, server: Partial<Server> = {}): Fleet {
  const { profiles = [SMALL, LARGE], targets = {}, capacity, power, servers = [server] } = example;
  return {
    accelerators: [
      { name: 'large', type: 'L', cards: 4, costPerHour: 10 },
      { name: 'small', type: 'S', costPerHour: 2, ...(power && { power }) },
    ],
    ...(capacity && { capacity }),
    models: [{ name: 'model', profiles: [...profiles] }],
    serviceClasses: [
      { name: 'first', priority: 1, targets: [{ model: 'model', ...targets }] },
      { name: 'second', priority: 2, targets: [{ model: 'model', ...targets }] },
    ],
    servers: servers.map((own, i) => ({
      name: `server-${i}`,
      serviceClass: 'second',
      model: 'model',
      load: LOAD,
      ...own,
    })),
  };
}

/** The plan of `greedy` where there is a capacity, else of `unlimited`. */
export function planOf(fleet: Fleet, queueModel: QueueModel = fixedRate): Plan {
  const solver = { strategy: fleet.capacity ? greedy : unlimited, options: {} };
  return optimize(fleet, solver, { strategy: queueModel, options: {} }, () => 0);
}

/** The plan of the one server of a fleet. */
export function onlyServer(fleet: Fleet, queueModel: QueueModel = fixedRate): ServerPlan {
  return planOf(fleet, queueModel).servers[0];
}

/** The candidates of the one server of a fleet, in the order of preference. */
export function allCandidatesOf(
  fleet: Fleet,
  queueModel: QueueModel = fixedRate,
): readonly ServerCandidate[] {
  const resolved = resolveServers(fleet);
  return demandOf(resolved[0], new Sizer(queueModel, {}), new CardLimits(fleet, resolved)).candidates;
}

/** The same by variant, where each is one. */
export function candidatesOf(
  fleet: Fleet,
  queueModel: QueueModel = fixedRate,
): Record<string, ServerCandidate> {
  const candidates = allCandidatesOf(fleet, queueModel);
  return Object.fromEntries(candidates.map((candidate) => [candidate.variant, candidate]));
}
