import { type Test, test } from 'tap';
import { loadRegistry } from '../../src/registry.ts';
import type { Problem, Solver } from '../../src/solvers/solver.ts';
import auto from '../../src/solvers/strategies/auto.ts';
import glpk from '../../src/solvers/strategies/glpk.ts';
import greedy from '../../src/solvers/strategies/greedy.ts';
import milp from '../../src/solvers/strategies/milp.ts';
import { forAll } from '../support/properties.ts';
import { bruteForce, compare, worthOf } from './brute-force.ts';
import { asks, fits, type Given, givenBy, problemOf, problemsOf } from './problems.ts';

const { solvers } = await loadRegistry();
const EXACT = [auto, glpk, milp] as const;
await Promise.all(EXACT.map((solver) => solver.load()));

/** Every server twice or three times, each with few replicas. */
const alike = problemsOf(2).map(({ servers, limits }): Problem => {
  const few = servers.map((demand) => ({
    ...demand,
    candidates: demand.candidates
      .slice(0, 2)
      .map((one) => ({
        ...one,
        replicas: Math.min(3, one.replicas),
        requiredReplicas: Math.min(4, one.requiredReplicas),
      }))
      .sort((a, b) => b.replicas / b.requiredReplicas - a.replicas / a.requiredReplicas || a.value - b.value),
  }));
  const copies = few.flatMap((demand, i) =>
    Array.from({ length: 2 + (i % 2) }, (_, copy) => ({ ...demand, name: `${demand.name}-${copy}` })),
  );
  return { servers: copies, limits: limits.map((cards) => Math.min(cards, 12)) };
});

function isBest(problem: Problem, solver: Pick<Solver, 'solve'>): boolean {
  const { assignments, termination } = solver.solve(problem, {});
  const best = bruteForce(problem);
  return (
    termination === 'optimal' &&
    fits(problem, assignments) &&
    Math.abs(compare(worthOf(problem, assignments), best)) === 0
  );
}

for (const solver of EXACT) {
  test(`${solver.name} is as good as trying everything`, async (t) => {
    t.setTimeout(240_000);
    forAll(t, 'random problems of up to 3 servers', problemsOf(3), (problem) => isBest(problem, solver), 250);
  });
}

test('servers that ask for the same are served as well as by trying everything', async (t) => {
  t.setTimeout(240_000);
  for (const solver of [auto, glpk]) {
    forAll(t, solver.name, alike, (problem) => isBest(problem, solver), 150);
  }
});

test('no plan serves a priority more than its bound where the higher ones are served as much', async (t) => {
  t.setTimeout(240_000);
  for (const timeLimitSec of [0.001, 2]) {
    forAll(
      t,
      `${timeLimitSec} s`,
      problemsOf(3),
      (problem) => {
        const { assignments, service = [] } = auto.solve(problem, { timeLimitSec });
        const best = bruteForce(problem);
        const worth = worthOf(problem, assignments);
        const priorities = [...new Set(problem.servers.map(({ priority }) => priority))].sort(
          (a, b) => a - b,
        );
        return service.every(({ priority, bound }) => {
          const at = priorities.indexOf(priority);
          const isComparable = worth.slice(0, at).every((served, i) => Math.abs(served - best[i]) < 1e-5);
          if (bound === null) return true;
          return bound >= worth[at] - 1e-9 && (!isComparable || bound >= best[at] - 1e-5);
        });
      },
      150,
    );
  }
});

test('no exact solver is ever worse than greedy, and each says how far it may be from the best', async (t) => {
  t.setTimeout(240_000);
  for (const solver of [auto, milp]) {
    forAll(
      t,
      solver.name,
      problemsOf(12),
      (problem) => {
        const { assignments, bound } = solver.solve(problem, { timeLimitSec: 0.001 });
        const worth = worthOf(problem, assignments);
        const value = -worth[worth.length - 1];
        return (
          compare(worth, worthOf(problem, greedy.solve(problem, {}).assignments)) >= 0 &&
          (bound === null || bound <= value + 1e-6)
        );
      },
      150,
    );
  }
});

const scarce = problemOf(
  { X: 10, Y: 4 },
  asks('a', 1, { replicas: 6, value: 60 }, { replicas: 4, value: 100, cardType: 'Y' }),
  asks('b', 1, { replicas: 6, value: 60 }, { replicas: 5, value: 61, cardType: 'Y' }),
  asks('c', 2, { replicas: 4, value: 40 }),
);

test('all are served where greedy leaves one short', async (t) => {
  // Greedy gives X to the server with the larger regret, a; b then finds 4 cards of X and 4 of Y, and 5 are needed.
  for (const { solve, name } of EXACT) {
    const solution = solve(scarce, {});
    t.equal(solution.termination, 'optimal', name);
    t.same(givenBy(scarce, solution), { a: 'a-1 x 4', b: 'b-0 x 6', c: 'c-0 x 4' }, name);
    t.equal(solution.bound, 200, name);
  }
});

