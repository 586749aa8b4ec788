import { exactSolver } from '../exact-solver.ts';
import { highsEngine } from '../highs-engine.ts';
import { solveOneVariant } from '../one-variant.ts';
import type { Solver } from '../solver.ts';
import greedy from './greedy.ts';

const exact = exactSolver(solveOneVariant, highsEngine, greedy, 10);

export default {
  name: 'milp',
  summary:
    'One variant per server, proven the best, by mixed-integer programming (HiGHS). When cards run out: the most service, priority by priority, then the least cost.',
  ...exact,
} satisfies Solver<typeof exact.options>;
