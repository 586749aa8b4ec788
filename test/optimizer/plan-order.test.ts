import fc from 'fast-check';
import { type Test, test } from 'tap';
import type { Fleet } from '../../src/schemas/fleet.ts';
import type { Plan } from '../../src/schemas/plan.ts';
import type { ServerPlan } from '../../src/schemas/server-plan.ts';
import { fleets } from '../support/fleets.ts';
import { forAll } from '../support/properties.ts';
import { planWith, solvers, withDefaults } from './runs.ts';

/** A copy with the entries of every list and the keys of every object in another order. */
function shuffled<T>(value: T, seed: number): T {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
  const mix = <E>(entries: readonly E[]): E[] =>
    entries
      .map((entry) => ({ entry, at: next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ entry }) => entry);
  const copy = (item: unknown): unknown => {
    if (Array.isArray(item)) return mix(item.map(copy));
    if (typeof item !== 'object' || item === null) return item;
    return Object.fromEntries(mix(Object.entries(item)).map(([key, child]) => [key, copy(child)]));
  };
  return copy(value) as T;
}

/** A plan takes its time: half as many as usual. */
const forSome = <T>(t: Test, claim: string, values: fc.Arbitrary<T>, holds: (value: T) => boolean) =>
  forAll(t, claim, values, holds, 100);

const withSeed = fc.record({ fleet: fleets, seed: fc.nat() });

for (const solver of solvers.values()) {
  const planOf = (fleet: Fleet) => planWith(fleet, withDefaults(solver));

  test(`${solver.name}: the order of lists and keys does not change one byte of the plan`, async (t) => {
    let reordered = 0;
    forSome(t, 'plans', withSeed, ({ fleet, seed }) => {
      const other = shuffled(fleet, seed);
      if (JSON.stringify(other) !== JSON.stringify(fleet)) reordered++;
      return JSON.stringify(planOf(fleet)) === JSON.stringify(planOf(other));
    });
    t.ok(reordered > 95, `${reordered} in another order`);
  });

  test(`${solver.name}: planning changes nothing in the fleet`, async (t) => {
    forSome(t, 'fleets', fleets, (fleet) => {
      const before = JSON.stringify(fleet);
      planOf(fleet);
      return JSON.stringify(fleet) === before;
    });
  });
}

const allocated = ({ servers }: Plan) =>
  JSON.stringify(servers.map(({ name, allocations }) => [name, allocations]));

test('without a capacity greedy gives what unlimited gives', async (t) => {
  const [greedy, unlimited] = ['greedy', 'unlimited'].map((name) => withDefaults(solvers.get(name)!));
  forSome(t, 'allocations', fleets, ({ capacity: _, quotas: _none, ...fleet }) => {
    return allocated(planWith(fleet, greedy)) === allocated(planWith(fleet, unlimited));
  });
});

for (const [name, ignoring] of [...solvers].filter(([, { ignoresLimits }]) => ignoresLimits)) {
  const solver = withDefaults(ignoring);

  test(`${name}: the capacity changes no server's plan`, async (t) => {
    forSome(t, 'servers', fleets, (fleet) => {
      // A node too small for a replica excludes a variant, whatever the solver.
      if (Object.values(fleet.capacity ?? {}).some((capacity) => typeof capacity === 'object')) return true;
      const { capacity: _, ...free } = fleet;
      return (
        JSON.stringify(planWith(fleet, solver).servers) === JSON.stringify(planWith(free, solver).servers)
      );
    });
  });

  test(`${name}: a server that nothing can serve changes nothing for the others`, async (t) => {
    forSome(t, 'servers', fleets, (fleet) => {
      const [{ name: serviceClass, targets, priority }] = fleet.serviceClasses;
      const hopeless: Fleet = {
        ...fleet,
        models: [...fleet.models, { name: 'no-profiles', profiles: [] }],
        serviceClasses: [
          ...fleet.serviceClasses.slice(1),
          { name: serviceClass, priority, targets: [...targets, { model: 'no-profiles' }] },
        ],
        servers: [
          ...fleet.servers,
          {
            name: 'hopeless',
            serviceClass,
            model: 'no-profiles',
            load: { requestsPerSec: 1, inputTokens: 10, outputTokens: 10 },
          },
        ],
      };
      const { servers, status } = planWith(hopeless, solver);
      const others = servers.filter((server: ServerPlan) => server.name !== 'hopeless');
      const same = JSON.stringify(others) === JSON.stringify(planWith(fleet, solver).servers);
      return same && status === 'shortfall' && servers.length === others.length + 1;
    });
  });
}
