import { exactOptions } from '../exact-options.ts';
import { highsEngine } from '../highs-engine.ts';
import { solveOneVariant } from '../one-variant.ts';
import type { Solver } from '../solver.ts';
import greedy from './greedy.ts';

const options = exactOptions(10);

export default {
  name: 'milp',
  summary:
    'One variant per server, proven the best, by mixed-integer programming (HiGHS). When cards run out: the most service, priority by priority, then the least cost.',
  options,
  load: () => highsEngine.load(),
  solve: (problem, { timeLimitSec = 10, gapFraction = 0 }) => {
    const { assignments } = greedy.solve(problem, {});
    return solveOneVariant(problem, highsEngine, { timeLimitSec, gapFraction }, assignments);
  },
} satisfies Solver<typeof options>;
