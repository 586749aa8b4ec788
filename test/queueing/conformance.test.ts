import { test } from 'tap';
import { loadRegistry } from '../../src/registry.ts';
import { conforms } from './conformance.ts';

const { queueModels } = await loadRegistry(process.env.BRAZIER_PLUGINS);

test('the registry has the reference model', async (t) => {
  t.ok(queueModels.has('state-dependent'));
});

for (const [name, model] of queueModels) {
  test(`the queue model ${name} keeps the contract`, async (t) => {
    conforms(t, model);
  });
}
