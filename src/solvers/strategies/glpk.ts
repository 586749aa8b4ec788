import { exactSolver } from '../exact-solver.ts';
import { glpkEngine } from '../glpk-engine.ts';
import { solveOneVariant } from '../one-variant.ts';
import type { Solver } from '../solver.ts';
import greedy from './greedy.ts';

const exact = exactSolver(solveOneVariant, glpkEngine, greedy, 10);

export default {
  name: 'glpk',
  summary:
    'As `milp`, by GLPK: for those who want it; slower. Needs the optional package glpk.js (GPL-3.0). Past its time limit `greedy` answers.',
  ...exact,
} satisfies Solver<typeof exact.options>;
