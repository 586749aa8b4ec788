import type { CardEffect, Explanation, TargetEffect } from '../schemas/explanation.ts';
import type { ServerPlan } from '../schemas/server-plan.ts';
import { RoomLeft } from '../solvers/room-left.ts';
import { isWithinLimits, servedBy, serviceOf, valueGiven } from '../solvers/service.ts';
import type { Assignment, Candidate, Problem, Solution } from '../solvers/solver.ts';
import { demandOf } from './candidates.ts';
import type { CardLimits } from './card-limits.ts';
import { compareText } from './catalog.ts';
import type { ServerDemand } from './demand.ts';
import { givenOf } from './given.ts';
import type { Weights } from './objective.ts';
import { isRounding } from './rounding.ts';
import type { PlannedServer } from './server-plan.ts';
import type { Sizer } from './sizer.ts';

/** By how much targets are loosened. */
const LOOSER = 1.1;

/** A plan, with all that it was made from. */
interface Made {
  readonly demands: readonly ServerDemand[];
  readonly planned: readonly PlannedServer[];
  readonly problem: Problem;
  readonly solution: Solution;
  readonly limits: CardLimits;
  readonly sizer: Sizer;
  readonly weights: Weights;
}

/** What stands in the way of a better plan: cards that are short, and targets. */
export function explain(made: Made, solve: (problem: Problem) => Solution | null): Explanation {
  return {
    cards: shortTypes(made).map((type) => moreCards(type, made, solve)),
    looserTargets: looserTargets(made).sort(
      (a, b) =>
        b.servesMore - a.servesMore || b.savesPerHour - a.savesPerHour || compareText(a.server, b.server),
    ),
  };
}

/** Types of which somebody misses cards, or has to do without a variant that would be better. */
function shortTypes({ demands, planned }: Made): string[] {
  const types = planned.flatMap(({ plan }, i) => {
    const missing = plan.shortfall?.code === 'no-capacity' ? plan.shortfall.missing?.cardType : undefined;
    const preferred = plan.runnerUp?.preferred
      ? demands[i].candidates[0].profile.accelerator.type
      : undefined;
    return [missing, preferred].filter((type) => type !== undefined);
  });
  return [...new Set(types)].sort(compareText);
}

/** The problem solved once more, with one more card of a type. */
function moreCards(
  type: string,
  { demands, problem, solution, limits, sizer }: Made,
  solve: (problem: Problem) => Solution | null,
): CardEffect {
  const { cards, added } = limits.oneMore(type);
  const more = { ...problem, limits: problem.limits.map((most, limit) => most + (added.get(limit) ?? 0)) };
  const other = solve(more) ?? solution;
  const worthOf = ({ assignments }: Solution) => {
    const given = demands.map((demand, i) => givenOf(demand, assignments[i], sizer));
    const parts = given.flatMap((one) => one?.parts ?? []);
    return {
      cost: parts.reduce(
        (sum, { serving, replicas }) => sum + replicas * serving.profile.costPerReplicaHour,
        0,
      ),
      served: given.reduce((sum, one) => sum + (one?.servedFraction ?? 0), 0),
    };
  };
  const [now, then] = [worthOf(solution), worthOf(other)];
  return {
    type,
    cards,
    savesPerHour: rounded(now.cost - then.cost, now.cost),
    servesMore: rounded(then.served - now.served, 1),
    proven: solution.termination === 'optimal' && other.termination === 'optimal',
  };
}

/** Of each server the best variant with looser targets, in the room that the others leave; those that gain nothing are left out. */
function looserTargets(made: Made): TargetEffect[] {
  const { problem, solution, demands, limits, sizer } = made;
  const room = new RoomLeft(problem);
  const held = demands.map((demand, i) =>
    (givenOf(demand, solution.assignments[i], sizer)?.parts ?? []).map(({ serving, replicas }) => ({
      uses: limits.usesOf(demand.resolved, serving.profile),
      replicas,
    })),
  );
  for (const holding of held.flat()) room.take(holding, holding.replicas);
  // A solver that does not heed the limits has room for anything.
  const heeds = isWithinLimits(problem, solution.assignments);
  return demands.flatMap((demand, i) => {
    for (const holding of held[i]) room.take(holding, -holding.replicas);
    const effect = looserTarget(demand, made.planned[i].plan, made, (candidate) =>
      heeds ? room.replicasOf(candidate) : candidate.replicas,
    );
    for (const holding of held[i]) room.take(holding, holding.replicas);
    return effect ? [effect] : [];
  });
}

function looserTarget(
  { resolved, unknown }: ServerDemand,
  plan: ServerPlan,
  { sizer, limits, weights }: Made,
  roomFor: (candidate: Candidate) => number,
): TargetEffect | null {
  const { ttftMs = 0, itlMs = 0, e2eMs = 0, ...targets } = resolved.targets;
  if (unknown || !(ttftMs || itlMs || e2eMs)) return null;
  const looser = { ...targets, ttftMs: LOOSER * ttftMs, itlMs: LOOSER * itlMs, e2eMs: LOOSER * e2eMs };
  const demand = demandOf({ ...resolved, targets: looser }, sizer, limits, weights);
  const best = bestIn(demand, roomFor);
  if (!best) return null;
  const candidate = demand.candidates[best.candidate];
  const effect = {
    server: resolved.server.name,
    savesPerHour: rounded(
      plan.costPerHour - best.replicas * candidate.profile.costPerReplicaHour,
      plan.costPerHour,
    ),
    servesMore: rounded(servedBy(candidate, best.replicas) - plan.servedFraction, 1),
    variant: candidate.variant,
    replicas: best.replicas,
  };
  return effect.servesMore > 0 || (effect.servesMore === 0 && effect.savesPerHour > 0) ? effect : null;
}

/** What a solver would give one server alone: what serves most in the room that there is, of that what has the least value. */
function bestIn(demand: ServerDemand, roomFor: (candidate: Candidate) => number): Assignment | null {
  let best: Assignment | null = null;
  for (const [candidate, choice] of demand.candidates.entries()) {
    const given = { candidate, replicas: Math.min(choice.replicas, roomFor(choice)) };
    if (given.replicas < 1) continue;
    const more = best ? serviceOf(demand, given) - serviceOf(demand, best) : 1;
    if (more > 0 || (more === 0 && valueGiven(demand, given) < valueGiven(demand, best))) best = given;
  }
  return best;
}

function rounded(difference: number, of: number): number {
  return isRounding(difference, of) ? 0 : difference;
}
