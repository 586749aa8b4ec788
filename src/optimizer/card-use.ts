import type { Fleet } from '../schemas/fleet.ts';
import type { CardUse, QuotaUse } from '../schemas/plan.ts';
import type { ServerPlan } from '../schemas/server-plan.ts';
import type { CardLimits } from './card-limits.ts';
import { compareText, type ResolvedServer } from './catalog.ts';
import type { PlannedServer } from './server-plan.ts';

/** Cards of every type that the fleet knows, with what servers miss of them. */
export function cardsUsed(fleet: Fleet, planned: readonly PlannedServer[]): CardUse[] {
  const used = new Map<string, number>();
  const short = new Map<string, number>();
  for (const { plan, holds } of planned) {
    for (const { variant, replicas } of holds) {
      add(used, variant.accelerator.type, replicas * variant.cardsPerReplica);
    }
    if (plan.shortfall?.code !== 'no-capacity' || !plan.shortfall.missing) continue;
    const { cardType, cards } = plan.shortfall.missing;
    add(short, cardType, cards);
  }
  const types = new Set([
    ...fleet.accelerators.map(({ type }) => type),
    ...Object.keys(fleet.capacity ?? {}),
  ]);
  return [...types].sort(compareText).map((type) => {
    const capacity = capacityOf(fleet, type);
    const cards = used.get(type) ?? 0;
    const missing = short.get(type) ?? 0;
    const enough = cards + missing;
    return {
      type,
      capacity: capacity ?? null,
      used: cards,
      left: capacity === undefined ? null : capacity - cards,
      short: missing,
      enough: capacity !== undefined && missing > 0 && enough > capacity ? enough : null,
    };
  });
}

/** What is used of each quota. */
export function quotasUsed(
  limits: CardLimits,
  resolved: readonly ResolvedServer[],
  planned: readonly PlannedServer[],
): QuotaUse[] {
  if (limits.quotas.length === 0) return [];
  const used = limits.most.map(() => 0);
  for (const [i, { holds }] of planned.entries()) {
    for (const { variant, replicas } of holds) {
      for (const { limit, perReplica } of limits.usesOf(resolved[i], variant)) {
        used[limit] += replicas * perReplica;
      }
    }
  }
  return limits.quotas.map(({ type, serviceClasses, servers, limit }) => ({
    type,
    serviceClasses: [...serviceClasses].sort(compareText),
    servers: [...servers].sort(compareText),
    cards: limits.most[limit],
    used: used[limit],
    left: limits.most[limit] - used[limit],
  }));
}

/** Plans of servers, in which a shortfall says so where a quota is in the way: cards may be left that it does not allow. */
export function namingQuotas(
  plans: readonly ServerPlan[],
  resolved: readonly ResolvedServer[],
  quotas: readonly QuotaUse[],
): ServerPlan[] {
  return plans.map((plan, i) => {
    const { shortfall } = plan;
    if (shortfall?.code !== 'no-capacity' || !shortfall.missing) return plan;
    const { cardType, cards } = shortfall.missing;
    const { server, serviceClasses } = resolved[i];
    const binding = quotas.find(
      (quota) =>
        quota.type === cardType &&
        quota.left < cards &&
        (quota.servers.includes(server.name) ||
          serviceClasses.some((name) => quota.serviceClasses.includes(name))),
    );
    if (!binding) return plan;
    const whose = [...binding.serviceClasses, ...binding.servers].join(', ');
    const text = `${shortfall.text} The quota of ${whose} has ${Math.max(0, binding.left)} of its ${binding.cards} cards left.`;
    return { ...plan, shortfall: { ...shortfall, text } };
  });
}

/** Cards of a type, from either form of a capacity; undefined: no limit. */
function capacityOf(fleet: Fleet, type: string): number | undefined {
  const capacity = fleet.capacity && Object.hasOwn(fleet.capacity, type) ? fleet.capacity[type] : undefined;
  return typeof capacity === 'object' ? capacity.cards : capacity;
}

function add(counts: Map<string, number>, type: string, cards: number): void {
  counts.set(type, (counts.get(type) ?? 0) + cards);
}
