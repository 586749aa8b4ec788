import { type Static, Type } from '#typebox';
import type { Engine, EngineLimits } from './integer-program.ts';
import { better } from './service.ts';
import type { Problem, Solution, Solver } from './solver.ts';
import { stayingPlan } from './staying-plan.ts';

/**
 * Solves a problem by an engine.
 *
 * @param incumbent makes a plan within the limits; what is returned is never worse
 */
type Formulation = (
  problem: Problem,
  engine: Engine,
  limits: EngineLimits,
  incumbent: () => Solution['assignments'],
) => Solution;

/**
 * What an exact solver is made of: how the problem is put, what solves it, whose plan it starts from beside what runs, how long it may take and how
 * near to its bound it stops, unless told otherwise.
 */
export function exactSolver(
  formulation: Formulation,
  engine: Engine,
  start: Solver,
  timeLimitSec: number,
  gapFraction = 0,
) {
  const options = optionsOf(timeLimitSec, gapFraction);
  return {
    options,
    load: () => engine.load(),
    solve: (problem: Problem, given: Static<typeof options>): Solution => {
      const limits = { timeLimitSec, gapFraction, ...given };
      const incumbent = () => {
        const quick = start.solve(problem, {}).assignments;
        const staying = stayingPlan(problem);
        return staying ? better(problem, quick, staying) : quick;
      };
      return formulation(problem, engine, limits, incumbent);
    },
  };
}

function optionsOf(timeLimitSec: number, gapFraction: number) {
  return Type.Object(
    {
      timeLimitSec: Type.Optional(
        Type.Number({
          minimum: 0.001,
          maximum: 3600,
          default: timeLimitSec,
          description: 'Time to search (s); past it the best plan found is the answer, with its bound.',
        }),
      ),
      gapFraction: Type.Optional(
        Type.Number({
          minimum: 0,
          maximum: 1,
          default: gapFraction,
          description:
            'A plan this near to the bound (relative) counts as optimal; of a fleet that cannot be served in full, also in what each priority is served.',
        }),
      ),
    },
    { additionalProperties: false },
  );
}
