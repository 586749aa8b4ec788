import { exactSolver } from '../exact-solver.ts';
import { highsEngine } from '../highs-engine.ts';
import { solveOneVariant } from '../one-variant.ts';
import { bestOfEach } from '../service.ts';
import type { Problem, Solver } from '../solver.ts';
import greedy from './greedy.ts';

const exact = exactSolver(solveOneVariant, highsEngine, greedy, 2);

export default {
  name: 'auto',
  summary:
    'At once where each server can have its best variant, else exact as `milp` is, for so long as the time limit allows. Never worse than `greedy`.',
  ...exact,
  solveLightly: (problem: Problem) => bestOfEach(problem),
} satisfies Solver<typeof exact.options>;
