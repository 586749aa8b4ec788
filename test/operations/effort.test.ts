import fc from 'fast-check';
import { test } from 'tap';
import { stationEffort } from '../../src/operations/effort.ts';
import { LIGHT_EFFORT, OPERATIONS } from '../../src/operations/operations.ts';
import { loadRegistry } from '../../src/registry.ts';
import type { OptimizeRequest } from '../../src/schemas/plan.ts';
import type { ConcurrencyRequest } from '../../src/schemas/station.ts';
import { edited, example } from '../support/service.ts';

const registry = await loadRegistry();
const fleet = example('/optimize', 'two classes') as OptimizeRequest;
const station = example('/concurrency', 'targets') as ConcurrencyRequest;

const effortOf = (request: unknown) =>
  OPERATIONS.optimize.prepare(request as OptimizeRequest, registry).effort;

test('The examples are light', async (t) => {
  t.ok(effortOf(fleet) < LIGHT_EFFORT / 10);
  t.ok(OPERATIONS.concurrency.prepare(station, registry).effort < LIGHT_EFFORT);
});

test('What is sized by simulation is heavy, however small', async (t) => {
  t.equal(effortOf({ ...fleet, queueModel: 'simulated' }), Number.POSITIVE_INFINITY);
  const simulated = { ...station, queueModel: { name: 'simulated', options: { requests: 100 } } };
  t.equal(OPERATIONS.concurrency.prepare(simulated, registry).effort, Number.POSITIVE_INFINITY);
});

test('Many servers are heavy, and those without a load cost next to nothing', async (t) => {
  const many = (load: unknown) =>
    Array.from({ length: 900 }, (_, i) => ({ ...fleet.servers[0], name: `server-${i}`, load }));
  t.ok(effortOf(edited(fleet, { '/servers': many(fleet.servers[0].load) })) > LIGHT_EFFORT);
  t.ok(effortOf(edited(fleet, { '/servers': many(null) })) <= LIGHT_EFFORT);
});

test('A batch limit that is searched, or large with prefill in many chunks, takes more', async (t) => {
  const tokens = { inputTokens: 8000, outputTokens: 8 };
  t.ok(stationEffort(64, tokens, 8192, true) > stationEffort(64, tokens, 8192));
  t.ok(stationEffort(16_384, tokens) > LIGHT_EFFORT / 2);
  t.equal(stationEffort(16_384, { inputTokens: 1, outputTokens: 1000 }, 1e6), 1, 'one chunk does for all');
});

test('Confidence takes more, where there are errors to go by', async (t) => {
  const uncertain = example('/optimize', 'uncertain parameters') as OptimizeRequest;
  const { confidence, ...likely } = uncertain;
  t.ok(effortOf(uncertain) > 4 * effortOf(likely));
  t.equal(effortOf({ ...fleet, confidence }), effortOf(fleet), 'without errors it is sized once');
});

test('What makes no promise about its time is never light', async (t) => {
  const other = {
    solvers: new Map([['slow', { ...registry.solvers.get('greedy')!, name: 'slow', isLight: false }]]),
    queueModels: new Map([
      ['state-dependent', { ...registry.queueModels.get('state-dependent')!, isLight: false }],
    ]),
  };
  const slow = OPERATIONS.optimize.prepare(
    { ...fleet, solver: 'slow' },
    { ...registry, solvers: other.solvers },
  );
  t.equal(slow.effort, Number.POSITIVE_INFINITY);
  const modelled = OPERATIONS.concurrency.prepare(station, { ...registry, queueModels: other.queueModels });
  t.equal(modelled.effort, Number.POSITIVE_INFINITY);
});

test('More of anything never takes less', async (t) => {
  const tokens = fc.integer({ min: 1, max: 100_000 });
  const batch = fc.integer({ min: 1, max: 16_384 });
  const check = fc.property(
    batch,
    tokens,
    tokens,
    tokens,
    fc.boolean(),
    (size, input, output, budget, searched) => {
      const load = { inputTokens: input, outputTokens: output };
      const effort = stationEffort(size, load, budget, searched);
      return (
        effort >= 1 &&
        stationEffort(size + 1, load, budget, searched) >= effort &&
        stationEffort(size, { ...load, inputTokens: input + 1 }, budget, searched) >= effort &&
        stationEffort(size, load, budget + 1, searched) <= effort
      );
    },
  );
  fc.assert(check, { seed: 7, numRuns: 2_000 });
  t.pass('2,000 stations');
});
