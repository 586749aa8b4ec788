import { optimizeRequest } from '../src/operations/optimize-request.ts';
import type { Registry } from '../src/registry.ts';
import type { Fleet } from '../src/schemas/fleet.ts';
import type { OptimizeRequest, Plan } from '../src/schemas/plan.ts';
import { fleetOf } from './fleets.ts';
import type { Section } from './rows.ts';

const SIZES = [
  [50, 8],
  [200, 10],
  [1_000, 10],
  [3_000, 12],
] as const;

/** Cards of each of six types, as a share of all that the servers would have if cards were no matter. */
const SHARES = { loose: 2, tight: 0.35, 'over-subscribed': 0.08 } as const;

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
      figures.push({ what: `${what}: gap (%)`, value: 100 * (plan.solver.gapFraction ?? Number.NaN) });
      figures.push({ what: `${what}: served (%), by greedy`, value: servedOf(greedy.plan) });
      figures.push({ what: `${what}: served (%), by auto`, value: servedOf(plan) });
      figures.push({
        what: `${what}: greedy's objective over auto's`,
        value: greedy.plan.solver.objective / plan.solver.objective,
      });
    }
  }
  return { rows, figures };
}

/** Three priorities, and so many cards. */
function scarce(servers: number, variants: number, share: number, registry: Registry): Fleet {
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

/** The first time counts: nobody asks the same twice. */
function timed(request: OptimizeRequest, registry: Registry): { plan: Plan; ms: number } {
  const startMs = performance.now();
  const plan = optimizeRequest(request, registry);
  return { plan, ms: performance.now() - startMs };
}
