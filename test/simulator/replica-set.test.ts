import { test } from 'tap';
import { balancer } from '../../src/simulator/balancer.ts';
import { ReplicaSet } from '../../src/simulator/replica-set.ts';
import { SimulatedRequest } from '../../src/simulator/request.ts';
import { seeded } from '../support/random.ts';
import { replicaKind } from '../support/simulations.ts';

/** Two requests at once, one waits; a request of m tokens takes 1 + m ms. */
const SMALL = replicaKind({ maxBatchSize: 2, maxQueueLength: 1 });
const LARGE = replicaKind({ maxBatchSize: 5 });

function watchedSet() {
  const completed: SimulatedRequest[] = [];
  const lost: SimulatedRequest[] = [];
  const set = new ReplicaSet(balancer('round-robin', seeded(1).uniform), {
    iterated() {},
    gaps() {},
    preempted() {},
    completed: (request) => completed.push(request),
    lost: (request) => lost.push(request),
  });
  const offer = (atMs: number, outputTokens: number) => {
    const request = new SimulatedRequest(atMs, 0, outputTokens);
    set.advance(atMs);
    set.offer(request);
    return request;
  };
  return { set, offer, completed, lost };
}

test('where there is no replica, requests are lost', async (t) => {
  const { set, offer, lost } = watchedSet();
  const request = offer(0, 5);
  t.same(lost, [request]);
  t.same([set.places, set.requests, set.waiting, set.serving(SMALL)], [0, 0, 0, 0]);
  t.same([set.drain(SMALL), set.stop(SMALL)], [false, false]);
});

test('a drained replica takes no more, finishes all it has, and holds its places until then', async (t) => {
  const { set, offer, completed, lost } = watchedSet();
  set.start(SMALL);
  const own = [offer(0, 9), offer(0.5, 9), offer(0.6, 9)];
  t.equal(set.waiting, 2, 'those that came within the iteration');
  set.advance(3.5);
  t.ok(set.drain(SMALL));
  t.same([set.places, set.serving(SMALL), set.requests], [2, 0, 3]);
  const late = offer(4.5, 1);
  t.same(lost, [late]);
  set.start(LARGE);
  t.equal(set.places, 7);
  const other = offer(5.25, 1);
  set.advance(1000);
  t.equal(set.places, 5);
  t.same(new Set(completed), new Set([...own, other]));
  // 10 ms each; the third begins when the first ends.
  t.same(
    own.map(({ lastTokenMs }) => lastTokenMs),
    [10, 11, 20],
  );
});

test('a stopped replica loses all it has, at once', async (t) => {
  const { set, offer, completed, lost } = watchedSet();
  set.start(SMALL);
  set.start(LARGE);
  const stopped = [offer(0, 9)];
  const kept = offer(0.25, 9);
  stopped.push(offer(0.5, 9));
  const alsoKept = offer(0.625, 20);
  stopped.push(offer(0.75, 9));
  set.advance(4.5);
  t.ok(set.stop(SMALL));
  t.same(new Set(lost), new Set(stopped));
  t.same([set.places, set.requests, set.waiting], [5, 2, 0]);
  set.advance(1000);
  t.same(completed, [kept, alsoKept]);
});

test('of a kind the newest goes first, and one that has nothing to finish is gone', async (t) => {
  const { set, offer, completed } = watchedSet();
  set.start(SMALL);
  const first = offer(0, 9);
  set.start(SMALL);
  set.start(LARGE);
  t.same([set.serving(SMALL), set.serving(LARGE)], [2, 1]);
  set.drain(SMALL);
  set.advance(1);
  t.same([set.places, set.serving(SMALL), set.requests], [7, 1, 1]);
  set.advance(20);
  t.same(completed, [first]);
});
