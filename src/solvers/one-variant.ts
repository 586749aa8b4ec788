import { anyWhole } from './any-whole.ts';
import type { Engine, EngineLimits } from './integer-program.ts';
import { type Formulation, solveLexicographically } from './lexicographic.ts';
import { bestOfEach } from './service.ts';
import type { Problem, Solution } from './solver.ts';
import { planInStages, planWhole } from './stages.ts';

const ONE_VARIANT: Formulation = {
  whole: planWhole,
  anyWhole,
  inPart: planInStages,
};

/**
 * The best plan of one variant per server.
 *
 * @param shareForValue of the time, for the least value where all can be served
 */
export function solveOneVariant(
  problem: Problem,
  engine: Engine,
  limits: EngineLimits,
  incumbent: () => Solution['assignments'],
  shareForValue = 1,
): Solution {
  const alone = withoutMixing(problem);
  const separate = bestOfEach(alone);
  if (separate) return separate;
  return solveLexicographically(ONE_VARIANT, alone, engine, limits, incumbent(), shareForValue);
}

/** What can only be served by several variants is not asked for. */
export function withoutMixing(problem: Problem): Problem {
  // Mixings are told when they are asked for, which takes time.
  const servers = problem.servers.map(({ name, priority, candidates, valueOfNothing }) => ({
    name,
    priority,
    candidates,
    valueOfNothing,
  }));
  return { ...problem, servers };
}
