import { test } from 'tap';
import { formCheck, requestChecks } from '../../src/schemas/checker.ts';
import type { Fleet } from '../../src/schemas/fleet.ts';
import { Plan } from '../../src/schemas/plan.ts';
import type { ServerPlan } from '../../src/schemas/server-plan.ts';
import { fleets } from '../support/fleets.ts';
import { forAll, forEach, near } from '../support/properties.ts';
import { demandsOf, runsOf, solvers, withDefaults } from './runs.ts';

const planFaults = formCheck(Plan);
const { OptimizeRequest: requestFaults } = requestChecks({
  solvers,
  estimators: new Map(),
  queueModels: new Map(),
});

test('the random fleets are valid', async (t) => {
  forAll(t, 'faults', fleets, (fleet) => {
    const faults = requestFaults(fleet);
    return faults.length === 0 || refuse(JSON.stringify(faults));
  });
});

for (const solver of solvers.values()) {
  const runs = runsOf(withDefaults(solver));
  const always = (claim: string, holds: (plan: Plan, fleet: Fleet) => boolean | undefined) =>
    test(`${solver.name}: ${claim}`, async (t) => {
      forEach(t, claim, runs, ({ plan, fleet }) => holds(plan, fleet));
    });

  always('a plan is valid', (plan) => {
    const faults = planFaults(plan);
    return faults.length === 0 || refuse(JSON.stringify(faults));
  });

  always('every number of a plan is finite', (plan) => everyNumberIsFinite(plan));

  always('every server appears once, in the order of names', ({ servers, totals }, fleet) => {
    const names = fleet.servers.map(({ name }) => name).sort();
    return totals.servers === names.length && servers.map(({ name }) => name).join() === names.join();
  });

  always('a plan is complete where every server is served in full', ({ status, servers, totals }) => {
    const full = servers.filter(({ servedFraction }) => servedFraction === 1).length;
    return totals.servedInFull === full && (status === 'complete') === (full === servers.length);
  });

  always('there is a shortfall where a server is not served in full, and only there', ({ servers }) =>
    servers.every(
      ({ servedFraction, shortfall }) =>
        servedFraction >= 0 && servedFraction <= 1 && (shortfall === null) === (servedFraction === 1),
    ),
  );

  always('the served fraction is replicas given over replicas required', ({ servers }, fleet) => {
    const demands = demandsOf(fleet);
    return servers.every(({ name, allocations, servedFraction }) => {
      const { plannedRate, unknown, candidates, resolved } = demands.get(name)!;
      const given = allocations.reduce((sum, { replicas }) => sum + replicas, 0);
      const least = resolved.server.minReplicas ?? 1;
      if (unknown) return servedFraction === (least === 0 ? 1 : Math.min(1, given / least));
      if (plannedRate === 0 && least === 0) return servedFraction === 1 && given === 0;
      const taken = allocations.map(({ variant }) => candidates.find((one) => one.variant === variant)!);
      if (taken.length <= 1) {
        return servedFraction === (taken[0] ? Math.min(1, given / taken[0].requiredReplicas) : 0);
      }
      // Several share the load: all of it, or as much as they make up of what is required.
      const parts = allocations.map(({ replicas }, i) => replicas / taken[i].requiredReplicas);
      const isCarried = allocations.every(({ replicas, loadFraction }, i) => {
        const rate = (plannedRate! * loadFraction!) / replicas;
        return rate <= taken[i].ratePerReplica! * (1 + 1e-9);
      });
      return servedFraction === 1
        ? isCarried && given >= least
        : Math.abs(servedFraction - parts.reduce((sum, part) => sum + part, 0)) < 1e-9;
    });
  });

  always('the totals are the sums of the servers', ({ servers, totals, solver: report }, fleet) => {
    const sum = (of: (server: ServerPlan) => number) =>
      servers.reduce((total, server) => total + of(server), 0);
    near(
      totals.costPerHour,
      sum(({ costPerHour }) => costPerHour),
      1e-12,
      0,
      'cost',
    );
    const before = sum(({ costPerHour, change }) => costPerHour - change.costPerHour);
    near(totals.currentCostPerHour, before, 1e-12, 1e-9, 'current cost');
    const watts = servers.flatMap(({ allocations }) => allocations.map(({ powerWatts }) => powerWatts));
    const total = watts.reduce<number | null>((all, w) => (all === null || w === null ? null : all + w), 0);
    if (total === null || totals.powerWatts === null) return total === totals.powerWatts;
    near(totals.powerWatts, total, 1e-12, 0, 'power');
    const values = servers.map((server) => worthOf(server, fleet));
    const objective = values.reduce((all, value) => all + value, 0);
    return near(report.objective, objective, 1e-9, 1e-9, 'objective');
  });

  always('cards used are those of the allocations', ({ servers, cards }, fleet) => {
    const used = new Map<string, number>();
    for (const { name, allocations } of servers) {
      for (const { variant, replicas } of allocations) {
        const [type, each] = cardsOf(fleet, name, variant);
        if (type) used.set(type, (used.get(type) ?? 0) + replicas * each);
      }
    }
    const types = [
      ...new Set([...fleet.accelerators.map(({ type }) => type), ...Object.keys(fleet.capacity ?? {})]),
    ];
    const expected = types.sort().map((type) => {
      const given = fleet.capacity?.[type];
      const capacity = (typeof given === 'object' ? given.cards : given) ?? null;
      const inUse = used.get(type) ?? 0;
      return { type, capacity, used: inUse, left: capacity === null ? null : capacity - inUse };
    });
    const told = cards.map(({ type, capacity, used: inUse, left }) => ({
      type,
      capacity,
      used: inUse,
      left,
    }));
    return JSON.stringify(told) === JSON.stringify(expected);
  });

  always('cards are short where servers miss them, and so many would be enough', ({ servers, cards }) =>
    cards.every(({ type, capacity, used, short, enough }) => {
      const missing = servers
        .filter(({ shortfall }) => shortfall?.code === 'no-capacity' && shortfall.missing?.cardType === type)
        .reduce((sum, { shortfall }) => sum + shortfall!.missing!.cards, 0);
      const expected = capacity !== null && missing > 0 && used + missing > capacity ? used + missing : null;
      return short === missing && enough === expected;
    }),
  );

  always('what is used of a quota is what its servers hold', ({ servers, quotas }, fleet) => {
    const classOf = new Map(fleet.servers.map(({ name, serviceClass }) => [name, serviceClass]));
    return quotas.every(({ type, serviceClasses, servers: named, cards, used, left }) => {
      const held = servers
        .filter(({ name }) => named.includes(name) || serviceClasses.includes(classOf.get(name)!))
        .flatMap(({ name, allocations }) =>
          allocations.map(({ variant, replicas }) => {
            const [of, each] = cardsOf(fleet, name, variant);
            return of === type ? replicas * each : 0;
          }),
        )
        .reduce((sum, count) => sum + count, 0);
      return used === held && left === cards - used && quotas.length === (fleet.quotas ?? []).length;
    });
  });

  if (!solver.ignoresLimits) {
    always('no more cards are used than there are, but by what is kept', ({ servers, cards }, fleet) =>
      cards.every(({ type, capacity, used }) => {
        const kept = servers
          .filter(({ reason }) => reason.code === 'load-unknown' || reason.code === 'model-unknown')
          .flatMap(({ name, allocations }) =>
            allocations.map(({ variant, replicas }) => {
              const [of, each] = cardsOf(fleet, name, variant);
              return of === type ? replicas * each : 0;
            }),
          )
          .reduce((sum, cards) => sum + cards, 0);
        return capacity === null || used <= Math.max(capacity, kept);
      }),
    );

    const anyKept = ({ servers }: Plan) => servers.some(({ reason }) => KEPT.includes(reason.code));

    always(
      'no quota is exceeded, but by what is kept',
      (plan) => anyKept(plan) || plan.quotas.every(({ left }) => left >= 0),
    );

    always(
      'every replica of a plan finds room on a node, but beside what is kept',
      (plan, fleet) =>
        anyKept(plan) ||
        Object.entries(fleet.capacity ?? {}).every(([type, capacity]) => {
          if (typeof capacity !== 'object' || !capacity.nodes) return true;
          const sizes = plan.servers.flatMap(({ name, allocations }) =>
            allocations.flatMap(({ variant, replicas }) => {
              const [of, each] = cardsOf(fleet, name, variant);
              return of === type ? Array.from({ length: replicas }, () => each) : [];
            }),
          );
          return packs(sizes, capacity.nodes);
        }),
    );
  }
}

