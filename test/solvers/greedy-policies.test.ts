import { test } from 'tap';
import greedy from '../../src/solvers/strategies/greedy.ts';
import { asks, givenBy, problemOf } from './problems.ts';

type Options = Parameters<typeof greedy.solve>[1];
type Policy = NonNullable<Options['saturationPolicy']>;

const solve = (problem: ReturnType<typeof problemOf>, saturationPolicy?: Policy, delayedBestEffort = false) =>
  givenBy(
    problem,
    greedy.solve(problem, { delayedBestEffort, ...(saturationPolicy && { saturationPolicy }) }),
  );

// 10 cards; each server asks for more than there are. With one candidate each all regrets are infinite: the larger value
// gives up first, and so is first among the unserved.
const scarce = problemOf(
  { X: 10 },
  asks('high-a', 1, { replicas: 11, value: 50 }),
  asks('high-b', 1, { replicas: 12, value: 40 }),
  asks('low', 2, { replicas: 13, value: 90 }),
);

test('None gives nothing to who cannot be served whole', async (t) => {
  t.same(solve(scarce, 'None'), {});
  t.same(solve(scarce, 'None', true), {});
});

test('PriorityExhaustive, the default, gives all that is left to one server after the other', async (t) => {
  t.same(solve(scarce, 'PriorityExhaustive'), { 'high-a': 'high-a-0 x 10' });
  t.same(solve(scarce), solve(scarce, 'PriorityExhaustive'));
});

test('PriorityRoundRobin shares within a priority, RoundRobin over all that wait', async (t) => {
  t.same(solve(scarce, 'PriorityRoundRobin'), { 'high-a': 'high-a-0 x 5', 'high-b': 'high-b-0 x 5' });
  // Undelayed, the first priority's unserved have taken all before the second is looked at.
  t.same(solve(scarce, 'RoundRobin'), { 'high-a': 'high-a-0 x 5', 'high-b': 'high-b-0 x 5' });
  t.same(solve(scarce, 'PriorityRoundRobin', true), solve(scarce, 'PriorityRoundRobin'));
  // All three in turn, 3 rounds, and the tenth card to the first in the order of giving up.
  t.same(solve(scarce, 'RoundRobin', true), {
    'high-a': 'high-a-0 x 4',
    'high-b': 'high-b-0 x 3',
    low: 'low-0 x 3',
  });
});

test('delayed best effort serves lower priorities whole before higher ones in part', async (t) => {
  const problem = problemOf(
    { X: 10 },
    asks('high', 1, { replicas: 11, value: 50 }),
    asks('low', 2, { replicas: 7, value: 10 }),
  );
  for (const policy of ['PriorityExhaustive', 'PriorityRoundRobin', 'RoundRobin'] as const) {
    t.same(solve(problem, policy), { high: 'high-0 x 10' }, policy);
    t.same(solve(problem, policy, true), { high: 'high-0 x 3', low: 'low-0 x 7' }, `${policy}, delayed`);
  }
  t.same(solve(problem, 'None'), { low: 'low-0 x 7' });
});

test('the unserved are handled in the order in which they gave up', async (t) => {
  // Regrets 1 (a) and 5 (b): b tries first, moves on, and is out at its last choice, which is before a's first.
  const problem = problemOf(
    { X: 3, Y: 0 },
    asks('a', 1, { replicas: 9, value: 10 }, { replicas: 9, value: 11, cardType: 'Y' }),
    asks('b', 1, { replicas: 9, value: 10 }, { replicas: 9, value: 15, cardType: 'Y' }),
  );
  t.same(solve(problem, 'PriorityExhaustive'), { b: 'b-0 x 3' });
  // Two rounds would take 4: the third card goes to b.
  t.same(solve(problem, 'PriorityRoundRobin'), { a: 'a-0 x 1', b: 'b-0 x 2' });
});

test('in part each gets its first candidate with room for one replica, at most what it needs', async (t) => {
  // Both ask for more X than there are; a's first choice has no room for one replica of 4 cards, its second for two of three.
  const problem = problemOf(
    { X: 3, Y: 2 },
    asks('a', 1, { replicas: 2, value: 1, cardsPerReplica: 4 }, { replicas: 3, value: 2, cardType: 'Y' }),
    asks('b', 2, { replicas: 4, value: 1 }),
  );
  for (const policy of ['PriorityExhaustive', 'PriorityRoundRobin', 'RoundRobin'] as const) {
    t.same(solve(problem, policy), { a: 'a-1 x 2', b: 'b-0 x 3' }, policy);
  }
});

test('who has what it needs drops out of the turns, and so does who finds no room', async (t) => {
  // 12 X. In whole nobody fits, as all ask for at least 13 cards: a 2 · 7, b 5 · 3, c 13.
  const problem = problemOf(
    { X: 12 },
    asks('a', 1, { replicas: 2, value: 30, cardsPerReplica: 7 }),
    asks('b', 1, { replicas: 5, value: 20, cardsPerReplica: 3 }),
    asks('c', 1, { replicas: 13, value: 10 }),
  );
  // First turn: a 7, b 3, c 1, one left. Second: a and b find no room for 7 and 3, c takes the last.
  t.same(solve(problem, 'RoundRobin'), { a: 'a-0 x 1', b: 'b-0 x 1', c: 'c-0 x 2' });
  // 40 X and 2 Y, delayed: d, of a lower priority, takes 30 X whole; a has the 2 Y, b and c share the 10 X left.
  const other = problemOf(
    { X: 40, Y: 2 },
    asks('a', 1, { replicas: 3, value: 30, cardType: 'Y' }),
    asks('b', 1, { replicas: 50, value: 20 }),
    asks('c', 1, { replicas: 41, value: 10 }),
    asks('d', 2, { replicas: 30, value: 1 }),
  );
  t.same(solve(other, 'RoundRobin', true), { a: 'a-0 x 2', b: 'b-0 x 5', c: 'c-0 x 5', d: 'd-0 x 30' });
});

test('a candidate may be given whole in turns when the cards of another were the hindrance', async (t) => {
  // a's pointer has passed both candidates: 3 X of 2 and 2 Y of 1. b, of a lower priority, is whole on Z.
  const problem = problemOf(
    { X: 2, Y: 1, Z: 1 },
    asks('a', 1, { replicas: 3, value: 1 }, { replicas: 2, value: 2, cardType: 'Y' }),
    asks('b', 2, { replicas: 1, value: 1, cardType: 'Z' }),
  );
  t.same(solve(problem, 'PriorityRoundRobin'), { a: 'a-0 x 2', b: 'b-0 x 1' });
});

test('many rounds at once are as many rounds one by one', async (t) => {
  // A round takes 1 + 1 + 100 001 cards, so 9 rounds leave 99 976: no room for c, and half of them each for a and b.
  const problem = problemOf(
    { X: 1_000_003 },
    asks('a', 1, { replicas: 1_000_004, value: 30 }),
    asks('b', 1, { replicas: 1_000_004, value: 20 }),
    asks('c', 1, { replicas: 10, value: 10, cardsPerReplica: 100_001 }),
  );
  t.same(solve(problem, 'RoundRobin'), { a: 'a-0 x 49997', b: 'b-0 x 49997', c: 'c-0 x 9' });
});