test('a higher priority is never short while a lower one holds what it could use', async (t) => {
  const problem = problemOf(
    { X: 5 },
    asks('high', 1, { replicas: 6, value: 600 }),
    asks('low', 2, { replicas: 1, value: 1 }),
  );
  for (const { solve, name } of EXACT)
    t.same(givenBy(problem, solve(problem, {})), { high: 'high-0 x 5' }, name);
});

test('within a priority as many servers as possible are served in full', async (t) => {
  const problem = problemOf(
    { X: 6 },
    asks('large', 1, { replicas: 10, value: 10 }),
    asks('small-1', 1, { replicas: 2, value: 2 }),
    asks('small-2', 1, { replicas: 2, value: 2 }),
  );
  for (const { solve, name } of EXACT) {
    const given = { large: 'large-0 x 2', 'small-1': 'small-1-0 x 2', 'small-2': 'small-2-0 x 2' };
    t.same(givenBy(problem, solve(problem, {})), given, name);
  }
});

test('with limits that bind nobody the answer needs no search', async (t) => {
  const problem = problemOf({ X: 16, Y: 4 }, asks('a', 1, { replicas: 6, value: 60 }));
  t.same(auto.solveLightly(problem, {})?.termination, 'optimal');
  t.equal(auto.solveLightly(hard(4_000), {}), null);
});

test('small problems are proven without an engine', async (t) => {
  t.setTimeout(240_000);
  t.equal(auto.solveLightly(scarce, {})?.bound, 200);
  let [tried, proven] = [0, 0];
  const isSameAsMilp = (problem: Problem) => {
    tried++;
    const light = auto.solveLightly(problem, {});
    if (!light) return true;
    proven++;
    const exact = milp.solve(problem, {});
    const [worth, best] = [light, exact].map(({ assignments }) => worthOf(problem, assignments));
    return (
      fits(problem, light.assignments) && (exact.termination !== 'optimal' || compare(worth, best) === 0)
    );
  };
  forAll(t, 'random problems of up to 12 servers', problemsOf(12), isSameAsMilp, 200);
  t.ok(proven > 0.9 * tried, `${proven} of ${tried}`);
});

test('a gap that is allowed is kept', async (t) => {
  t.setTimeout(60_000);
  const problem = hard(60);
  for (const gapFraction of [0.05, 0.001]) {
    const { assignments, bound, termination } = milp.solve(problem, { gapFraction });
    const worth = worthOf(problem, assignments);
    const value = -worth[worth.length - 1];
    t.equal(termination, 'optimal');
    t.ok(bound !== null && (value - bound) / value <= gapFraction + 1e-9, `${value} against ${bound}`);
  }
});

test('past the time limit the best found is the answer, with its bound', async (t) => {
  const problem = hard(4_000);
  const { termination, assignments } = milp.solve(problem, { timeLimitSec: 0.05 });
  t.equal(termination, 'time-limit');
  t.ok(fits(problem, assignments));
  holdsGreedy(t, problem, assignments);
});

test('GLPK out of time yields nothing of its own', async (t) => {
  t.setTimeout(60_000);
  const problem = hard(4_000);
  const { termination, assignments } = glpk.solve(problem, { timeLimitSec: 1 });
  t.equal(termination, 'time-limit');
  t.same(assignments, greedy.solve(problem, {}).assignments);
});

test('every exact solver is in the registry', async (t) => {
  for (const { name } of EXACT) t.ok(solvers.has(name), name);
});

function holdsGreedy(t: Test, problem: Problem, assignments: readonly Given[]) {
  const greedily = worthOf(problem, greedy.solve(problem, {}).assignments);
  t.ok(compare(worthOf(problem, assignments), greedily) >= 0, 'no worse than greedy');
}

/** So many servers that want the cheapest of three types, of which there are too few. */
function hard(servers: number): Problem {
  const types = ['X', 'Y', 'Z'];
  const asking = Array.from({ length: servers }, (_, i) =>
    asks(
      `server-${String(i).padStart(4, '0')}`,
      1,
      ...types
        .map((cardType, j) => {
          const replicas = 1 + ((i * 7 + j * 5 + ((i * i) % 11)) % 13);
          return { replicas, value: replicas * (10 + 3.7 * j + ((i * 3) % 7) / 7), cardType };
        })
        .sort((a, b) => a.value - b.value),
    ),
  );
  return problemOf({ X: 0.9 * servers, Y: 0.9 * servers, Z: 3 * servers }, ...asking);
}
