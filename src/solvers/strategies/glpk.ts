import { exactOptions } from '../exact-options.ts';
import { glpkEngine } from '../glpk-engine.ts';
import { solveOneVariant } from '../one-variant.ts';
import type { Solver } from '../solver.ts';
import greedy from './greedy.ts';

const options = exactOptions(10);

export default {
  name: 'glpk',
  summary:
    'As `milp`, by GLPK: for those who want it; slower. Needs the optional package glpk.js (GPL-3.0). Past its time limit `greedy` answers.',
  options,
  load: () => glpkEngine.load(),
  solve: (problem, { timeLimitSec = 10, gapFraction = 0 }) => {
    const { assignments } = greedy.solve(problem, {});
    return solveOneVariant(problem, glpkEngine, { timeLimitSec, gapFraction }, assignments);
  },
} satisfies Solver<typeof options>;
