import { test } from 'tap';
import { divide } from '../../src/replay/division.ts';

const requests = Array.from({ length: 4000 }, (_, i) => ({ atSec: i / 10, inputTokens: i, outputTokens: 1 }));
const ONE = [[1], [1], [1]];
const WHOLE = { fromSec: 0, untilSec: Number.POSITIVE_INFINITY, rateFactor: 1, seed: 1 };
const shared = [
  {
    requests,
    servers: [
      { index: 0, share: 3 },
      { index: 1, share: 1 },
      { index: 2, share: 0 },
    ],
  },
];

test('each request of a shared trace goes to one server, in proportion to the shares', async (t) => {
  const workloads = divide(shared, ONE, WHOLE);
  const all = workloads.flatMap(({ arrivals }) => arrivals.map(({ inputTokens }) => inputTokens));
  t.same(
    all.toSorted((a, b) => a - b),
    requests.map(({ inputTokens }) => inputTokens),
    'none is lost, none comes twice',
  );
  t.equal(workloads[2].arrivals.length, 0);
  // Five standard deviations of a binomial count.
  const expected = 3000;
  t.ok(Math.abs(workloads[0].arrivals.length - expected) < 5 * Math.sqrt(4000 * 0.75 * 0.25));
});

test('a rate factor keeps or copies requests, and the times of the first copies', async (t) => {
  const count = (rateFactor: number) => divide(shared, ONE, { ...WHOLE, rateFactor })[0].arrivals.length;
  const [half, once, twice] = [0.5, 1, 2].map(count);
  t.ok(Math.abs(half / once - 0.5) < 0.08, String(half / once));
  t.ok(Math.abs(twice / once - 2) < 0.1, String(twice / once));
  const whole = divide([{ requests, servers: [{ index: 0, share: 1 }] }], [[1]], { ...WHOLE, rateFactor: 2 });
  t.equal(whole[0].arrivals.length, 2 * requests.length);
  const times = whole[0].arrivals.map(({ atMs }) => atMs);
  t.same(
    times,
    times.toSorted((a, b) => a - b),
  );
  t.ok(requests.every(({ atSec }) => times.includes(1000 * atSec)));
});

test('a stretch of a trace begins at 0', async (t) => {
  const [{ arrivals }] = divide([{ requests, servers: [{ index: 0, share: 1 }] }], [[1]], {
    ...WHOLE,
    fromSec: 100,
    untilSec: 200,
  });
  t.equal(arrivals.length, 1000);
  t.equal(arrivals[0].atMs, 0);
  t.equal(arrivals[0].inputTokens, 1000);
});

test('the same seed divides alike, another one does not', async (t) => {
  const first = divide(shared, ONE, WHOLE);
  t.same(divide(shared, ONE, WHOLE), first);
  t.not(divide(shared, ONE, { ...WHOLE, seed: 2 })[0].arrivals.length, first[0].arrivals.length);
});

test('any stretch of a workload is told by its sums', async (t) => {
  const [workload] = divide(shared, ONE, WHOLE);
  const own = workload.arrivals.filter(({ atMs }) => atMs >= 5000 && atMs < 90_000);
  const mean = own.reduce((sum, { inputTokens }) => sum + inputTokens, 0) / own.length;
  const told = workload.between(5000, 90_000);
  t.equal(told.requests, own.length);
  t.ok(Math.abs(told.inputTokens - mean) < 1e-9 * mean);
  t.match(workload.between(1e9, 2e9), { requests: 0, inputTokens: Number.NaN });
});
