import { test } from 'tap';
import { type Driven, drive } from '../support/driven-replica.ts';
import { type PlainRun, plainSimulation } from '../support/plain-simulation.ts';
import { forAll, near } from '../support/properties.ts';
import { type Workload, workloads } from '../support/workloads.ts';

const TIMES = ['admittedMs', 'firstTokenMs', 'lastTokenMs', 'residualMs'] as const;

/** Times are sums of the durations of iterations; where two moments are to be the same, rounding must not part them: none is near. */
function agree({ replica, requests }: Workload, driven: Driven, plain: PlainRun): undefined {
  for (const [i, fate] of plain.fates.entries()) {
    const request = driven.requests[i];
    if (driven.isTaken[i] === fate.isLost) throw new Error(`request ${i} of ${requests.length}: lost or not`);
    if (fate.isLost) continue;
    near(request.preemptions, fate.preemptions, 0, 0, `preemptions of ${i}`);
    for (const time of TIMES) near(request[time], fate[time], 1e-12, 1e-9, `${time} of ${i}`);
  }
  near(driven.iterations.length, plain.iterations, 0, 0, 'iterations');
  return near(
    driven.completed.length,
    plain.fates.filter(({ isLost }) => !isLost).length,
    0,
    0,
    `completions with N = ${replica.maxBatchSize}`,
  );
}

function drivenOf({ replica, requests }: Workload): Driven {
  return drive(requests, { limits: replica, ...replica });
}

test('each request gets its tokens when the plain simulation says', async (t) => {
  const seen = { preempted: 0, preemptedTwice: 0, lost: 0, chunked: 0, partWritten: 0 };
  forAll(
    t,
    'every time of every request',
    workloads,
    (workload) => {
      const plain = plainSimulation(workload.requests, workload.replica);
      const driven = drivenOf(workload);
      if (driven.preempted.length > 0) seen.preempted++;
      if (driven.requests.some(({ preemptions }) => preemptions > 1)) seen.preemptedTwice++;
      if (driven.requests.some(({ writtenTokens }) => writtenTokens > 0)) seen.partWritten++;
      if (plain.fates.some(({ isLost }) => isLost)) seen.lost++;
      if (workload.requests.some(({ inputTokens }) => inputTokens > workload.replica.maxBatchTokens))
        seen.chunked++;
      return agree(workload, driven, plain);
    },
    3000,
  );
  for (const [what, times] of Object.entries(seen)) t.ok(times > 200, `${what} in ${times} workloads`);
});

test('arrivals at the very moment at which an iteration ends join the next one', async (t) => {
  // Whole times: α alone, so that ends of iterations and arrivals fall together all the time.
  const whole = workloads.map(({ replica, requests }) => ({
    replica: { ...replica, alphaMs: 1, betaMsPerToken: 0, gammaMsPerToken2: 0, prefillMsPerToken2: 0 },
    requests: requests.map((request) => ({ ...request, arrivalMs: Math.floor(request.arrivalMs) })),
  }));
  forAll(
    t,
    'every time of every request',
    whole,
    (workload) => agree(workload, drivenOf(workload), plainSimulation(workload.requests, workload.replica)),
    1000,
  );
});
