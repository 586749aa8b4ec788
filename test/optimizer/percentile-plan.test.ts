import fc from 'fast-check';
import { test } from 'tap';
import { optimize } from '../../src/optimizer/optimize.ts';
import queueModel from '../../src/queueing/models/state-dependent.ts';
import type { Fleet, ModelTargets } from '../../src/schemas/fleet.ts';
import type { Plan } from '../../src/schemas/plan.ts';
import milp from '../../src/solvers/strategies/milp.ts';
import { forAll } from '../support/properties.ts';
import { logUniform, uniform } from '../support/stations.ts';
import { factors, uncertain } from '../support/uncertainties.ts';

await milp.load();

const percentiles = fc
  .record({ ttft: fc.boolean(), itl: fc.boolean() })
  .filter(({ ttft, itl }) => ttft || itl);

const profiles = fc.record({
  serviceTime: fc.record({
    alphaMs: uniform(5, 20),
    betaMsPerToken: logUniform(0.005, 0.1),
    gammaMsPerToken2: logUniform(1e-6, 1e-4),
  }),
  maxBatchSize: fc.integer({ min: 4, max: 96 }),
  factor: factors(0.2),
});

/** Two models on two or three kinds of cards, three classes; enough cards for all, or perhaps not. */
const fleets = fc
  .record({
    models: fc.array(fc.array(profiles, { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 2 }),
    costs: fc.array(uniform(1, 30), { minLength: 3, maxLength: 3 }),
    targets: fc.array(fc.record({ ttftMs: logUniform(100, 5_000), itlMs: uniform(15, 80) }), {
      minLength: 3,
      maxLength: 3,
    }),
    loads: fc.array(
      fc.record({
        requestsPerSec: logUniform(0.5, 60),
        inputTokens: fc.integer({ min: 50, max: 2_000 }),
        outputTokens: fc.integer({ min: 10, max: 400 }),
      }),
      { minLength: 4, maxLength: 4 },
    ),
    cards: fc.option(fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 3, maxLength: 3 }), {
      nil: undefined,
    }),
    /** Absent: searched below those of the profiles. */
    batchLimit: fc.option(fc.integer({ min: 4, max: 96 }), { nil: undefined }),
  })
  .map(
    ({ models, costs, targets, loads, cards, batchLimit }): Fleet => ({
      accelerators: costs.map((costPerHour, i) => ({ name: `gpu-${i}`, type: `type-${i}`, costPerHour })),
      ...(cards && { capacity: Object.fromEntries(cards.map((count, i) => [`type-${i}`, count])) }),
      models: models.map((own, i) => ({
        name: `model-${i}`,
        profiles: own.map(({ serviceTime, factor, maxBatchSize }, k) => ({
          accelerator: `gpu-${k}`,
          ...uncertain(serviceTime, factor),
          maxBatchSize,
        })),
      })),
      serviceClasses: targets.map((own, i) => ({
        name: `class-${i}`,
        priority: 1 + (i % 2),
        targets: models.map((_, k) => ({ model: `model-${k}`, ...own })),
      })),
      servers: loads.map((load, i) => ({
        name: `server-${i}`,
        serviceClass: `class-${i % 3}`,
        model: `model-${i % 2}`,
        maxQueueLength: 200,
        ...(batchLimit !== undefined && { maxBatchSize: batchLimit }),
        load,
      })),
    }),
  );

type Which = { readonly ttft: boolean; readonly itl: boolean };

function at(fleet: Fleet, { ttft, itl }: Which, p: number): Fleet {
  const strict = (target: ModelTargets): ModelTargets => ({
    ...target,
    ...(ttft && { ttftPercentile: p }),
    ...(itl && { itlPercentile: p }),
  });
  return {
    ...fleet,
    serviceClasses: fleet.serviceClasses.map((own) => ({ ...own, targets: own.targets.map(strict) })),
  };
}

function plan(fleet: Fleet, confidence?: number): Plan {
  const options = confidence === undefined ? {} : { confidence };
  return optimize(
    fleet,
    { strategy: milp, options: {} },
    { strategy: queueModel, options: {} },
    () => 0,
    options,
  );
}

/** Whether what is asked more of is no easier: what is complete costs no less, and is complete without it as well. */
function isNoEasier(stricter: Plan, looser: Plan): boolean {
  if (stricter.status !== 'complete') return true;
  return looser.status === 'complete' && stricter.totals.costPerHour >= looser.totals.costPerHour - 1e-6;
}

test('a stricter percentile never makes the best plan cheaper', async (t) => {
  let [complete, dearer] = [0, 0];
  forAll(
    t,
    'the cost',
    fc.record({ fleet: fleets, which: percentiles }),
    ({ fleet, which }) => {
      const plans = [0.9, 0.95, 0.99].map((p) => plan(at(fleet, which, p)));
      if (plans[2].status === 'complete') {
        complete++;
        if (plans[2].totals.costPerHour > plans[0].totals.costPerHour) dearer++;
      }
      return isNoEasier(plans[2], plans[1]) && isNoEasier(plans[1], plans[0]);
    },
    150,
  );
  t.ok(
    complete > 40 && dearer > 20,
    `${complete} plans are complete, ${dearer} cost more at p99 than at p90`,
  );
});

test('confidence beside percentiles never makes a plan cheaper, and it holds where the parameters are unfavourable', async (t) => {
  let [complete, dearer, held] = [0, 0, 0];
  forAll(
    t,
    'the cost',
    fc.record({ fleet: fleets, which: percentiles }),
    ({ fleet, which }) => {
      const asked = at(fleet, which, 0.95);
      const [likely, sure] = [plan(asked), plan(asked, 0.9)];
      if (!isNoEasier(sure, likely)) return false;
      if (sure.status !== 'complete') return true;
      complete++;
      if (sure.totals.costPerHour > likely.totals.costPerHour) dearer++;
      // Each server alone, its one variant with the parameters that it was sized with, as though they were known.
      for (const { name, allocations, withinTargets } of sure.servers) {
        const [{ variant, sizedWith, maxBatchSize, replicas }] = allocations;
        if (!sizedWith) continue;
        const server = asked.servers.find((one) => one.name === name)!;
        const { capacity: _, ...unlimited } = asked;
        const again = plan({
          ...unlimited,
          models: asked.models.map((model) => ({
            ...model,
            profiles: [{ accelerator: variant, serviceTime: sizedWith }],
          })),
          servers: [{ ...server, maxBatchSize: maxBatchSize! }],
        });
        const [{ allocations: alone, withinTargets: isWithin }] = again.servers;
        if (!withinTargets || !isWithin || alone[0].replicas !== replicas) return false;
        held++;
      }
      return true;
    },
    150,
  );
  t.ok(complete > 40 && dearer > 20 && held > 100, `${complete} complete, ${dearer} dearer, ${held} held`);
});
