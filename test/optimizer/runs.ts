import fc from 'fast-check';
import { demandOf } from '../../src/optimizer/candidates.ts';
import { CardLimits } from '../../src/optimizer/card-limits.ts';
import { resolveServers } from '../../src/optimizer/catalog.ts';
import type { ServerDemand } from '../../src/optimizer/demand.ts';
import { type Chosen, optimize } from '../../src/optimizer/optimize.ts';
import { Sizer } from '../../src/optimizer/sizer.ts';
import queueModel from '../../src/queueing/models/state-dependent.ts';
import { loadRegistry } from '../../src/registry.ts';
import type { Fleet } from '../../src/schemas/fleet.ts';
import type { Plan } from '../../src/schemas/plan.ts';
import type { Solver } from '../../src/solvers/solver.ts';
import { fleets } from '../support/fleets.ts';

export const { solvers } = await loadRegistry(process.env.BRAZIER_PLUGINS);
await Promise.all([...solvers.values()].map((solver) => solver.load?.()));

export const withDefaults = (strategy: Solver): Chosen<Solver> => ({ strategy, options: {} });

/** The plan of a fleet under the reference's queue model, with a clock that stands still. */
export function planWith(fleet: Fleet, solver: Chosen<Solver>): Plan {
  return optimize(fleet, solver, { strategy: queueModel, options: {} }, () => 0);
}

export interface Run {
  readonly fleet: Fleet;
  readonly plan: Plan;
}

/** Random fleets, always the same ones, with the plans of a solver. */
export function runsOf(solver: Chosen<Solver>, numRuns = 200): Run[] {
  const sample = fc.sample(fleets, { seed: 20_260_601, numRuns });
  return sample.map((fleet) => ({ fleet, plan: planWith(fleet, solver) }));
}

export function demandsOf(fleet: Fleet): Map<string, ServerDemand> {
  const sizer = new Sizer(queueModel, {});
  const servers = resolveServers(fleet);
  const limits = new CardLimits(fleet, servers);
  return new Map(servers.map((resolved) => [resolved.server.name, demandOf(resolved, sizer, limits)]));
}
