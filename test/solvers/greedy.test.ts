import { test } from 'tap';
import greedy from '../../src/solvers/strategies/greedy.ts';
import { asks, givenBy, problemOf } from './problems.ts';

// One card of type X a replica, unless said otherwise. A candidate is shown as `<server>-<which> x <replicas>`.

const solve = (problem: ReturnType<typeof problemOf>) => givenBy(problem, greedy.solve(problem, {}));

test('who loses most by its second choice chooses first', async (t) => {
  // Regrets: a 20 − 10 = 10, b 35 − 15 = 20. b takes 2 of 3 X; a's 2 do not fit, so it goes to Y.
  const problem = problemOf(
    { X: 3, Y: 9 },
    asks('a', 1, { replicas: 2, value: 10 }, { replicas: 1, value: 20, cardType: 'Y' }),
    asks('b', 1, { replicas: 2, value: 15 }, { replicas: 1, value: 35, cardType: 'Y' }),
  );
  t.same(solve(problem), { a: 'a-1 x 1', b: 'b-0 x 2' });
});

test('a server without a second choice goes before all that have one', async (t) => {
  const problem = problemOf(
    { X: 2, Y: 9 },
    asks('a', 1, { replicas: 2, value: 10 }, { replicas: 1, value: 10_000, cardType: 'Y' }),
    asks('b', 1, { replicas: 2, value: 1 }),
  );
  t.same(solve(problem), { a: 'a-1 x 1', b: 'b-0 x 2' });
});

test('a higher priority goes before any regret', async (t) => {
  const problem = problemOf(
    { X: 2, Y: 9 },
    asks('a', 2, { replicas: 2, value: 1 }, { replicas: 1, value: 900, cardType: 'Y' }),
    asks('b', 1, { replicas: 2, value: 5 }, { replicas: 1, value: 6, cardType: 'Y' }),
  );
  t.same(solve(problem), { a: 'a-1 x 1', b: 'b-0 x 2' });
});

test('of equal regrets the larger value chooses first, of equal values the name', async (t) => {
  const byValue = problemOf(
    { X: 2, Y: 9 },
    asks('a', 1, { replicas: 2, value: 10 }, { replicas: 1, value: 15, cardType: 'Y' }),
    asks('b', 1, { replicas: 2, value: 30 }, { replicas: 1, value: 35, cardType: 'Y' }),
  );
  t.same(solve(byValue), { a: 'a-1 x 1', b: 'b-0 x 2' });
  const same = [
    { replicas: 2, value: 10 },
    { replicas: 1, value: 15, cardType: 'Y' },
  ];
  const byName = problemOf(
    { X: 2, Y: 9 },
    asks('b', 1, ...same),
    asks('a', 1, ...same),
    asks('c', 1, ...same),
  );
  t.same(solve(byName), { a: 'a-0 x 2', b: 'b-1 x 1', c: 'c-1 x 1' });
});

test('names are compared by code units, whatever the locale', async (t) => {
  const problem = problemOf(
    { X: 1 },
    asks('a', 1, { replicas: 1, value: 1 }),
    asks('B', 1, { replicas: 1, value: 1 }),
  );
  t.same(solve(problem), { B: 'B-0 x 1' });
});

test('a server that moves on takes its place by its new regret', async (t) => {
  // Regrets: a 9 − 1 = 8, b 12 − 5 = 7, c 11 − 5 = 6. a wants 4 X of 3 and moves on to its second choice, on Y, where its
  // regret is 10 − 9 = 1: behind b, which takes 2 X, and c, whose 1 X still fits. Y has one card for a.
  const problem = problemOf(
    { X: 3, Y: 1, Z: 1 },
    asks(
      'a',
      1,
      { replicas: 4, value: 1 },
      { replicas: 1, value: 9, cardType: 'Y' },
      { replicas: 1, value: 10, cardType: 'Z' },
    ),
    asks('b', 1, { replicas: 2, value: 5 }, { replicas: 1, value: 12, cardType: 'Y' }),
    asks('c', 1, { replicas: 1, value: 5 }, { replicas: 1, value: 11, cardType: 'Y' }),
  );
  t.same(solve(problem), { a: 'a-1 x 1', b: 'b-0 x 2', c: 'c-0 x 1' });
  // With 2 X c finds none after b, moves on to Y as its last choice, and that is before a's regret of 1.
  t.same(
    solve({
      ...problem,
      limits: [2, 1, 1],
    }),
    {
      a: 'a-2 x 1',
      b: 'b-0 x 2',
      c: 'c-1 x 1',
    },
  );
});

test('cards of a replica count, and types without a limit or no type at all never run out', async (t) => {
  const problem = problemOf(
    { X: 7 },
    asks('a', 1, { replicas: 2, value: 1, cardsPerReplica: 4 }, { replicas: 5_000, value: 2, cardType: 'Y' }),
    asks('b', 2, { replicas: 1, value: 1, cardsPerReplica: 7 }),
    asks('c', 3, { replicas: 9, value: 1, cardType: null, cardsPerReplica: 1 }),
  );
  t.same(solve(problem), { a: 'a-1 x 5000', b: 'b-0 x 1', c: 'c-0 x 9' });
});

test('it says that it is a heuristic, and knows no bound', async (t) => {
  const { termination, bound } = greedy.solve(problemOf({}, asks('a', 1, { replicas: 1, value: 1 })), {});
  t.same([termination, bound], ['heuristic', null]);
});
