import { test } from 'tap';
import { loadRegistry } from '../../src/registry.ts';
import type { Solver } from '../../src/solvers/solver.ts';
import { conforms } from './conformance.ts';
import { optionSets } from './options.ts';

const { solvers } = await loadRegistry(process.env.BRAZIER_PLUGINS);

test('the registry has the solvers of the reference', async (t) => {
  t.ok(solvers.has('unlimited'));
  t.ok(solvers.has('greedy'));
});

test('greedy is tried under each policy, now and delayed', async (t) => {
  const sets = optionSets(solvers.get('greedy')!.options);
  // Four policies or none named; false, true or not named.
  t.equal(sets.length, 15);
  t.equal(new Set(sets.map(({ saturationPolicy }) => saturationPolicy)).size, 5);
});

for (const [name, solver] of solvers) {
  test(`the solver ${name} keeps the contract`, async (t) => {
    await conforms(t, solver as Solver);
  });
}
