import { optimizeRequest } from '../src/operations/optimize-request.ts';
import type { Registry } from '../src/registry.ts';
import type { Fleet } from '../src/schemas/fleet.ts';
import type { OptimizeRequest, Plan } from '../src/schemas/plan.ts';
import type { Demand, Solver } from '../src/solvers/solver.ts';
import { fleetOf, generator } from './fleets.ts';
import type { Section } from './rows.ts';

const SIZES = [
  [50, 8],
  [200, 10],
  [1_000, 10],
  [3_000, 12],
] as const;

/** Cards of each of six types, as a share of all that the servers would have if cards were no matter. */
export const SHARES = { loose: 2, tight: 0.35, 'over-subscribed': 0.08 } as const;

/** How long `auto` takes, how far its plan may be from the best, and what `greedy` would cost. */
export function solvers(registry: Registry): Section {
  const rows: Section['rows'][number][] = [];
  const figures: Section['figures'][number][] = [];
  for (const [servers, variants] of SIZES) {
    for (const [kind, share] of Object.entries(SHARES)) {
      const fleet = scarce(servers, variants, share, registry);
      const what = `${servers} × ${variants} ${kind}`;
      const { plan, ms } = timed({ ...fleet, solver: 'auto' }, registry);
      const greedy = timed({ ...fleet, solver: 'greedy' }, registry);
      rows.push({ what: `auto, ${what}: ${plan.solver.termination}`, ms, ratio: null });
      if (kind !== 'loose') rows.push(...warmAndCold(what, grown(fleet, plan), registry));
      figures.push({ what: `${what}: gap (%)`, value: gapOf(plan) });
      figures.push({ what: `${what}: served (%), by greedy`, value: servedOf(greedy.plan) });
      figures.push({ what: `${what}: served (%), by auto`, value: servedOf(plan) });
      figures.push({ what: `${what}: served (%), by any plan at most`, value: mostServed(plan) });
      figures.push({
        what: `${what}: greedy's objective over auto's`,
        value: greedy.plan.solver.objective / plan.solver.objective,
      });
    }
  }
  return { rows, figures };
}

/** A fleet that runs what was planned for it, with other loads: from what runs, and as if nothing told that it does. */
function warmAndCold(what: string, fleet: Fleet, registry: Registry): Section['rows'] {
  const auto = registry.solvers.get('auto')!;
  const cold: Solver = {
    ...auto,
    name: 'cold',
    solve: ({ servers, limits }, options) =>
      auto.solve({ servers: servers.map(withoutRuns), limits }, options),
  };
  const both = { ...registry, solvers: new Map([...registry.solvers, ['cold', cold]]) };
  return ['auto', 'cold'].map((solver) => {
    const { plan, ms } = timed({ ...fleet, solver }, both);
    const from = solver === 'auto' ? 'what runs' : 'greedy';
    return { what: `${what}, loads changed, from ${from}: ${plan.solver.termination}`, ms, ratio: null };
  });
}

function withoutRuns({ name, priority, candidates, valueOfNothing }: Demand): Demand {
  return { name, priority, candidates: candidates.map((one) => ({ ...one, runs: false })), valueOfNothing };
}

/** Each load up to a tenth more or less than what the plan was made for. */
function grown(fleet: Fleet, { servers }: Plan): Fleet {
  const random = generator(servers.length + 7);
  const runs = new Map(servers.map(({ name, allocations }) => [name, allocations]));
  return {
    ...fleet,
    servers: fleet.servers.map((server) => ({
      ...server,
      load: { ...server.load!, requestsPerSec: server.load!.requestsPerSec * (0.9 + 0.2 * random()) },
      current: runs.get(server.name)!.map(({ variant, replicas }) => ({ variant, replicas })),
    })),
  };
}

