import { test } from 'tap';
import { loadRegistry } from '../../src/registry.ts';
import { conforms } from './conformance.ts';

const { queueModels } = await loadRegistry(process.env.BRAZIER_PLUGINS);

test('the registry has the reference model', async (t) => {
  t.ok(queueModels.has('state-dependent'));
});

/** What makes a model quick that is not, where there is no need for it to be right. */
const QUICK: Readonly<Record<string, object>> = { simulated: { requests: 100, iterations: 1000 } };

for (const [name, model] of queueModels) {
  test(`the queue model ${name} keeps the contract`, async (t) => {
    conforms(t, model, QUICK[name]);
  });
}
