import { test } from 'tap';
import type { TracedRequest } from '../../src/schemas/simulation-process.ts';
import { type Simulation, simulate } from '../../src/simulator/simulator.ts';
import { near } from '../support/properties.ts';
import { seeded } from '../support/random.ts';
import { replicaKind, simulationOf } from '../support/simulations.ts';

const REAL = { alphaMs: 8, betaMsPerToken: 0.03, gammaMsPerToken2: 2e-5 };
const KIND = replicaKind({ maxBatchSize: 8, maxQueueLength: 20 }, REAL);
const TRACE: TracedRequest[] = (() => {
  const { uniform } = seeded(2);
  let atSec = 0;
  return Array.from({ length: 3000 }, () => {
    atSec -= 0.036 * Math.log1p(-uniform());
    const inputTokens = Math.floor(900 * uniform());
    return { atSec, inputTokens, outputTokens: 1 + Math.floor(200 * uniform()) };
  });
})();
const OF_TRACE: Simulation = simulationOf(KIND, {
  replicas: [{ kind: KIND, replicas: 3 }],
  arrivals: { kind: 'trace', requests: TRACE },
  requestsPerSec: 0,
});

test('a trace is seen to its end: what came is completed or lost, and the batch obeys Little', async (t) => {
  const run = simulate(OF_TRACE);
  t.equal(run.stoppedBecause, 'end-of-arrivals');
  t.equal(run.arrivals, 3000);
  t.equal(run.completions + run.losses, 3000);
  t.ok(run.losses > 30, `${run.losses} lost`);
  t.equal(run.requests, run.completions, 'all count');
  const inServiceMs = run.responseMs.mean - run.waitMs.mean - run.residualMs.mean;
  t.doesNotThrow(() => near(run.inService, (run.throughputPerSec / 1000) * inServiceMs, 1e-9, 0, 'Little'));
  t.doesNotThrow(() => near(run.lossFraction, run.losses / 3000, 1e-12, 0, 'losses'));
  t.ok(Number.isNaN(run.ttftMs.halfWidth), 'no interval of what is no steady state');
  const { stepMs, inService, places } = run.overTime;
  t.equal(inService.length, Math.ceil(run.simulatedMs / stepMs));
  t.ok(places.every((level) => Math.abs(level - 24) < 1e-6));
  t.ok(inService.every((level) => level >= 0 && level <= 24 + 1e-6));
});

test('in a steady state requests in service are the throughput times the time in service', async (t) => {
  const given = { requestsPerSec: 6, means: { inputTokens: 300, outputTokens: 100 } };
  const run = simulate(simulationOf(KIND, { ...given, budget: { requests: 20_000, ms: 1e12 } }));
  const present = run.arrivals - run.completions - run.losses;
  t.ok(present >= 0 && present <= 28, `${present} are left`);
  const inServiceMs = run.responseMs.mean - run.waitMs.mean - run.residualMs.mean;
  // The start, which the latencies leave out, is an eighth of the run; it ends with some under way.
  t.doesNotThrow(() => near(run.inService, (run.throughputPerSec / 1000) * inServiceMs, 0.01, 0, 'Little'));
});

test('the same simulation gives the same bytes, another seed others', async (t) => {
  const bytes = (given: Partial<Simulation>) =>
    JSON.stringify(
      simulate(
        simulationOf(KIND, { ...given, requestsPerSec: 6, means: { inputTokens: 300, outputTokens: 100 } }),
      ),
    );
  t.equal(bytes({ seed: 3 }), bytes({ seed: 3 }));
  t.not(bytes({ seed: 3 }), bytes({ seed: 4 }));
  t.equal(JSON.stringify(simulate(OF_TRACE)), JSON.stringify(simulate(OF_TRACE)));
});

