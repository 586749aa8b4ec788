import { anyWhole } from './any-whole.ts';
import type { Engine, EngineLimits } from './integer-program.ts';
import { type Formulation, solveLexicographically } from './lexicographic.ts';
import { bestOfEach } from './service.ts';
import type { Problem, Solution } from './solver.ts';
import { planInStages } from './stages.ts';
import { WholeProgram } from './whole-program.ts';

const ONE_VARIANT: Formulation = {
  whole: (problem) => new WholeProgram(problem),
  anyWhole,
  inPart: planInStages,
};

/** The best plan of one variant per server. */
export function solveOneVariant(
  problem: Problem,
  engine: Engine,
  limits: EngineLimits,
  incumbent: () => Solution['assignments'],
): Solution {
  const alone = withoutMixing(problem);
  return bestOfEach(alone) ?? solveLexicographically(ONE_VARIANT, alone, engine, limits, incumbent());
}

/** What can only be served by several variants is not asked for. */
function withoutMixing(problem: Problem): Problem {
  // Mixings are told when they are asked for, which takes time.
  const servers = problem.servers.map(({ name, priority, candidates, valueOfNothing }) => ({
    name,
    priority,
    candidates,
    valueOfNothing,
  }));
  return { ...problem, servers };
}
