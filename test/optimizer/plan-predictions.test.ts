import { test } from 'tap';
import { analyze } from '../../src/queueing/analysis.ts';
import queueModel from '../../src/queueing/models/state-dependent.ts';
import type { Fleet } from '../../src/schemas/fleet.ts';
import type { Point } from '../../src/schemas/metrics.ts';
import type { Allocation, Predicted } from '../../src/schemas/server-plan.ts';
import type { Station } from '../../src/schemas/station.ts';
import { forEach, near } from '../support/properties.ts';
import { runsOf, solvers, withDefaults } from './runs.ts';

/** The station that a replica of a plan is, as the fleet describes it. */
function stationOf(fleet: Fleet, name: string, { variant, maxBatchSize }: Allocation): Station {
  const { model, load, maxQueueLength } = fleet.servers.find((server) => server.name === name)!;
  const { profiles } = fleet.models.find((entry) => entry.name === model)!;
  const profile = profiles.find((entry) => (entry.variant ?? entry.accelerator) === variant)!;
  const { inputTokens, outputTokens, cachedInputTokens } = load!;
  return {
    serviceTime: profile.serviceTime!,
    maxBatchSize: maxBatchSize!,
    inputTokens: inputTokens!,
    outputTokens: outputTokens!,
    ...(cachedInputTokens !== undefined && { cachedInputTokens }),
    ...(maxQueueLength !== undefined && { maxQueueLength }),
    ...(profile.maxBatchTokens !== undefined && { maxBatchTokens: profile.maxBatchTokens }),
  };
}

function plannedRate(fleet: Fleet, server: string): number {
  const { load, serviceClass, model } = fleet.servers.find(({ name }) => name === server)!;
  const { targets } = fleet.serviceClasses.find(({ name }) => name === serviceClass)!;
  const { minTokensPerSec = 0 } = targets.find((entry) => entry.model === model)!;
  if (!load?.requestsPerSec || !load.outputTokens) return 0;
  return Math.max(load.requestsPerSec, minTokensPerSec / load.outputTokens);
}

const agrees = (actual: number | null, expected: number | null, what: string) =>
  actual === null || expected === null
    ? near(actual === expected ? 0 : 1, 0, 0, 0, `${what}: ${actual}, ${expected}; their difference`)
    : near(actual, expected, 1e-12, 1e-12, what);

function holds(predicted: Predicted, at: Point, replicas: number): void {
  if (predicted.status !== at.status) throw new Error(`status is ${predicted.status}`);
  agrees(predicted.throughputPerSec, at.throughputPerSec * replicas, 'throughput');
  for (const metric of [
    'ttftMs',
    'itlMs',
    'responseMs',
    'waitMs',
    'lossFraction',
    'utilizationFraction',
  ] as const) {
    agrees(predicted[metric], at[metric], metric);
  }
}

const TARGETED = ['ttftMs', 'itlMs', 'e2eMs'] as const;

for (const solver of solvers.values()) {
  const runs = runsOf(withDefaults(solver));

  test(`${solver.name}: predictions are the queue model's at the planned rate of a replica`, async (t) => {
    let compared = 0;
    let overloaded = 0;
    let mixed = 0;
    forEach(t, 'predictions', runs, ({ fleet, plan: { servers } }) => {
      for (const plan of servers) {
        const rate = plannedRate(fleet, plan.name);
        const kept = plan.reason.code === 'load-unknown' || plan.reason.code === 'model-unknown';
        if (plan.allocations.length === 0 || rate === 0 || kept) continue;
        compared++;
        const points = plan.allocations.map((allocation) => {
          const queue = queueModel.prepare(stationOf(fleet, plan.name, allocation));
          const { replicas, loadFraction, predicted } = allocation;
          const at = analyze(queue, (rate * loadFraction!) / replicas);
          holds(predicted!, at, replicas);
          return { ...at, throughputPerSec: at.throughputPerSec * replicas, weight: loadFraction! };
        });
        const { predicted } = plan;
        const isOverloaded = points.some(({ status }) => status === 'overloaded');
        if (isOverloaded) overloaded++;
        if ((predicted?.status === 'overloaded') !== isOverloaded)
          throw new Error(`status ${predicted?.status}`);
        if (points.length === 1) {
          if (JSON.stringify(plan.allocations[0].predicted) !== JSON.stringify(predicted))
            throw new Error('not the allocation’s');
          continue;
        }
        mixed++;
        const mean = (metric: 'ttftMs' | 'itlMs' | 'waitMs' | 'lossFraction') =>
          points.some((point) => point[metric] === null)
            ? null
            : points.reduce((sum, point) => sum + point.weight * point[metric]!, 0);
        for (const metric of ['ttftMs', 'itlMs', 'waitMs', 'lossFraction'] as const) {
          agrees(predicted![metric], mean(metric), metric);
        }
        const completed = points.reduce((sum, { throughputPerSec }) => sum + throughputPerSec, 0);
        agrees(predicted!.throughputPerSec, completed, 'throughput');
      }
      return true;
    });
    t.ok(compared > 150, `${compared} predictions`);
    t.ok(overloaded > 2, `${overloaded} overloaded`);
    t.ok(mixed > 0 === (solver.name === 'mixed'), `${mixed} of several variants`);
  });

  test(`${solver.name}: margins are targets less predictions, and within targets means none below 0`, async (t) => {
    forEach(t, 'margins', runs, ({ fleet, plan }) => {
      for (const { name, predicted, margins, withinTargets } of plan.servers) {
        const { serviceClass, model } = fleet.servers.find((server) => server.name === name)!;
        const { targets } = fleet.serviceClasses.find((entry) => entry.name === serviceClass)!;
        const target = targets.find((entry) => entry.model === model)!;
        const seen = {
          ttftMs: target.ttftPercentile ? predicted?.ttftAtPercentileMs : predicted?.ttftMs,
          itlMs: target.itlPercentile ? predicted?.itlAtPercentileMs : predicted?.itlMs,
          e2eMs: predicted?.responseMs,
        };
        for (const metric of TARGETED) {
          const value = seen[metric] ?? null;
          agrees(margins[metric], target[metric] && value !== null ? target[metric] - value : null, metric);
        }
        const waitsForEver =
          predicted?.ttftMs === null && (target.ttftMs !== undefined || target.e2eMs !== undefined);
        // A margin may be below 0 by rounding.
        const met = TARGETED.every((metric) => (margins[metric] ?? 0) >= -1e-9 * (target[metric] ?? 0));
        const within = predicted && predicted.status === 'stable' && !waitsForEver && met;
        if (withinTargets !== within) throw new Error(`withinTargets of ${name} is ${withinTargets}`);
      }
      return true;
    });
  });

  test(`${solver.name}: what is served in full under load is stable and loses nothing but by a full room`, async (t) => {
    let checked = 0;
    forEach(t, 'stable', runs, ({ fleet, plan }) =>
      plan.servers.every(({ name, servedFraction, predicted }) => {
        if (servedFraction < 1 || !predicted) return true;
        checked++;
        const { maxQueueLength } = fleet.servers.find((server) => server.name === name)!;
        return (
          predicted.status === 'stable' && (maxQueueLength !== undefined || predicted.lossFraction === 0)
        );
      }),
    );
    t.ok(checked > 100, `${checked} servers`);
  });
}
