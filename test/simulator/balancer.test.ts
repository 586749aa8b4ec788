import { test } from 'tap';
import type { BalancerName } from '../../src/schemas/simulation-process.ts';
import { type Backend, balancer } from '../../src/simulator/balancer.ts';
import { Replica } from '../../src/simulator/replica.ts';
import { SimulatedRequest } from '../../src/simulator/request.ts';
import { forEach, near } from '../support/properties.ts';
import { seeded } from '../support/random.ts';
import { replicaKind } from '../support/simulations.ts';

const NOBODY = { iterated() {}, gaps() {}, completed() {}, preempted() {}, lost() {} };

function backends(weights: readonly number[]): Backend[] {
  const { limits, time } = replicaKind({});
  return weights.map((weight) => ({ weight, credit: 0, replica: new Replica(limits, time, NOBODY) }));
}

/** Whom the requests go to, in order, by their places in the list; all of them stay. */
function chosen(name: BalancerName, list: readonly Backend[], count: number): number[] {
  const choose = balancer(name, seeded(11).uniform);
  return Array.from({ length: count }, () => {
    const backend = choose(list);
    backend.replica.offer(new SimulatedRequest(0, 1, 1000));
    return list.indexOf(backend);
  });
}

test('round-robin takes one after the other, whatever they weigh', async (t) => {
  t.same(chosen('round-robin', backends([1, 5, 1]), 7), [0, 1, 2, 0, 1, 2, 0]);
});

test('round-robin goes on when a backend is gone', async (t) => {
  const list = backends([1, 1, 1]);
  const choose = balancer('round-robin', seeded(1).uniform);
  for (let i = 0; i < 3; i++) choose(list);
  const fewer = list.slice(0, 2);
  const turns = Array.from({ length: 4 }, () => list.indexOf(choose(fewer)));
  t.same([...turns].sort(), [0, 0, 1, 1]);
});

test('weighted turns come as often as the weights say, evenly spread', async (t) => {
  // The example of nginx's smooth weighted round robin.
  t.same(chosen('weighted', backends([5, 1, 1]), 7), [0, 0, 1, 0, 2, 0, 0]);
  const turns = chosen('weighted', backends([2, 3, 0.5]), 1100);
  forEach(t, 'shares', [400, 600, 100], (count) => {
    const of = [400, 600, 100].indexOf(count);
    return near(turns.filter((at) => at === of).length, count, 0, 1, `turns of ${of}`);
  });
});

test('the least loaded is the one with the fewest requests for its weight', async (t) => {
  t.same(chosen('least-loaded', backends([1, 1, 1]), 6), [0, 1, 2, 0, 1, 2]);
  const weights = [1, 3];
  const list = backends(weights);
  chosen('least-loaded', list, 40);
  t.same(
    list.map(({ replica }) => replica.requests),
    [10, 30],
  );
  const [busy, free] = backends([1, 1]);
  for (let i = 0; i < 3; i++) busy.replica.offer(new SimulatedRequest(0, 1, 1000));
  t.same(chosen('least-loaded', [busy, free], 4), [1, 1, 1, 0], 'what is there counts; of equals the first');
});

test('random choices come as often as the weights say', async (t) => {
  const draws = 20_000;
  const weights = [1, 0, 4, 5];
  const turns = chosen('random', backends(weights), draws);
  forEach(t, 'shares', [...weights.keys()], (i) => {
    const share = weights[i] / 10;
    const within = 4 * Math.sqrt((share * (1 - share)) / draws);
    return near(turns.filter((at) => at === i).length / draws, share, 0, within, `share of ${i}`);
  });
});