const KEPT: readonly string[] = ['load-unknown', 'model-unknown'];

/** Whether replicas of these sizes (1, 2, 4, 8 cards) fit the nodes: the largest first, each on the fullest node that holds it. */
function packs(sizes: readonly number[], nodes: readonly { cards: number; count: number }[]): boolean {
  const free = nodes.flatMap(({ cards, count }) => Array.from({ length: count }, () => cards));
  return [...sizes]
    .sort((a, b) => b - a)
    .every((size) => {
      const best = free.reduce((at, room, i) => (room >= size && (at < 0 || room < free[at]) ? i : at), -1);
      if (best >= 0) free[best] -= size;
      return best >= 0;
    });
}

/** Type and cards of a replica; a variant that no profile describes has none. */
function cardsOf(fleet: Fleet, server: string, variant: string): [string | null, number] {
  const { model } = fleet.servers.find(({ name }) => name === server)!;
  const { profiles } = fleet.models.find(({ name }) => name === model)!;
  const profile = profiles.find(({ variant: own, accelerator }) => (own ?? accelerator) === variant);
  if (!profile) return [null, 0];
  const { type, cards = 1 } = fleet.accelerators.find(({ name }) => name === profile.accelerator)!;
  return [type, cards * (profile.acceleratorsPerReplica ?? 1)];
}

/** Difference in cost and a tenth of what starts and stops; what gets another batch limit does both. */
function worthOf({ name, allocations, change }: ServerPlan, fleet: Fleet): number {
  if (change.kind === 'none' && !change.restartsReplicas) return 0;
  const { current = [], model } = fleet.servers.find((server) => server.name === name)!;
  const { profiles } = fleet.models.find((entry) => entry.name === model)!;
  const staying = current.map(({ variant, replicas, maxBatchSize }) =>
    allocations.find((given) => {
      const restarts = replicas > 0 && maxBatchSize && given.maxBatchSize !== maxBatchSize;
      return given.variant === variant && (!restarts || given.maxBatchSize === null);
    }),
  );
  const stopped = current
    .filter((_, i) => !staying[i])
    .map(({ variant, replicas, costPerHour: posted }) => {
      const profile = profiles.find(({ variant: own, accelerator }) => (own ?? accelerator) === variant);
      const accelerator = fleet.accelerators.find((entry) => entry.name === profile?.accelerator);
      return posted ?? replicas * (accelerator?.costPerHour ?? 0) * (profile?.acceleratorsPerReplica ?? 1);
    });
  const started = allocations.filter((given) => !staying.includes(given));
  const priced = [...stopped, ...started.map(({ costPerHour }) => costPerHour)];
  return change.costPerHour + 0.1 * priced.reduce((sum, cost) => sum + cost, 0);
}

function everyNumberIsFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return value !== undefined;
  return Object.values(value).every(everyNumberIsFinite);
}

function refuse(why: string): never {
  throw new Error(why);
}
