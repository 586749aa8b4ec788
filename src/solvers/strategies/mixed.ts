import { exactSolver } from '../exact-solver.ts';
import { highsEngine } from '../highs-engine.ts';
import { solveMixed } from '../mixed.ts';
import type { Solver } from '../solver.ts';
import greedy from './greedy.ts';

/** Large fleets come this near in a second, and would search for the rest as long as they may. */
const GAP = 1e-4;

const exact = exactSolver(solveMixed, highsEngine, greedy, 10, GAP);

export default {
  name: 'mixed',
  summary:
    'Several variants for one server where that is better, each with a share of its load; by mixed-integer programming (HiGHS). Never worse than `greedy`.',
  ...exact,
} satisfies Solver<typeof exact.options>;
