import { test } from 'tap';
import { optimizeRequest } from '../../src/operations/optimize-request.ts';
import { loadRegistry } from '../../src/registry.ts';
import { Planner } from '../../src/replay/planner.ts';
import { ledTo } from '../../src/replay/policies/brazier.ts';
import threshold from '../../src/replay/policies/threshold.ts';
import type { PolicySetting, ServerView } from '../../src/replay/policy.ts';
import { DEFAULT_SETTINGS } from '../../src/replay/settings.ts';
import { Workload } from '../../src/replay/workload.ts';
import { FLEET, of } from './one-replica.ts';

const server = {
  server: { ...FLEET.servers[0], maxReplicas: 12 },
  classes: [],
  priority: 1,
  variants: new Map(),
  cachedShare: 0,
  workload: new Workload([]),
  startupMs: new Map(),
  longestStartupMs: 0,
};

/** What the threshold policy makes of so many waiting requests, one look after the other, from so many replicas on. */
function followed(waiting: readonly number[], from: number): number[] {
  const planner = { plan: () => [of('a', from)] } as unknown as Planner;
  const setting: PolicySetting = {
    ...{
      servers: [server],
      planner,
      settings: DEFAULT_SETTINGS,
      cards: new Map(),
      endMs: 1e6,
      tune: () => ({ items: [] }),
    },
  };
  const policy = threshold.create(setting);
  let replicas = policy.begin[0][0].replicas;
  return waiting.map((count, i) => {
    const view: ServerView = {
      running: [{ variant: 'a', maxBatchSize: 1, replicas, startingReplicas: 0 }],
      waiting: count,
      counted: [],
      offered: () => ({ requests: 0, inputTokens: Number.NaN, outputTokens: Number.NaN }),
    };
    replicas = policy.decide(15_000 * i, [view])![0][0].replicas;
    return replicas;
  });
}

test('the threshold has a replica for every five waiting requests', async (t) => {
  t.same(followed([11], 1), [3], 'ceil(11 / 5)');
  t.same(followed([10], 2), [2], 'as it should be');
  t.same(followed([11], 2), [2], 'off by a tenth: within the tolerance');
  t.same(followed([12], 2), [3], 'off by a fifth');
});

test('the threshold doubles or adds four between two looks, up to the maximum', async (t) => {
  t.same(followed([1000, 1000, 1000], 1), [5, 10, 12]);
});

test('the threshold goes down only when nothing in the last 300 s asked for more', async (t) => {
  const quiet = Array.from({ length: 21 }, () => 0);
  const path = followed([20, ...quiet], 4);
  // Twenty looks, 15 s apart, make up the window: the look that asked for four has left it at the twentieth after it.
  t.same(path.slice(0, 20), Array(20).fill(4));
  t.same(path.slice(20), [1, 1]);
});

test('a trend is the line of least squares, led on', async (t) => {
  t.equal(ledTo([1, 2, 3, 4], 2), 6);
  t.equal(ledTo([5], 3), 5);
  // By hand: mean 2, slope (−1·1 + 0·4 + 1·1) / 2 = 0.
  t.equal(ledTo([1, 4, 1], 10), 2);
  // Mean 3, slope (−1·2 + 1·5) / 2 = 1.5: one step after the last is 3 + 1.5 · 2.
  t.equal(ledTo([2, 2, 5], 1), 6);
});

test('a server that no plan can serve goes on with what it runs', async (t) => {
  const registry = await loadRegistry();
  const wishOf = (ttftMs: number) => {
    const serviceClasses = FLEET.serviceClasses.map((one) => ({
      ...one,
      targets: one.targets.map(({ model }) => ({ model, ttftMs })),
    }));
    const planner = new Planner(
      { ...FLEET, serviceClasses, solver: 'greedy' },
      (fleet) => optimizeRequest(fleet, registry),
      1,
      0,
    );
    const running = [{ variant: 'a', maxBatchSize: 1, replicas: 3, startingReplicas: 1 }];
    const [wish] = planner.plan([{ requestsPerSec: 0.01, inputTokens: 10, outputTokens: 10 }], [running]);
    return wish.map(({ replicas }) => replicas);
  };
  t.same(wishOf(1e9), [1], 'one is enough');
  t.same(wishOf(1e-9), [3], 'none is');
});
