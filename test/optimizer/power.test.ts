import { test } from 'tap';
import type { PowerProfile } from '../../src/schemas/accelerator.ts';
import type { Profile } from '../../src/schemas/model.ts';
import { fleetOf, LOAD, planOf, SMALL } from './examples.ts';

const BENT = { idleWatts: 100, fullWatts: 400, midWatts: 300, midUtilizationFraction: 0.4 };

/** Of one replica with 10 requests/s at most, so that the utilization is a tenth of the load. */
function wattsAt(requestsPerSec: number, power: PowerProfile, profile: Partial<Profile> = {}) {
  const fleet = fleetOf(
    { power, profiles: [{ ...SMALL, ...profile }] },
    { load: { ...LOAD, requestsPerSec }, maxReplicas: 1 },
  );
  const { servers, totals } = planOf(fleet);
  return { watts: servers[0].allocations[0].powerWatts, total: totals.powerWatts };
}

test('power is linear from idle to mid and from mid to full', async (t) => {
  for (const [rate, watts] of [
    [2, 200],
    [4, 300],
    [7, 350],
    [10, 400],
    [30, 400],
  ]) {
    t.equal(wattsAt(rate, BENT).watts?.toFixed(9), watts.toFixed(9), `${rate} requests/s`);
  }
  t.equal(wattsAt(0, BENT).watts, 100, 'idle');
});

test('without a middle power is linear; the middle is at one half unless told', async (t) => {
  t.equal(wattsAt(4, { idleWatts: 100, fullWatts: 400 }).watts?.toFixed(9), (220).toFixed(9));
  const { midUtilizationFraction: _, ...half } = BENT;
  t.equal(wattsAt(5, half).watts, 300);
  t.equal(wattsAt(2.5, half).watts, 200);
});

test('power counts every accelerator of every replica', async (t) => {
  t.equal(wattsAt(4, BENT, { acceleratorsPerReplica: 3 }).watts?.toFixed(9), (900).toFixed(9));
  const fleet = fleetOf(
    { power: BENT, profiles: [SMALL] },
    { load: { ...LOAD, requestsPerSec: 12 }, minReplicas: 3 },
  );
  t.equal(planOf(fleet).totals.powerWatts?.toFixed(9), (900).toFixed(9));
});

test('one allocation of unknown power makes the total unknown', async (t) => {
  const servers = [
    { name: 'a' },
    { name: 'b', current: [{ variant: 'large', replicas: 2 }], pinVariant: true },
  ];
  const { servers: plans, totals } = planOf(fleetOf({ power: BENT, servers }));
  t.type(plans[0].allocations[0].powerWatts, 'number');
  t.equal(plans[1].allocations[0].powerWatts, null);
  t.equal(totals.powerWatts, null);
  t.equal(planOf(fleetOf({ servers: [] })).totals.powerWatts, 0);
});
