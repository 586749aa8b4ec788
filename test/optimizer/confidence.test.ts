import fc from 'fast-check';
import { test } from 'tap';
import { demandOf } from '../../src/optimizer/candidates.ts';
import { CardLimits } from '../../src/optimizer/card-limits.ts';
import { resolveServers } from '../../src/optimizer/catalog.ts';
import { Sizer } from '../../src/optimizer/sizer.ts';
import queueModel from '../../src/queueing/models/state-dependent.ts';
import { newMetrics } from '../../src/queueing/queue-model.ts';
import { sizeRate } from '../../src/queueing/sizing.ts';
import type { Fleet, Targets } from '../../src/schemas/fleet.ts';
import type { Station } from '../../src/schemas/station.ts';
import { normalDraws } from '../support/normal-draws.ts';
import { forAll, near } from '../support/properties.ts';
import { targetsBetween } from '../support/queues.ts';
import { stations, uniform } from '../support/stations.ts';
import { drawn, type Factor, factors, uncertain } from '../support/uncertainties.ts';

interface Case {
  readonly station: Station;
  readonly factor: Factor;
  readonly targets: Targets;
  readonly isSearched: boolean;
}

/** Stations of any kind with targets that they meet at some rate, and parameters that are more or less sure. */
const cases = (most: number, bounds: Parameters<typeof stations>[0] = {}): fc.Arbitrary<Case> =>
  fc
    .record({
      station: stations(bounds),
      factor: factors(most),
      shares: fc.tuple(uniform(0.05, 0.95), uniform(0.05, 0.95)),
      binds: fc.constantFrom('ttft', 'itl', 'both'),
      isSearched: fc.boolean(),
    })
    .map(({ station, shares, binds, ...rest }) => {
      const { ttftMs, itlMs } = targetsBetween(queueModel.prepare(station), ...shares);
      const targets = { ...(binds !== 'itl' && { ttftMs }), ...(binds !== 'ttft' && { itlMs }) };
      return { station, targets, ...rest };
    });

/** A fleet of one server of which a replica serves a thousandth of the load, more or less. */
function fleetOf({ station, factor, targets, isSearched }: Case): Fleet {
  const { serviceTime, maxBatchSize, maxBatchTokens, maxQueueLength, ...load } = station;
  const { maxRequestsPerSec } = queueModel.prepare(station);
  const profile = {
    accelerator: 'gpu',
    ...uncertain(serviceTime!, factor),
    maxBatchSize,
    ...(maxBatchTokens !== undefined && { maxBatchTokens }),
  };
  return {
    accelerators: [{ name: 'gpu', type: 'gpu', costPerHour: 1 }],
    models: [{ name: 'model', profiles: [profile] }],
    serviceClasses: [{ name: 'class', priority: 1, targets: [{ model: 'model', ...targets }] }],
    servers: [
      {
        name: 'server',
        serviceClass: 'class',
        model: 'model',
        load: { ...load, requestsPerSec: 1_000 * maxRequestsPerSec },
        ...(isSearched ? {} : { maxBatchSize }),
        ...(maxQueueLength !== undefined && { maxQueueLength }),
      },
    ],
  };
}

/** The one candidate of the one server; undefined: the targets are out of reach. */
function candidateOf(fleet: Fleet, confidence?: number) {
  const resolved = resolveServers(fleet);
  const sizer = new Sizer(queueModel, {}, confidence);
  return demandOf(resolved[0], sizer, new CardLimits(fleet, resolved)).candidates[0];
}

const replicasOf = (fleet: Fleet, confidence?: number) =>
  candidateOf(fleet, confidence)?.replicas ?? Number.POSITIVE_INFINITY;

const CONFIDENCES = [0.5, 0.501, 0.55, 0.6, 0.7, 0.8, 0.9, 0.95, 0.96, 0.99, 0.999, 0.9999];

test('more confidence never needs fewer replicas of a variant', async (t) => {
  const claim = (one: Case) => {
    const fleet = fleetOf(one);
    const replicas = CONFIDENCES.map((confidence) => replicasOf(fleet, confidence));
    return replicas.every((count, i) => i === 0 || count >= replicas[i - 1]);
  };
  forAll(t, 'well known parameters', cases(0.05), claim, 1_000);
  forAll(t, 'badly known parameters', cases(1), claim, 1_000);
  forAll(t, 'prefill in one chunk', cases(0.3, { oneChunk: true }), claim, 500);
});

test('confidence 0.5, errors of 0 and no errors are all the same as no confidence', async (t) => {
  forAll(t, 'the same candidate', cases(0.5), (one) => {
    const fleet = fleetOf(one);
    const [{ standardErrors: _, correlations: __, ...exact }] = fleet.models[0].profiles;
    const withProfile = (profile: object): Fleet => ({
      ...fleet,
      models: [{ name: 'model', profiles: [profile as never] }],
    });
    const none = { alphaMs: 0, betaMsPerToken: 0, gammaMsPerToken2: 0 };
    const told = (from: Fleet, confidence?: number) => {
      const candidate = candidateOf(from, confidence);
      return JSON.stringify(candidate && { ...candidate, profile: null, queue: null });
    };
    const plain = told(fleet);
    return (
      told(fleet, 0.5) === plain &&
      told(withProfile({ ...exact, standardErrors: none }), 0.99) === plain &&
      told(withProfile(exact), 0.99) === plain
    );
  });
});

/** Of many fleets as they may truly be, the share that keeps its targets at a rate. */
function shareWithin({ station, factor, targets }: Case, requestsPerSec: number): number {
  const scratch = newMetrics();
  const within = normalDraws(600, 3).filter((draws) => {
    const serviceTime = drawn(station.serviceTime!, factor, draws);
    const sized = sizeRate(queueModel.prepare({ ...station, serviceTime }), targets, scratch);
    return sized.feasible && sized.requestsPerSec >= requestsPerSec;
  });
  return within.length / 600;
}

test('at the rate that is sized for with confidence, as many of the fleets that there may be keep a target', async (t) => {
  const alone = cases(0.1, { batch: [8, 64], oneChunk: true }).map((one) => {
    const { ttftMs, itlMs } = one.targets;
    return { ...one, isSearched: false, targets: ttftMs === undefined ? { itlMs: itlMs! } : { ttftMs } };
  });
  let sized = 0;
  forAll(
    t,
    'the share is the confidence',
    alone,
    (one) => {
      const { queue, ratePerReplica, binding, sizedWith } = candidateOf(fleetOf(one), 0.9) ?? {};
      // Of completions the rate cannot be told where requests are lost.
      if (!queue || !sizedWith || binding === 'stability' || one.station.maxQueueLength !== undefined)
        return true;
      sized++;
      near(shareWithin(one, ratePerReplica!), 0.9, 0, 0.06, 'share');
      return true;
    },
    300,
  );
  t.ok(sized > 30, `${sized} of them`);
});
