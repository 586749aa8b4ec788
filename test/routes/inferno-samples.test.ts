import { test } from 'tap';
import type { InfernoAnswer } from '../../src/schemas/inferno.ts';
import { answerChecks, post, service } from '../support/service.ts';
import { sharedJson, skippedWithout } from '../support/shared-data.ts';

const FILE = 'data/llm-inferno/small/system-data.json';

interface System {
  readonly system: {
    readonly serverData: { readonly servers: readonly { name: string; currentAlloc: { load: object } }[] };
    readonly capacityData: { readonly count: readonly { type: string; count: number }[] };
    readonly acceleratorData: {
      readonly accelerators: readonly { name: string; type: string; multiplicity: number; cost: number }[];
    };
  };
}

/** Their samples spell one key in several ways. */
const lowerCase = (object: object) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key.toLowerCase(), value]));

test('Their sample system is answered as it is', { skip: skippedWithout(FILE) }, async (t) => {
  const app = await service(t);
  const { system } = sharedJson<System>(FILE);
  const { status, body } = await post<InfernoAnswer>(app, '/inferno/optimizeOne', { system });
  t.equal(status, 200);
  t.strictSame((await answerChecks(app))('InfernoAnswer', body), []);
  const short = new Set(body.shortfalls.map(({ server }) => server));
  const used = new Map<string, number>();
  for (const { name, currentAlloc } of system.serverData.servers) {
    const given = body.allocations[name];
    t.ok(given || short.has(name), `${name} is served or named`);
    if (!given) continue;
    t.strictSame(lowerCase(given.load!), lowerCase(currentAlloc.load), `${name} has its load back`);
    const accelerator = system.acceleratorData.accelerators.find(({ name }) => name === given.accelerator)!;
    t.ok(given.cost! >= accelerator.cost * given.numReplicas! * (1 - 1e-12), `${name}: cost`);
    const cards = given.numReplicas! * accelerator.multiplicity;
    used.set(accelerator.type, (used.get(accelerator.type) ?? 0) + cards);
  }
  for (const { type, count } of system.capacityData.count)
    t.ok((used.get(type) ?? 0) <= count, `${type}: ${used.get(type)} of ${count} cards`);
});
