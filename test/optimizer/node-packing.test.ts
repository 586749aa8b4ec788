import fc from 'fast-check';
import { test } from 'tap';
import { nodesThatHold } from '../../src/optimizer/node-packing.ts';
import { forAll } from '../support/properties.ts';
import { fleetOf, LARGE, planOf, SMALL } from './examples.ts';

/** The fewest nodes by trying every node for every replica. */
function fewest(sizes: readonly number[], nodeCards: number): number {
  let best = sizes.length;
  const left: number[] = [];
  const place = (at: number): void => {
    if (left.length >= best) return;
    if (at === sizes.length) {
      best = left.length;
      return;
    }
    for (const [node, cards] of left.entries()) {
      if (cards < sizes[at]) continue;
      left[node] -= sizes[at];
      place(at + 1);
      left[node] += sizes[at];
    }
    left.push(nodeCards - sizes[at]);
    place(at + 1);
    left.pop();
  };
  place(0);
  return best;
}

function counted(sizes: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const size of sizes) counts.set(size, (counts.get(size) ?? 0) + 1);
  return counts;
}

test('sizes that divide one another take the fewest nodes', (t) => {
  const replicas = fc.array(fc.constantFrom(1, 2, 4, 8), { maxLength: 8 });
  forAll(t, 'on nodes of 8', replicas, (sizes) => nodesThatHold(counted(sizes), 8) === fewest(sizes, 8), 300);
  t.end();
});

test('other sizes take no fewer than there must be, and seldom more', (t) => {
  let more = 0;
  const replicas = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 8 });
  forAll(
    t,
    'on nodes of 7',
    replicas,
    (sizes) => {
      const excess = nodesThatHold(counted(sizes), 7) - fewest(sizes, 7);
      if (excess > 0) more++;
      return excess === 0 || excess === 1;
    },
    300,
  );
  t.ok(more < 15, `${more} of 300`);
  t.end();
});

test('many replicas are counted, not placed one by one', (t) => {
  // 333,334 nodes of three replicas of 2 and 1 left on each, on which 200,000 of 1 have room.
  t.equal(
    nodesThatHold(
      new Map([
        [2, 1_000_000],
        [1, 200_000],
      ]),
      7,
    ),
    333_334,
  );
  t.end();
});

test('a replica that fits a node alone has a place, whatever other sizes are known', async (t) => {
  // One server may have 3 cards a replica, the other 4; 4 is no multiple of 3, and 6 would fit no node of 4.
  const example = fleetOf({ profiles: [SMALL, LARGE], servers: [{ name: 'a' }] });
  const fleet = {
    ...example,
    accelerators: [
      { name: 'large', type: 'S', cards: 4, costPerHour: 10 },
      { name: 'small', type: 'S', cards: 3, costPerHour: 2 },
    ],
    capacity: { S: { cards: 8, nodes: [{ cards: 4, count: 2 }] } },
  };
  // 25 requests/s take 3 of small, of which two fit the nodes, or 2 of large, which just do.
  const [{ allocations, servedFraction }] = planOf(fleet).servers;
  t.same(
    allocations.map(({ variant, replicas }) => [variant, replicas]),
    [['large', 2]],
  );
  t.equal(servedFraction, 1);
  const uneven = {
    ...fleet,
    capacity: {
      S: {
        cards: 7,
        nodes: [
          { cards: 3, count: 1 },
          { cards: 4, count: 1 },
        ],
      },
    },
  };
  // Both nodes are of use to small; to large neither is then.
  t.same(
    planOf(uneven).servers[0].allocations.map(({ variant, replicas }) => [variant, replicas]),
    [['small', 2]],
  );
});
