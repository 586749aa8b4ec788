import { Type } from '#typebox';

/** What all exact solvers can be told. */
export function exactOptions(timeLimitSec: number) {
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
          default: 0,
          description: 'A plan this near to the bound counts as optimal.',
        }),
      ),
    },
    { additionalProperties: false },
  );
}
