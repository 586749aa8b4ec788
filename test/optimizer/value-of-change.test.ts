import { type Test, test } from 'tap';
import type { CurrentAllocation } from '../../src/schemas/fleet.ts';
import { candidatesOf, fleetOf, onlyServer, planOf } from './examples.ts';

// 25 requests/s need 3 replicas on small (6 per hour) or 2 on large (20 per hour).

function valuesAre(t: Test, current: CurrentAllocation[], small: number, large: number) {
  const candidates = candidatesOf(fleetOf({}, { current }));
  t.equal(candidates.small.value.toFixed(9), small.toFixed(9), 'small');
  t.equal(candidates.large.value.toFixed(9), large.toFixed(9), 'large');
}

test('from nothing a candidate is worth 1.1 times its cost', async (t) => {
  valuesAre(t, [], 6.6, 22);
});

test('staying the same is worth 0, moving the difference and a tenth of both costs', async (t) => {
  // 20 − 6 + 0.1·(6 + 20)
  valuesAre(t, [{ variant: 'small', replicas: 3 }], 0, 16.6);
});

test('scaling is worth the difference in cost', async (t) => {
  // Small at 2 replicas costs 4: 6 − 4; 20 − 4 + 0.1·(4 + 20).
  valuesAre(t, [{ variant: 'small', replicas: 2 }], 2, 18.4);
  // Large at 3 replicas costs 30: 6 − 30 + 0.1·(30 + 6); 20 − 30.
  valuesAre(t, [{ variant: 'large', replicas: 3 }], -20.4, -10);
});

test('of several variants that run a tenth of those that stop is added', async (t) => {
  const current = [
    { variant: 'small', replicas: 3 },
    { variant: 'large', replicas: 1 },
  ];
  // They cost 16: 6 − 16 + 0.1·10; 20 − 16 + 0.1·6.
  valuesAre(t, current, -9, 4.6);
});

test('a cost that is posted with what runs counts, not the computed one', async (t) => {
  valuesAre(t, [{ variant: 'small', replicas: 2, costPerHour: 5 }], 1, 17.5);
  valuesAre(t, [{ variant: 'small', replicas: 3, costPerHour: 5 }], 0, 17.5);
});

test('leaving a variant that no profile describes any more costs a tenth of what it costs', async (t) => {
  // 6 − 50 + 0.1·(50 + 6); 20 − 50 + 0.1·(50 + 20)
  valuesAre(t, [{ variant: 'retired', replicas: 1, costPerHour: 50 }], -38.4, -23);
});

test('a variant that is prepared at 0 replicas is not started anew', async (t) => {
  valuesAre(t, [{ variant: 'small', replicas: 0 }], 6, 22);
});

test('what runs moves only where that saves more than the move is priced at', async (t) => {
  const load = { requestsPerSec: 20, inputTokens: 100, outputTokens: 100 };
  const on = (costPerHour: number) =>
    onlyServer(fleetOf({}, { load, current: [{ variant: 'large', replicas: 1, costPerHour }] }));
  // 2 replicas of small cost 4. From 5: 4 − 5 + 0.1·9 = −0.1, from 4.5: 4 − 4.5 + 0.1·8.5 = 0.35; staying is worth 0.
  t.equal(on(5).allocations[0].variant, 'small');
  const stays = on(4.5);
  t.equal(stays.allocations[0].variant, 'large');
  t.equal(stays.change.kind, 'none');
  t.match(stays.reason.text, 'It runs there; moving to small would save');
});

test('stopping is worth what it saves less a tenth', async (t) => {
  const load = { requestsPerSec: 0, inputTokens: 0, outputTokens: 0 };
  const current = [{ variant: 'large', replicas: 2 }];
  const { solver, totals } = planOf(fleetOf({}, { load, current, minReplicas: 0 }));
  // −20 + 0.1·20
  t.equal(solver.objective, -18);
  t.equal(totals.currentCostPerHour, 20);
  t.equal(totals.costPerHour, 0);
});
