import { test } from 'tap';
import { type Counts, NO_COUNTS } from '../../src/replay/counters.ts';
import { keyOf, Learning } from '../../src/replay/learning.ts';
import type { Counted, PolicyKind, ServerView } from '../../src/replay/policy.ts';
import type { ReplayedServer } from '../../src/replay/replayed-server.ts';
import type { Tuned, TuneRequest } from '../../src/schemas/tune.ts';
import { UNLIMITED } from '../support/driven-replica.ts';
import { FLEET, of, ran } from './one-replica.ts';

test('replicas count what Prometheus would tell of them', async (t) => {
  const looks: Counts[][] = [];
  const watching: PolicyKind = {
    ...{ name: 'watching', summary: 'looks every second' },
    create: () => ({
      periodSec: 1,
      begin: [of('a', 2)],
      decide(_, [view]) {
        looks.push(view.counted.map(({ counts }) => ({ ...counts })));
        return null;
      },
    }),
  };
  // Alone on a replica a request of three tokens is in service for a prefill and three steps of 10 ms each: its first token after 20 ms.
  const atMs = [100, 300, 1500];
  ran(
    atMs.map((at) => ({ atMs: at, outputTokens: 3 })),
    3,
    watching,
  );
  const request = { inputTokens: 1, outputTokens: 3, ttftMs: 20, gaps: 2, gapMs: 20, serviceMs: 40 };
  const after = (requests: number, replicaMs: number) => ({
    ...NO_COUNTS,
    ...Object.fromEntries(Object.entries(request).map(([name, value]) => [name, requests * value])),
    ...{ offered: requests, completions: requests, replicaMs },
  });
  t.same(looks, [[NO_COUNTS], [after(2, 2000)], [after(3, 4000)]]);
});

const SEED = { alphaMs: 7, betaMsPerToken: 0.02, gammaMsPerToken2: 0 };
const LEARNT = { alphaMs: 10, betaMsPerToken: 0.03, gammaMsPerToken2: 0 };

test('the tuner gets what a period showed, from what was believed on, and the state that it answered last', async (t) => {
  const asked: TuneRequest[] = [];
  const variants = new Map(['a', 'b'].map((name) => [name, {}]));
  const server = { server: FLEET.servers[0], variants } as unknown as ReplayedServer;
  const believed = new Map(['a', 'b'].map((name) => [keyOf('m', name), SEED]));
  const learning = new Learning([server], believed, (request) => {
    asked.push(request);
    return {
      items: [{ serviceTime: LEARNT, state: `state ${asked.length}`, diagnostics: { accepted: 1 } } as Tuned],
    };
  });
  const look = (nowMs: number, a: Partial<Counts>, b: Partial<Counts>) => {
    const limits = { ...UNLIMITED, maxBatchSize: 8, maxBatchTokens: 512 };
    const counted = Object.entries({ a, b }).map(
      ([variant, counts]): Counted => ({ variant, limits, counts: { ...NO_COUNTS, ...counts } }),
    );
    return learning.look(nowMs, [{ counted } as unknown as ServerView]);
  };
  const first = {
    ...{
      offered: 120,
      completions: 100,
      inputTokens: 50_000,
      cachedInputTokens: 10_000,
      outputTokens: 4_000,
    },
    ...{ ttftMs: 9_000, gaps: 3_900, gapMs: 78_000, serviceMs: 240_000, replicaMs: 120_000 },
  };
  // Of b too little is seen to tell a mean by.
  const few = { ...first, completions: 19 };
  t.same([...look(60_000, first, few)], [[keyOf('m', 'a'), LEARNT]]);
  const observation = {
    ...{ requestsPerSec: 1, throughputPerSec: 100 / 120, meanConcurrency: 2 },
    ...{ inputTokens: 500, cachedInputTokens: 100, outputTokens: 40, ttftMs: 90, itlMs: 20 },
    ...{ maxBatchSize: 8, maxBatchTokens: 512, observedAt: '1970-01-01T00:01:00.000Z' },
  };
  t.same(asked[0], { items: [{ model: 'm', variant: 'a', seed: SEED, observations: [observation] }] });
  const second = Object.fromEntries(Object.entries(first).map(([name, value]) => [name, 2 * value]));
  t.same([...look(120_000, second, few)], [[keyOf('m', 'a'), LEARNT]]);
  const again = { ...observation, observedAt: '1970-01-01T00:02:00.000Z' };
  const item = { model: 'm', variant: 'a', seed: SEED, state: 'state 1', observations: [again] };
  t.same(asked[1], { items: [item] }, 'what came since the last look');
  look(180_000, second, few);
  t.equal(asked.length, 2, 'nothing came');
});
