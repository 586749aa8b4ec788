import { test } from 'tap';
import { mostService } from '../../src/solvers/most-service.ts';
import { forAll } from '../support/properties.ts';
import { asks, fits, givenBy, problemOf, problemsOf } from './problems.ts';

const given = (problem: ReturnType<typeof problemOf>) =>
  givenBy(problem, { assignments: mostService(problem) });

test('within a priority who takes least is served first, and who is left gets the rest', async (t) => {
  const problem = problemOf(
    { X: 6 },
    asks('large', 1, { replicas: 10, value: 10 }),
    asks('small', 1, { replicas: 2, value: 2 }),
    asks('smaller', 2, { replicas: 1, value: 1 }),
  );
  t.same(given(problem), { large: 'large-0 x 4', small: 'small-0 x 2' });
});

test('each takes the candidate that leaves most of what is scarce', async (t) => {
  const choices = [
    { replicas: 4, value: 1 },
    { replicas: 3, value: 9, cardType: 'Y' },
  ];
  const problem = problemOf({ X: 8, Y: 30 }, asks('a', 1, ...choices), asks('b', 1, ...choices));
  t.same(given(problem), { a: 'a-1 x 3', b: 'b-1 x 3' });
});

test('no limit is exceeded', async (t) => {
  forAll(t, 'random problems', problemsOf(12), (problem) => fits(problem, mostService(problem)), 300);
});
