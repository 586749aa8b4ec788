import { exactSolver } from '../exact-solver.ts';
import { highsEngine } from '../highs-engine.ts';
import type { Engine } from '../integer-program.ts';
import { solveOneVariant } from '../one-variant.ts';
import { bestOfEach } from '../service.ts';
import type { Solver } from '../solver.ts';
import greedy from './greedy.ts';

/** Problems with at most so many candidates are tried in place. */
const FEW_CANDIDATES = 200;
/** More than enough for enumeration to end or to give up. */
const LIGHT_SEC = 1;

class NeedsEngine extends Error {}

const NO_ENGINE: Engine = {
  isSpared: true,
  load: async () => {},
  solve: () => {
    throw new NeedsEngine();
  },
};

const exact = exactSolver(solveOneVariant, { ...highsEngine, isSpared: true }, greedy, 2);
const light = exactSolver(solveOneVariant, NO_ENGINE, greedy, LIGHT_SEC);

export default {
  name: 'auto',
  summary:
    'At once where each server can have its best variant, and for small fleets; else exact as `milp` is, for so long as the time limit allows. Never worse than `greedy`.',
  ...exact,
  solveLightly: (problem, { gapFraction = 0 }) => {
    const count = problem.servers.reduce((sum, { candidates }) => sum + candidates.length, 0);
    if (count > FEW_CANDIDATES) return bestOfEach(problem);
    try {
      return light.solve(problem, { gapFraction });
    } catch (error) {
      if (error instanceof NeedsEngine) return null;
      throw error;
    }
  },
} satisfies Solver<typeof exact.options>;
