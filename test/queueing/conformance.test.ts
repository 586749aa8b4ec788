import { test } from 'tap';
import { loadRegistry } from '../../src/registry.ts';
import { conforms } from './conformance.ts';
import { keepsTheLaws } from './conformance-laws.ts';
import { tellsPercentilesWell } from './conformance-percentiles.ts';
import { tried } from './conformance-tried.ts';

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

const iteration = queueModels.get('iteration')!;

for (const options of [{ inputCv: 0 }, { outputCv: 0 }, { arrivalCv: 0.5 }]) {
  test(`iteration keeps the laws of metrics and percentiles at ${JSON.stringify(options)}`, async (t) => {
    keepsTheLaws(t, tried(iteration, options));
    tellsPercentilesWell(t, tried(iteration, options));
  });
}

// Where bursts meet a batch of few tokens and a room, near saturation, percentiles fall with the rate by up to a quarter: more than the
// model is meant to. (As the rate vanishes bursts still come, so that not all laws of metrics are for them.)
test('iteration tells percentiles in bursts, which fall with the rate by a quarter at most', async (t) => {
  tellsPercentilesWell(t, tried({ ...iteration, roughnessFraction: 0.25 }, { arrivalCv: 2 }));
});
