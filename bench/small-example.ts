import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { optimizeRequest } from '../src/operations/optimize-request.ts';
import type { Registry } from '../src/registry.ts';
import { requestChecks } from '../src/schemas/checker.ts';
import type { OptimizeRequest } from '../src/schemas/plan.ts';
import { type Section, timeMs } from './rows.ts';

// Compiled to dist/bench.
const FILE = fileURLToPath(new URL('../../examples/small-fleet.json', import.meta.url));

/** The small example from request to plan; nothing is kept from one run to the next. */
export async function smallExample(registry: Registry): Promise<Section> {
  const request = JSON.parse(await readFile(FILE, 'utf8')) as OptimizeRequest;
  const { OptimizeRequest: check } = requestChecks(registry);
  const alone = timeMs(() => optimizeRequest(request, registry), 21, 200);
  const checked = timeMs(
    () => {
      if (check(request).length > 0) throw new Error('the example has faults');
      optimizeRequest(request, registry);
    },
    21,
    200,
  );
  return {
    rows: [
      { what: 'small example, 15 servers × 6', ms: alone, ratio: null },
      { what: 'small example, with the request check', ms: checked, ratio: null },
    ],
    figures: [],
  };
}
