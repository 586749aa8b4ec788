import { test } from 'tap';
import { isMix } from '../../src/solvers/mix.ts';
import greedy from '../../src/solvers/strategies/greedy.ts';
import { forAll } from '../support/properties.ts';
import { optionSets } from './options.ts';
import { plainGreedy } from './plain-greedy.ts';
import { problems } from './problems.ts';

for (const options of optionSets(greedy.options)) {
  test(`greedy gives what its rules give one step at a time: ${JSON.stringify(options)}`, async (t) => {
    let partial = 0;
    forAll(t, 'assignments', problems, (problem) => {
      const { assignments } = greedy.solve(problem, options);
      partial += assignments.filter(
        (given, i) =>
          given && !isMix(given) && given.replicas < problem.servers[i].candidates[given.candidate].replicas,
      ).length;
      return JSON.stringify(assignments) === JSON.stringify(plainGreedy(problem, options));
    });
    if (options.saturationPolicy === 'None') t.equal(partial, 0, 'nothing in part');
    else t.ok(partial > 30, `${partial} in part`);
  });
}
