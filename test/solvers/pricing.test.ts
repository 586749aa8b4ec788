import fc from 'fast-check';
import { test } from 'tap';
import { type Aim, costOfPlan, takesPart } from '../../src/solvers/aim.ts';
import { allChoices, type Choices, thriftyChoices } from '../../src/solvers/choices.ts';
import { mostService } from '../../src/solvers/most-service.ts';
import { pricing } from '../../src/solvers/pricing.ts';
import { servedBy, servedOf } from '../../src/solvers/service.ts';
import type { Candidate, Problem } from '../../src/solvers/solver.ts';
import greedy from '../../src/solvers/strategies/greedy.ts';
import { forAll } from '../support/properties.ts';
import { type Given, problemsOf } from './problems.ts';

/** A problem, what is decided of it, and prices that nobody has looked at. */
const priced = fc
  .record({
    problem: problemsOf(6),
    priority: fc.constantFrom(1, 2, 3, null),
    limits: fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 4, maxLength: 4 }),
    held: fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { minLength: 3, maxLength: 3 }),
  })
  .map(({ problem, priority, limits, held }) => ({ problem, priority, prices: { limits, held } }));

/** Holds of the higher priorities what a plan serves of them. */
function aimOf(problem: Problem, priority: number | null, plan: readonly Given[]): Aim {
  const higher = [1, 2, 3].filter((other) => other < (priority ?? 4));
  return { priority, held: new Map(higher.map((other) => [other, servedOf(problem, plan, other)])) };
}

function allows({ mayHaveNothing, list }: Choices, given: Given): boolean {
  if (!given) return mayHaveNothing;
  if ('parts' in given) return false;
  return list.some(
    ({ candidate, least, most }) =>
      candidate === given.candidate && least <= given.replicas && given.replicas <= most,
  );
}

test('at any prices no plan costs less than the bound, and what is ruled out no plan so good has', async (t) => {
  let ruledOut = 0;
  forAll(
    t,
    'random problems and prices',
    priced,
    ({ problem, priority, prices }) => {
      const plans = [greedy.solve(problem, {}).assignments, mostService(problem)];
      return plans.every((plan) => {
        const aim = aimOf(problem, priority, plan);
        const held = new Map([...aim.held.keys()].map((other) => [other, prices.held[other - 1]]));
        const choices = allChoices(problem, 0);
        const { bound, narrowed } = pricing(problem, choices, aim, { limits: prices.limits, held });
        const cost = costOfPlan(aim, problem, plan);
        const left = narrowed(cost);
        if (left.some(({ list }, i) => list.length < choices[i].list.length)) ruledOut++;
        return (
          bound <= cost + 1e-9 * Math.max(1, Math.abs(cost)) &&
          problem.servers.every((demand, i) => !takesPart(demand, aim) || allows(left[i], plan[i]))
        );
      });
    },
    400,
  );
  t.ok(ruledOut > 20, `${ruledOut} times something was ruled out`);
});

test('for every choice that does not count there is one that serves as much and takes no more', async (t) => {
  forAll(
    t,
    'random problems',
    problemsOf(4),
    (problem) =>
      allChoices(problem, 0).every((choices, i) => {
        const { candidates } = problem.servers[i];
        const kept = thriftyChoices(problem.servers[i], choices);
        return waysOf(choices).every(({ candidate, replicas }) =>
          waysOf(kept).some(
            (other) =>
              servedBy(candidates[other.candidate], other.replicas) >=
                servedBy(candidates[candidate], replicas) - 1e-9 &&
              takesNoMore(candidates[other.candidate], other.replicas, candidates[candidate], replicas),
          ),
        );
      }),
    200,
  );
});

function waysOf({ list }: Choices) {
  return list.flatMap(({ candidate, least, most }) =>
    Array.from({ length: most - least + 1 }, (_, i) => ({ candidate, replicas: least + i })),
  );
}

function takesNoMore(a: Candidate, replicasOfA: number, b: Candidate, replicasOfB: number): boolean {
  return a.uses.every(({ limit, perReplica }) => {
    const use = b.uses.find((one) => one.limit === limit);
    return use !== undefined && replicasOfA * perReplica <= replicasOfB * use.perReplica;
  });
}
