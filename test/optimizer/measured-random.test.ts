import fc from 'fast-check';
import { test } from 'tap';
import milp from '../../src/solvers/strategies/milp.ts';
import mixed from '../../src/solvers/strategies/mixed.ts';
import { forAll } from '../support/properties.ts';
import { fleetOf, planOf, sizes } from './measured-fleets.ts';

await milp.load();
await mixed.load();

/** Two sizes or three, rates with gaps. */
const random = fc.record({
  rates: fc.array(fc.tuple(fc.nat(12), fc.nat(12)), { minLength: 2, maxLength: 2 }),
  short: fc.constantFrom(0.25, 0.5, 0.9),
  requestsPerSec: fc.integer({ min: 1, max: 60 }),
  S: fc.nat(12),
  L: fc.nat(12),
  spareReplicas: fc.constantFrom(0, 0, 1),
  maxReplicas: fc.constantFrom(undefined, undefined, 6),
});

test('random histograms: no replica gets more than it can serve, nothing is lost where all is served', async (t) => {
  t.setTimeout(60_000);
  let mixes = 0;
  forAll(
    t,
    'plans',
    random,
    ({ rates: [small, large], short, requestsPerSec, S, L, spareReplicas, maxReplicas }) => {
      const load = { requestsPerSec, sizes: sizes(short) };
      const server = { load, spareReplicas, ...(maxReplicas !== undefined && { maxReplicas }) };
      const fleet = { ...fleetOf(server, { small, large }), capacity: { S, L } };
      const [plan, alone] = [planOf(fleet), planOf(fleet, milp)];
      const [{ allocations, routing, servedFraction }] = plan.servers;
      if (allocations.length > 1) mixes++;
      const isWithin = allocations.every(({ predicted, variant, replicas }) => {
        const [a, b] = variant === 'small' ? small : large;
        if (routing.length === 0) return true;
        const sent = (tokens: number) =>
          routing.find((route) => route.variant === variant && route.inputTokens === tokens)?.fraction ?? 0;
        const busy =
          requestsPerSec * ((short * sent(100)) / (a || 1) + ((1 - short) * sent(1_000)) / (b || 1));
        const servesWhatItGets = (a > 0 || sent(100) === 0) && (b > 0 || sent(1_000) === 0);
        return servesWhatItGets && busy <= replicas + 1e-5 && (!predicted || predicted.status === 'stable');
      });
      const sentOf = (tokens: number) =>
        routing
          .filter((route) => route.inputTokens === tokens)
          .reduce((sum, { fraction }) => sum + fraction, 0);
      const isAll =
        servedFraction < 1 ||
        routing.length === 0 ||
        [100, 1_000].every((tokens) => Math.abs(sentOf(tokens) - 1) < 1e-6);
      const isNoDearer =
        alone.servers[0].servedFraction < 1 ||
        (servedFraction === 1 && plan.solver.objective <= alone.solver.objective + 1e-6);
      return isWithin && isAll && isNoDearer && servedFraction >= alone.servers[0].servedFraction - 1e-6;
    },
  );
  t.ok(mixes > 30, `${mixes} of several variants`);
});