test('other arrivals leave the sizes as they are, other sizes the arrivals, and another balancer both', async (t) => {
  // So few arrivals that each is alone: the response is 1 ms and one for each token.
  const alone = (given: Partial<Simulation>) =>
    simulate(
      simulationOf(replicaKind({}), { requestsPerSec: 1e-4, budget: { requests: 500, ms: 1e12 }, ...given }),
    );
  const plain = alone({});
  const sizes = ({ responseMs: { mean, p50, p99 } }: typeof plain) =>
    [mean, p50, p99].map((ms) => Math.round(1e3 * ms));
  for (const arrivals of [{ kind: 'gamma', cv: 0.5 }, { kind: 'constant' }] as const) {
    const other = alone({ arrivals });
    t.same(sizes(other), sizes(plain), arrivals.kind);
    t.not(other.simulatedMs, plain.simulatedMs);
  }
  const longer = alone({
    lengths: { kind: 'lognormal', cv: 2 },
    means: { inputTokens: 5, outputTokens: 30 },
  });
  t.equal(longer.simulatedMs, plain.simulatedMs);
  t.notSame(sizes(longer), sizes(plain));
  // Prompts of so many chunks, each an iteration, make the TTFT, outputs the rest.
  const chunked = (lengths: Simulation['lengths']) =>
    simulate(
      simulationOf(replicaKind({ maxBatchTokens: 16 }), {
        ...{ requestsPerSec: 1e-4, budget: { requests: 500, ms: 1e12 }, lengths },
        means: { inputTokens: 300, outputTokens: 30 },
      }),
    );
  const exponential = { kind: 'exponential' } as const;
  const [both, otherOutputs] = [
    chunked(exponential),
    chunked({ input: exponential, output: { kind: 'constant' } }),
  ];
  t.same(otherOutputs.ttftMs, both.ttftMs, 'other outputs leave the prompts as they are');
  t.not(otherOutputs.responseMs.p50, both.responseMs.p50);
  const replicas = [{ kind: replicaKind({}), replicas: 3 }];
  for (const balancer of ['random', 'round-robin'] as const) {
    const other = alone({ balancer, replicas });
    t.same([other.simulatedMs, ...sizes(other)], [plain.simulatedMs, ...sizes(plain)], balancer);
  }
});

test('a run ends when its intervals are narrow, else when its budget is spent', async (t) => {
  const long = { requestsPerSec: 5, means: { inputTokens: 300, outputTokens: 100 } };
  const budget = { requests: 200_000, ms: 1e12 };
  const narrow = simulate(simulationOf(KIND, { ...long, budget, precisionFraction: 0.08 }));
  t.equal(narrow.stoppedBecause, 'interval');
  t.ok(narrow.completions >= 2000 && narrow.arrivals < budget.requests, `${narrow.arrivals} arrivals`);
  for (const { mean, halfWidth } of [narrow.ttftMs, narrow.itlMs]) t.ok(halfWidth <= 0.08 * mean);
  const spent = simulate(simulationOf(KIND, { ...long, budget: { requests: 1e6, ms: 60_000 } }));
  t.equal(spent.stoppedBecause, 'budget');
  t.ok(spent.simulatedMs <= 60_000 && spent.arrivals > 200);
});

test('an overloaded replica is told from a busy one, whatever the length of the run', async (t) => {
  const kind = replicaKind({ maxBatchSize: 4 });
  // A request takes 11 ms, so that four places serve 364 a second.
  for (const requests of [3000, 4097, 6001, 8191]) {
    const at = (share: number) =>
      simulate(simulationOf(kind, { requestsPerSec: (share * 4000) / 11, budget: { requests, ms: 1e12 } }));
    t.notOk(at(0.9).isOverloaded, `${requests} at 0.9`);
    t.ok(at(1.15).isOverloaded, `${requests} at 1.15`);
    t.ok(at(3).isOverloaded, `${requests} at 3`);
  }
});

test('replicas that start, drain and stop at their times change places and losses', async (t) => {
  const kind = replicaKind({ maxBatchSize: 2 });
  const change = (atMs: number, action: 'start' | 'drain' | 'stop', replicas = 1) => ({
    atMs,
    action,
    kind,
    replicas,
  });
  const run = simulate(
    simulationOf(kind, {
      requestsPerSec: 50,
      arrivals: {
        kind: 'rates',
        rates: [
          { fromSec: 0, requestsPerSec: 50 },
          { fromSec: 40, requestsPerSec: 0 },
        ],
      },
      changes: [change(10_000, 'start', 2), change(20_000, 'drain', 2), change(30_000, 'stop')],
    }),
  );
  t.equal(run.stoppedBecause, 'end-of-arrivals');
  t.equal(run.completions + run.losses, run.arrivals);
  // From 30 s to 40 s there is nothing: about 500 arrivals, four standard deviations either way, and at most two in service.
  t.ok(Math.abs(run.losses - 500) < 4 * Math.sqrt(500) + 2, `${run.losses} losses`);
  const { stepMs, places } = run.overTime;
  t.equal(stepMs, 1000);
  t.same(
    [5, 15, 25, 35].map((sec) => Math.round(100 * places[sec]) / 100),
    [2, 6, 2, 0],
  );
});
