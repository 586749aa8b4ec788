import { test } from 'tap';
import { of, ran, scripted } from './one-replica.ts';

const near = (a: number, b: number) => Math.abs(a - b) < 1e-9;

test('each request is met, missed or lost, as is told by hand', async (t) => {
  // Iterations of 10 ms: one for the prefill, then one for each token. The first is met: TTFT 20, ITL 10. The second waits until 40 for
  // the only place: TTFT 55 > 25. The third finds the waiting room full. The fourth comes to an empty replica.
  const rows = [
    { atMs: 0, outputTokens: 3 },
    { atMs: 5, outputTokens: 2 },
    { atMs: 6, outputTokens: 2 },
    { atMs: 500, outputTokens: 1 },
  ];
  const run = ran(rows, 10, scripted(of('a', 1), {}));
  t.match(run.total, { requests: 4, met: 2, missed: 1, missedTtft: 1, missedItl: 0, lost: 1 });
  t.equal(run.total.attainmentFraction, 0.5);
  t.ok(near(run.total.ttftMs.mean, (20 + 55 + 20) / 3), String(run.total.ttftMs.mean));
  t.equal(run.total.itlMs.p99, 10);
  t.same(run.classes[0].met, 2);
  t.equal(run.changes, 0);
});

test('replicas cost from their start, starting included, until they are gone', async (t) => {
  // A second replica of two cards is started at 60 s and told to drain at 240 s, idle: three minutes.
  const run = ran(
    [{ atMs: 0, outputTokens: 1 }],
    600,
    scripted(of('a', 1), { 60: of('a', 2), 240: of('a', 1) }),
  );
  t.ok(near(run.cost, 6 * (13 / 60)), String(run.cost));
  t.ok(near(run.cardHours.A, 2 * (13 / 60)));
  t.equal(run.changes, 2);
  t.ok(near(run.changesPerHour, 12));
  const { overTime } = run.servers[0];
  const at = (sec: number) => overTime.find(({ atSec }) => atSec === sec)!;
  t.match(
    [at(60), at(80), at(100), at(240)],
    [
      { serving: 1, starting: 1 },
      { serving: 1, starting: 1 },
      { serving: 2, starting: 0 },
      { serving: 1, starting: 0 },
    ],
  );
});

test('a replica that drains costs until its last token', async (t) => {
  // 1 prefill and 3000 decode iterations of 10 ms from 0 on: done at 30.01 s; it is told to go at 10 s.
  const run = ran([{ atMs: 0, outputTokens: 3000 }], 60, scripted(of('a', 1), { 10: [] }));
  t.equal(run.total.requests, 1);
  t.equal(run.total.lost, 0);
  t.ok(near(run.cost, (6 * 30.01) / 3600), String((run.cost / 6) * 3600));
});

test('another variant relieves the first once it serves', async (t) => {
  const run = ran([{ atMs: 0, outputTokens: 1 }], 300, scripted(of('a', 1), { 60: of('b', 1) }));
  // a until b is up, at 150 s; b from its start at 60 s to the end.
  t.ok(near(run.cardHours.A, (2 * 150) / 3600), String(run.cardHours.A * 3600));
  t.ok(near(run.cardHours.B, 240 / 3600), String(run.cardHours.B * 3600));
  t.same(run.mostCards, { A: 2, B: 1 });
});

test('a start that is no longer wanted is given up, and requests without any replica are lost', async (t) => {
  const run = ran([{ atMs: 5000, outputTokens: 1 }], 60, scripted([], { 1: of('a', 1), 11: [] }));
  t.match(run.total, { requests: 1, met: 0, missed: 0, lost: 1 });
  t.ok(near(run.cost, (6 * 10) / 3600));
});

test('what arrived is seen to its end after the replay, at no cost', async (t) => {
  const run = ran([{ atMs: 9990, outputTokens: 500 }], 10, scripted(of('b', 1), {}));
  t.match(run.total, { requests: 1, met: 1 });
  t.ok(near(run.cost, (4 * 10) / 3600));
});

test('no cards are taken that do not exist: what waits for them starts when others are gone', async (t) => {
  // Three replicas of two cards are wanted of five: two start. At 60 s one is enough; at 120 s two of it and no more.
  const script = scripted(of('a', 1), { 10: of('a', 3), 60: of('a', 1), 120: of('a', 9) });
  const run = ran([{ atMs: 0, outputTokens: 1 }], 300, script, { A: 5 });
  t.same(run.mostCards, { A: 4 });
  t.ok(near(run.cardHours.A, (2 * (300 + 50 + 180)) / 3600), String(run.cardHours.A * 1800));
});

test('where there is no room to relieve them, replicas that are to go make room', async (t) => {
  // Two batch limits are two kinds: with cards for one replica the first has to go before the second starts, a second later.
  const other = [{ variant: 'a', maxBatchSize: 2, replicas: 1 }];
  const run = ran([{ atMs: 0, outputTokens: 1 }], 300, scripted(of('a', 1), { 60: other }), { A: 2 });
  t.same(run.mostCards, { A: 2 });
  // The first until 60 s; the second from 61 s on.
  t.ok(near(run.cardHours.A, (2 * (60 + 239)) / 3600), String(run.cardHours.A * 1800));
});
