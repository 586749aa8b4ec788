import { test } from 'tap';
import { simulate } from '../../src/simulator/simulator.ts';
import { near } from '../support/properties.ts';
import { replicaKind, simulationOf } from '../support/simulations.ts';
import { ONE_AT_A_TIME } from '../support/single-server.ts';

test('the empty start is left out of throughput and requests in service, which intervals tell', async (t) => {
  // One request every 10 ms, each in service for 2001 ms: 200.1 of them after as many ms, none before. Half of the first 2 of 40 s would be missing.
  const run = simulate(
    simulationOf(replicaKind({}), {
      arrivals: { kind: 'constant' },
      requestsPerSec: 100,
      lengths: { kind: 'constant' },
      means: { inputTokens: 0, outputTokens: 2000 },
      budget: { requests: 4000, ms: Number.POSITIVE_INFINITY },
    }),
  );
  t.doesNotThrow(() => near(run.inService, 200.1, 1e-9, 0, 'in service'));
  t.doesNotThrow(() => near(run.throughputPerSec, 100, 1e-9, 0, 'throughput'));
  t.ok(run.halfWidths.inService < 1e-6 && run.halfWidths.throughputPerSec < 1e-6);
  t.same(
    [run.lossFraction, run.halfWidths.lossFraction],
    [0, Number.NaN],
    'none lost: how many may be, it cannot tell',
  );
  const short = simulate(
    simulationOf(ONE_AT_A_TIME, { requestsPerSec: 10, budget: { requests: 100, ms: 1e9 } }),
  );
  t.ok(Object.values(short.halfWidths).every(Number.isNaN), 'too short for intervals');
  t.doesNotThrow(() =>
    near(short.throughputPerSec, (1000 * short.completions) / short.simulatedMs, 1e-12, 0, 'all'),
  );
});

// Utilization of M/G/1 is rate times service, losses of a single server without a line 1 - 1 / (1 + rate · service), whatever the lengths.
test('intervals of throughput, requests in service and losses contain the truth as often as they say', async (t) => {
  const SEEDS = 200;
  const service = 11;
  const covered = (maxQueueLength: number, utilization: number) => {
    const load = utilization / (1 + (maxQueueLength === 0 ? utilization : 0));
    const count = { throughputPerSec: 0, inService: 0, lossFraction: 0 };
    const truth = {
      throughputPerSec: (1000 * load) / service,
      inService: load,
      lossFraction: 1 - load / utilization,
    };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = simulate(
        simulationOf(replicaKind({ maxBatchSize: 1, maxQueueLength }), {
          seed,
          requestsPerSec: (1000 * utilization) / service,
          budget: { requests: 6_000, ms: Number.POSITIVE_INFINITY },
        }),
      );
      for (const name of ['throughputPerSec', 'inService', 'lossFraction'] as const)
        if (Math.abs(run[name] - truth[name]) <= run.halfWidths[name]) count[name]++;
    }
    return count;
  };
  // Of 200 that cover at 95 %, fewer than 180 do with a probability of 0.2 %.
  const queue = covered(Number.POSITIVE_INFINITY, 0.7);
  t.ok(queue.throughputPerSec >= 180 && queue.inService >= 180, JSON.stringify(queue));
  const loss = covered(0, 0.5);
  t.ok(
    Object.values(loss).every((count) => count >= 180),
    JSON.stringify(loss),
  );
});
