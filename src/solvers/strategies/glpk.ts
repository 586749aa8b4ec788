import { type Static, Type } from '#typebox';
import { exactSolver } from '../exact-solver.ts';
import { glpkEngine } from '../glpk-engine.ts';
import { solveMixed } from '../mixed.ts';
import { solveOneVariant } from '../one-variant.ts';
import type { Problem, Solver } from '../solver.ts';
import greedy from './greedy.ts';

const oneVariant = exactSolver(solveOneVariant, glpkEngine, greedy, 10);
const mixed = exactSolver(solveMixed, glpkEngine, greedy, 10);

const options = Type.Object(
  {
    ...oneVariant.options.properties,
    mixed: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Several variants may serve one server, as with `mixed`.',
      }),
    ),
  },
  { additionalProperties: false },
);

export default {
  name: 'glpk',
  summary:
    'As `milp` or `mixed`, by GLPK: for those who want it; slower. Needs the optional package glpk.js (GPL-3.0). Past its time limit `greedy` answers.',
  options,
  load: oneVariant.load,
  solve: (problem: Problem, { mixed: isMixed = false, ...limits }: Static<typeof options>) =>
    (isMixed ? mixed : oneVariant).solve(problem, limits),
} satisfies Solver<typeof options>;
