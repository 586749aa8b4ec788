import { test } from 'tap';
import { fitRequest, pointsToFit } from '../../src/operations/fit-request.ts';
import { loadRegistry } from '../../src/registry.ts';
import { sharedJson, skippedWithout } from '../support/shared-data.ts';

const SWEEPS = 'data/guidellm/llama-3.1-8b-h100';
const LENGTHS = [64, 256, 1024, 4096];

test('published sweeps that are held out are predicted better than by the parameters published with them', {
  skip: skippedWithout(SWEEPS),
}, async (t) => {
  const reports = LENGTHS.flatMap((input) =>
    LENGTHS.map((output) =>
      sharedJson<Record<string, unknown>[]>(`${SWEEPS}/sweep-i${input}-o${output}.json`),
    ),
  );
  const { counted, heldOut, heldOutBy, laws } = fitRequest(
    { reports },
    pointsToFit({ reports }),
    await loadRegistry(),
  );
  t.equal(counted, 112);
  t.equal(heldOutBy, 'report');
  // The parameters published with them are 14.6 and 6.0 % off on the points that they were fitted to.
  t.ok(heldOut!.ttftFraction <= 0.08 && heldOut!.itlFraction <= 0.03, JSON.stringify(heldOut));
  // What a decoded token takes is told from what a prompt token takes, and it is that which brings the ITL there.
  const chosen = laws.find((one) => one.chosen)!;
  const without = laws.filter(({ terms, heldOut: errors }) => errors && !terms.includes('decodeMsPerToken'));
  t.ok(chosen.terms.includes('decodeMsPerToken'));
  t.ok(
    without.every(({ heldOut: errors }) => errors!.itlFraction > 0.03),
    'no law without it does',
  );
});