/** How long `mixed` takes to come within a per mille of its bound, and what it saves against one variant each. */
export function mixes(registry: Registry): Section {
  const rows: Section['rows'][number][] = [];
  const figures: Section['figures'][number][] = [];
  for (const [servers, variants] of SIZES.slice(0, 3)) {
    for (const kind of ['loose', 'tight', 'over-subscribed'] as const) {
      const fleet = scarce(servers, variants, SHARES[kind], registry);
      const what = `${servers} × ${variants} ${kind}`;
      const solver = { name: 'mixed', options: { timeLimitSec: 2, gapFraction: 0.001 } };
      const { plan, ms } = timed({ ...fleet, solver }, registry);
      const alone = timed({ ...fleet, solver: { name: 'milp', options: { timeLimitSec: 2 } } }, registry);
      const saved = 1 - plan.totals.costPerHour / alone.plan.totals.costPerHour;
      rows.push({ what: `mixed, ${what}: ${plan.solver.termination}`, ms, ratio: null });
      figures.push({ what: `mixed, ${what}: gap (%)`, value: gapOf(plan) });
      if (kind === 'over-subscribed') {
        figures.push({ what: `${what}: served (%), by milp in the same time`, value: servedOf(alone.plan) });
        figures.push({ what: `${what}: served (%), by mixed`, value: servedOf(plan) });
      } else {
        figures.push({ what: `mixed, ${what}: saved against one variant each (%)`, value: 100 * saved });
      }
    }
  }
  const times = Array.from({ length: 41 }, (_, i) => timed(divisible(i + 1), registry).ms).sort(
    (a, b) => a - b,
  );
  rows.push({ what: 'mixed, one server, 60 sizes × 4 types: median of 41', ms: times[20], ratio: null });
  rows.push({ what: 'mixed, one server, 60 sizes × 4 types: 90 of 100', ms: times[36], ratio: null });
  rows.push({ what: 'mixed, one server, 60 sizes × 4 types: the longest', ms: times[40], ratio: null });
  return { rows, figures };
}

/** One load of sixty request sizes on four types of cards whose advantage depends on the size. */
function divisible(seed: number): OptimizeRequest {
  const random = generator(seed);
  const lengths = Array.from({ length: 60 }, (_, i) => ({
    inputTokens: 32 * 2 ** (i % 10),
    outputTokens: 16 * 2 ** Math.floor(i / 10),
  }));
  const weights = lengths.map(() => random());
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const types = [1, 2.2, 4, 9].map((costPerHour, i) => ({
    name: `type-${i}`,
    type: `type-${i}`,
    costPerHour,
  }));
  return {
    accelerators: types,
    models: [
      {
        name: 'model',
        profiles: types.map(({ name, costPerHour }, i) => ({
          accelerator: name,
          throughput: lengths.map(({ inputTokens, outputTokens }) => {
            const work = inputTokens / 2_000 + outputTokens / 200;
            const rate =
              (costPerHour * (0.6 + 0.8 * random())) / (work * (1 + (3 - i) * 0.1 * Math.log2(1 + work)));
            return { inputTokens, outputTokens, requestsPerSec: rate };
          }),
        })),
      },
    ],
    serviceClasses: [{ name: 'class', priority: 1, targets: [{ model: 'model' }] }],
    servers: [
      {
        name: 'server',
        serviceClass: 'class',
        model: 'model',
        load: {
          requestsPerSec: 5 + 40 * random(),
          sizes: lengths.map((size, i) => ({ ...size, share: weights[i] / all })),
        },
      },
    ],
    solver: 'mixed',
    queueModel: 'measured',
  };
}

/** Three priorities, and so many cards. */
export function scarce(servers: number, variants: number, share: number, registry: Registry): Fleet {
  const whole = fleetOf(servers);
  const [first] = whole.serviceClasses;
  const fleet = {
    ...whole,
    accelerators: whole.accelerators.slice(0, variants),
    models: whole.models.map((model) => ({ ...model, profiles: model.profiles.slice(0, variants) })),
    serviceClasses: [1, 2, 3].map((priority) => ({ ...first, name: `class-${priority}`, priority })),
    servers: whole.servers.map((server, i) => ({ ...server, serviceClass: `class-${1 + (i % 3)}` })),
  };
  const { cards } = optimizeRequest({ ...fleet, solver: 'unlimited' }, registry);
  const all = cards.reduce((sum, { used }) => sum + used, 0);
  const most = Math.round(share * all);
  return { ...fleet, capacity: Object.fromEntries(cards.map(({ type }) => [type, most])) };
}

function servedOf({ servers }: Plan): number {
  return (100 * servers.reduce((sum, { servedFraction }) => sum + servedFraction, 0)) / servers.length;
}

/** Each priority at most, the higher ones served as they are. */
function mostServed({ solver, servers }: Plan): number | null {
  const bounds = solver.service.map(({ bound }) => bound);
  if (!bounds.every((bound) => bound !== null)) return null;
  return (100 * bounds.reduce((sum, bound) => sum + bound, 0)) / servers.length;
}

function gapOf({ solver: { gapFraction } }: Plan): number | null {
  return gapFraction === null ? null : 100 * gapFraction;
}

/** The first time counts: nobody asks the same twice. */
function timed(request: OptimizeRequest, registry: Registry): { plan: Plan; ms: number } {
  const startMs = performance.now();
  const plan = optimizeRequest(request, registry);
  return { plan, ms: performance.now() - startMs };
}
