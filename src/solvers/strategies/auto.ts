import { exactOptions } from '../exact-options.ts';
import { highsEngine } from '../highs-engine.ts';
import { solveOneVariant } from '../one-variant.ts';
import { bestOfEach } from '../service.ts';
import type { Solver } from '../solver.ts';
import greedy from './greedy.ts';

const options = exactOptions(2);

export default {
  name: 'auto',
  summary:
    'At once where each server can have its best variant, else exact as `milp` is, for so long as the time limit allows. Never worse than `greedy`.',
  options,
  load: () => highsEngine.load(),
  solve: (problem, { timeLimitSec = 2, gapFraction = 0 }) => {
    const { assignments } = greedy.solve(problem, {});
    return solveOneVariant(problem, highsEngine, { timeLimitSec, gapFraction }, assignments);
  },
  solveLightly: (problem) => bestOfEach(problem),
} satisfies Solver<typeof options>;
